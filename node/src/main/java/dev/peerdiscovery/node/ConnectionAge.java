package dev.peerdiscovery.node;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.util.concurrent.Future;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Closes connections of strangers when they are old, so that they spread anew over nodes and none
 * holds its place for ever. gRPC has that, too, but for all connections of a server, and those of
 * applications hold their leases. For one thread, the one that accepts.
 */
final class ConnectionAge {
  /** Connections that were opened together do not all come back together. */
  private static final double JITTER = 0.1;

  private final Duration age;
  private final Duration grace;
  private final Predicate<@Nullable SocketAddress> isStranger;
  private final RandomGenerator random;

  /**
   * What a listener's connections may come to.
   *
   * @param age give or take a tenth
   * @param grace then, for calls under way
   * @param isStranger whether it holds for the connection whose other end is there
   */
  ConnectionAge(
      Duration age,
      Duration grace,
      Predicate<@Nullable SocketAddress> isStranger,
      RandomGenerator random) {
    this.age = age;
    this.grace = grace;
    this.isStranger = isStranger;
    this.random = random;
  }

  /** A connection was accepted, and has been given its thread. */
  void begin(Channel connection) {
    if (connection.isOpen() && isStranger.test(connection.remoteAddress())) {
      after(connection, ageNanos(), () -> end(connection));
    }
  }

  /** A tenth more or less than the age. */
  long ageNanos() {
    return (long) (age.toNanos() * (1 + JITTER * (2 * random.nextDouble() - 1)));
  }

  /** Tells the other end to open no more calls, as gRPC does it, and waits for those under way. */
  private void end(Channel connection) {
    connection.close();
    after(connection, grace.toNanos(), () -> AcceptedChannel.closeNow(connection));
  }

  private static void after(Channel connection, long nanos, Runnable task) {
    Future<?> timer = connection.eventLoop().schedule(task, nanos, TimeUnit.NANOSECONDS);
    connection.closeFuture().addListener(closed -> timer.cancel(false));
  }
}
