package dev.peerdiscovery.tests.trouble;

import io.grpc.netty.shaded.io.netty.bootstrap.Bootstrap;
import io.grpc.netty.shaded.io.netty.bootstrap.ServerBootstrap;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelException;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.ChannelInitializer;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy of this machine that cuts its connections when it is told to, as a cable that is
 * pulled or a proxy that has had enough: both ends see a reset. It can also hold everything back.
 * Thread-safe; runs on the given event loop.
 */
public final class CuttingProxy implements AutoCloseable {
  private final EventLoopGroup loop;
  private final int targetPort;
  private final Channel listening;
  private final Set<Channel> open = ConcurrentHashMap.newKeySet();
  private volatile boolean held;

  /** Listens on a free port of 127.0.0.1 and hands on to another one. */
  public CuttingProxy(EventLoopGroup loop, int targetPort) throws InterruptedException {
    this.loop = loop;
    this.targetPort = targetPort;
    this.listening =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new Pump(null));
                  }
                })
            .bind(new InetSocketAddress("127.0.0.1", 0))
            .sync()
            .channel();
  }

  /** Where it listens. */
  public int port() {
    return ((InetSocketAddress) listening.localAddress()).getPort();
  }

  /** Where it leads to. */
  int targetPort() {
    return targetPort;
  }

  /** Cuts every connection there is. */
  public void cut() {
    open.forEach(CuttingProxy::reset);
  }

  /** Cuts every second connection there is. */
  void cutEverySecond() {
    boolean isNext = true;
    for (Channel channel : open) {
      if (isNext) {
        reset(channel);
      }
      isNext = !isNext;
    }
  }

  private static void reset(Channel channel) {
    try {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
    } catch (ChannelException e) {
      // The other end has closed it meanwhile.
    }
    channel.close();
  }

  /** From now on nothing passes, though connections stay. */
  public void hold() {
    held = true;
  }

  /** What was held back passes. */
  public void release() {
    held = false;
    open.forEach(Channel::read);
  }

  @Override
  public void close() throws InterruptedException {
    listening.close().sync();
    cut();
  }

  /** Hands on what one end says to the other, as fast as that takes it. */
  private final class Pump extends ChannelInboundHandlerAdapter {
    private @Nullable Channel to;

    Pump(@Nullable Channel to) {
      this.to = to;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      Channel from = context.channel();
      open.add(from);
      if (to != null) {
        readUnlessHeld(from);
        readUnlessHeld(to);
        return;
      }
      ChannelFuture connecting =
          new Bootstrap()
              .group(loop)
              .channel(NioSocketChannel.class)
              .option(ChannelOption.AUTO_READ, false)
              .handler(new Pump(from))
              .connect(new InetSocketAddress("127.0.0.1", targetPort));
      to = connecting.channel();
      connecting.addListener(
          done -> {
            if (!done.isSuccess()) {
              reset(from);
            }
          });
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      Channel onward = to;
      if (onward == null || !onward.isActive()) {
        ReferenceCountUtil.release(message);
        reset(context.channel());
        return;
      }
      onward
          .writeAndFlush((ByteBuf) message)
          .addListener(
              done -> {
                if (done.isSuccess()) {
                  readUnlessHeld(context.channel());
                } else {
                  reset(context.channel());
                }
              });
    }

    private void readUnlessHeld(Channel channel) {
      if (!held) {
        channel.read();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      open.remove(context.channel());
      if (to != null) {
        to.close();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
