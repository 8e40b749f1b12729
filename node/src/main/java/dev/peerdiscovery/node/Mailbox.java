package dev.peerdiscovery.node;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * Bounds what waits to be told to one owner. What is put in beyond the bound is dropped, and what
 * the owner takes no more makes room again. Thread-safe, without a lock.
 */
final class Mailbox {
  /** What came of putting something in. */
  enum Put {
    /** The owner is told, or will be. */
    TAKEN,
    /** Too much waits already. */
    DROPPED,
    /** The owner takes nothing any more. */
    OWNER_GONE
  }

  private final int max;
  private final AtomicInteger waiting = new AtomicInteger();

  Mailbox(int max) {
    this.max = max;
  }

  /**
   * Puts something in for the owner.
   *
   * @param owner runs what it is given, soon or at once; false when it does not
   * @return what came of it
   */
  Put put(Runnable input, Predicate<Runnable> owner) {
    if (waiting.incrementAndGet() > max) {
      waiting.decrementAndGet();
      return Put.DROPPED;
    }
    boolean taken =
        owner.test(
            () -> {
              waiting.decrementAndGet();
              input.run();
            });
    if (!taken) {
      waiting.decrementAndGet();
    }
    return taken ? Put.TAKEN : Put.OWNER_GONE;
  }

  /** How much waits. */
  int waiting() {
    return waiting.get();
  }
}
