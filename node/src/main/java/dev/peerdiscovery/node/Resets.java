package dev.peerdiscovery.node;

import java.util.Locale;

/**
 * The streams that one stranger's connection has reset: within a window so many, and one more cuts
 * it off. gRPC has such a limit, too, but one for all connections of a server, so that an
 * application that cancels calls would lose its leases by it. Thread-safe.
 */
final class Resets {
  private final int most;
  private final Accepted connection;
  private int resets;
  private long firstNanos;

  Resets(int most, Accepted connection) {
    this.most = most;
    this.connection = connection;
  }

  /** One more. */
  void add(long nowNanos) {
    if (isOneTooMany(nowNanos)) {
      connection.cutOff(
          String.format(
              Locale.ROOT,
              "too many streams of one connection reset within %d s: at most %d",
              Limits.RESET_WINDOW.toSeconds(),
              most));
    }
  }

  private synchronized boolean isOneTooMany(long nowNanos) {
    if (resets == 0 || nowNanos - firstNanos > Limits.RESET_WINDOW.toNanos()) {
      resets = 0;
      firstNanos = nowNanos;
    }
    resets++;
    // Told once; those that are still on their way after it change nothing.
    return resets == most + 1;
  }
}
