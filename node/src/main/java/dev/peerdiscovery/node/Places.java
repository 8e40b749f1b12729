package dev.peerdiscovery.node;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * So many calls at once. Thread-safe: nothing is counted wrongly, but who asks {@link #isFull} and
 * then takes a place may find that others did so meanwhile; there are never more of them than the
 * threads of a server.
 */
final class Places {
  private final int most;
  private final AtomicInteger taken = new AtomicInteger();

  Places(int most) {
    this.most = most;
  }

  /** Whether one more would be too many. */
  boolean isFull() {
    return taken.get() >= most;
  }

  /** Whether there are twice as many already. */
  boolean isCrowded() {
    return taken.get() >= 2 * most;
  }

  /** Takes one, which may be more than there are; owed one {@link #giveBack}. */
  void take() {
    taken.incrementAndGet();
  }

  void giveBack() {
    taken.decrementAndGet();
  }

  int taken() {
    return taken.get();
  }
}
