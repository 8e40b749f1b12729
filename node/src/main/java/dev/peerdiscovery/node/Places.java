package dev.peerdiscovery.node;

import java.util.concurrent.atomic.AtomicInteger;

/** So many calls at once, and how many there are. Thread-safe. */
final class Places {
  private final int most;
  private final AtomicInteger taken = new AtomicInteger();

  Places(int most) {
    this.most = most;
  }

  /** Whether more are taken than there are. */
  boolean isOver() {
    return taken.get() > most;
  }

  /** Whether more than twice as many are. */
  boolean isCrowded() {
    return taken.get() > 2 * most;
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
