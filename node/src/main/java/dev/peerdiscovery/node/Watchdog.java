package dev.peerdiscovery.node;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Looks from time to time whether the engine's owner still takes turns, and says when it does not:
 * because code that should not block does so in a turn, or because the host's threads are gone or
 * busy. It counts looks, not time, so a process that was suspended is not taken for one that is
 * stuck. Thread-safe.
 */
final class Watchdog {
  /** How often it looks. */
  static final Duration EVERY = Duration.ofSeconds(5);

  /** So many looks in a row without a turn, and the owner is stuck: 10 to 15 s. */
  static final int PATIENCE = 2;

  private final LongSupplier turns;
  private final Runnable probe;
  private final Consumer<Boolean> alive;
  private long lastTurns = -1;
  private int missed;
  private boolean stopped;

  /**
   * A watchdog that does not look yet.
   *
   * @param turns how many turns the owner has taken
   * @param probe has the owner take one
   * @param alive is told when the owner gets stuck (false), and when it takes turns again (true)
   */
  Watchdog(LongSupplier turns, Runnable probe, Consumer<Boolean> alive) {
    this.turns = turns;
    this.probe = probe;
    this.alive = alive;
  }

  /** Looks from now on, this often. */
  void begin(Duration every) {
    // Threads of its own: those of the node are what it doubts.
    Executor later =
        CompletableFuture.delayedExecutor(every.toNanos(), TimeUnit.NANOSECONDS, Callbacks.THREADS);
    later.execute(
        () -> {
          if (look()) {
            begin(every);
          }
        });
  }

  /**
   * Looks once.
   *
   * @return whether it goes on
   */
  synchronized boolean look() {
    if (stopped) {
      return false;
    }
    long now = turns.getAsLong();
    if (now == lastTurns) {
      missed++;
      if (missed == PATIENCE) {
        alive.accept(false);
      }
      return true;
    }
    lastTurns = now;
    if (missed >= PATIENCE) {
      alive.accept(true);
    }
    missed = 0;
    probe.run();
    return true;
  }

  /** Looks no more. */
  synchronized void stop() {
    stopped = true;
  }
}
