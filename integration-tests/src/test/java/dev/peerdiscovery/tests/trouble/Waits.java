package dev.peerdiscovery.tests.trouble;

import dev.peerdiscovery.client.PeerException;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.Refusal;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * What is being waited for at one client. All of it has to end at once when the client is closed,
 * and a blocking call when its thread is interrupted. Thread-safe.
 */
final class Waits {
  private static final Duration AT_ONCE = Duration.ZERO;

  private final Surroundings around;
  private final Set<Patience.Act> underWay = new HashSet<>();
  private boolean closed;

  Waits(Surroundings around) {
    this.around = around;
  }

  /**
   * Makes a blocking call; nothing when it fails.
   *
   * @param interruptMillis when to interrupt it; never when it is negative
   */
  <T> Optional<T> blocking(String kind, Duration bound, int interruptMillis, Supplier<T> call) {
    Patience.Act act = begin(around.patience().blocking(kind, bound));
    if (interruptMillis >= 0) {
      around.timer().schedule(() -> act.interrupt(AT_ONCE), interruptMillis, TimeUnit.MILLISECONDS);
    }
    try {
      T answer = call.get();
      act.ended("ok");
      return Optional.of(answer);
    } catch (RuntimeException e) {
      String outcome = outcome(e);
      act.ended(outcome);
      if (act.wasInterrupted()
          && outcome.contains("CANCELLED")
          && !Thread.currentThread().isInterrupted()) {
        around.violations().add("interrupt", kind + " swallowed an interrupt, and threw " + e);
      }
      return Optional.empty();
    } finally {
      end(act);
      // For what this thread does next.
      Thread.interrupted();
    }
  }

  /** Waits for a future, without a thread. */
  void promised(String kind, Duration bound, CompletableFuture<?> future) {
    Patience.Act act = begin(around.patience().promised(kind, bound));
    future.whenComplete(
        (ok, error) -> {
          act.ended(error == null ? "ok" : outcome(error));
          end(act);
        });
  }

  private synchronized Patience.Act begin(Patience.Act act) {
    underWay.add(act);
    if (closed) {
      act.endWithin(AT_ONCE);
    }
    return act;
  }

  private synchronized void end(Patience.Act act) {
    underWay.remove(act);
  }

  /** The client is closed. */
  synchronized void close() {
    closed = true;
    underWay.forEach(act -> act.endWithin(AT_ONCE));
  }

  /** How something ended, in a word or two. */
  static String outcome(Throwable error) {
    if (error instanceof CancellationException) {
      return "cancelled";
    }
    if (error instanceof PeerException peer) {
      if (peer.outcome() instanceof Failure failure) {
        return failure.kind().toString();
      }
      return peer.outcome() instanceof Refusal refusal
          ? refusal.reason().toString()
          : "PeerException";
    }
    return error.getCause() == null ? error.getClass().getSimpleName() : outcome(error.getCause());
  }
}
