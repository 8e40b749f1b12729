package dev.peerdiscovery.tests.trouble;

import io.grpc.netty.shaded.io.netty.bootstrap.ServerBootstrap;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;

/** Where an instance takes connections, which is all that a check by TCP asks of it. */
final class Door implements AutoCloseable {
  private final EventLoopGroup loop;
  private final int port;
  private volatile Channel listening;

  /** Opens on a free port of 127.0.0.1. */
  Door(EventLoopGroup loop) throws InterruptedException {
    this.loop = loop;
    this.listening = listen(0).sync().channel();
    this.port = ((InetSocketAddress) listening.localAddress()).getPort();
  }

  private ChannelFuture listen(int at) {
    return new ServerBootstrap()
        .group(loop)
        .channel(NioServerSocketChannel.class)
        .childHandler(new Ignoring())
        .bind(new InetSocketAddress("127.0.0.1", at));
  }

  /** Reads until the caller goes. */
  private static final class Ignoring extends ChannelInboundHandlerAdapter {
    @Override
    public boolean isSharable() {
      return true;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ReferenceCountUtil.release(message);
    }
  }

  int port() {
    return port;
  }

  /** Takes connections again at the same port; false when something else has that now. */
  boolean openAgain() throws InterruptedException {
    ChannelFuture bound = listen(port).await();
    listening = bound.channel();
    return bound.isSuccess();
  }

  @Override
  public void close() throws InterruptedException {
    listening.close().sync();
  }
}
