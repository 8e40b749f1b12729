package dev.peerdiscovery.tests.trouble;

import io.grpc.netty.shaded.io.netty.bootstrap.ServerBootstrap;
import io.grpc.netty.shaded.io.netty.channel.Channel;
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
    this.listening = listen(0);
    this.port = ((InetSocketAddress) listening.localAddress()).getPort();
  }

  private Channel listen(int at) throws InterruptedException {
    return new ServerBootstrap()
        .group(loop)
        .channel(NioServerSocketChannel.class)
        .childHandler(new Ignoring())
        .bind(new InetSocketAddress("127.0.0.1", at))
        .sync()
        .channel();
  }

  /** Reads until the caller goes. */
  private static final class Ignoring extends ChannelInboundHandlerAdapter {
    @Override
    public boolean isSharable() {
      return true;
    }

    @Override
    public void channelRead(
        io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext context, Object message) {
      ReferenceCountUtil.release(message);
    }
  }

  int port() {
    return port;
  }

  /** Takes connections again at the same port; fails when something else has taken that. */
  void openAgain() throws InterruptedException {
    listening = listen(port);
  }

  @Override
  public void close() throws InterruptedException {
    listening.close().sync();
  }
}
