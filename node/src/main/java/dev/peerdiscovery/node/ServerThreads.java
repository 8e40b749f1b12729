package dev.peerdiscovery.node;

import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.IoHandlerFactory;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The threads on which all servers of this process accept connections and read them, and a say in
 * which connections they accept. Servers of gRPC have such threads of their own, but they let
 * nobody see a connection before its handshake is over; whoever wants to has to bring all of it
 * ({@code docs/decisions/0029}).
 */
final class ServerThreads implements AutoCloseable {
  private static final boolean HAS_EPOLL = Epoll.isAvailable();

  private static int users;
  private static @Nullable ServerThreads shared;

  private final EventLoopGroup accepting = group("peer-accept", 1);

  /** As many as gRPC has, which is twice as many as there are processors. */
  private final EventLoopGroup reading = group("peer-read", 0);

  private ServerThreads() {}

  /** Those of this process, begun for the first who takes them; owed one {@link #close}. */
  static synchronized ServerThreads take() {
    users++;
    if (shared == null) {
      shared = new ServerThreads();
    }
    return shared;
  }

  private static EventLoopGroup group(String name, int threads) {
    IoHandlerFactory handler = HAS_EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), handler);
  }

  /** Has a server use them. */
  void serve(NettyServerBuilder server, HalfOpen halfOpen, ConnectionAge age) {
    server
        .bossEventLoopGroup(accepting)
        .workerEventLoopGroup(reading)
        .channelFactory(
            () -> {
              ServerChannel listener =
                  HAS_EPOLL ? new EpollServerSocketChannel() : new NioServerSocketChannel();
              listener.pipeline().addLast(new Door(halfOpen, age));
              return listener;
            });
  }

  /** Sees each connection before anything is made for it. */
  private static final class Door extends ChannelInboundHandlerAdapter {
    private final HalfOpen halfOpen;
    private final ConnectionAge age;

    Door(HalfOpen halfOpen, ConnectionAge age) {
      this.halfOpen = halfOpen;
      this.age = age;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      Channel connection = (Channel) message;
      if (halfOpen.accepted(connection.remoteAddress(), new AcceptedChannel(connection))) {
        connection.closeFuture().addListener(closed -> halfOpen.ended(connection.remoteAddress()));
        context.fireChannelRead(message);
        age.begin(connection);
      }
    }
  }

  /** The last one who does so ends them. */
  @Override
  public void close() {
    synchronized (ServerThreads.class) {
      users--;
      if (users > 0) {
        return;
      }
      shared = null;
    }
    accepting.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    reading.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
