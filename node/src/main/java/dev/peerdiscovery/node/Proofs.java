package dev.peerdiscovery.node;

import com.google.common.util.concurrent.MoreExecutors;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.MessageSigner;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Signs proofs, one after another and off the transport threads: a signature takes longer than
 * everything else in an answer. What waits is bounded, and so is each caller's part of it, so that
 * nobody keeps others from being answered. Thread-safe.
 */
final class Proofs {
  /** What waits at most: about a third of a second's work, within the deadline of a Ping. */
  static final int MAX_WAITING = 256;

  /** What waits at most for one caller. */
  static final int MAX_WAITING_OF_CALLER = 64;

  private static final Optional<Refusal> TOO_MANY =
      Optional.of(new Refusal(Refusal.Reason.OVERLOADED, "too many others wait for a proof"));

  private static final Optional<Refusal> CLOSED =
      Optional.of(new Refusal(Refusal.Reason.NOT_SERVING, "the node is closed"));

  private final MessageSigner key;
  private final Executor oneAtATime;
  private final AtomicInteger waiting = new AtomicInteger();

  /** How much waits for each caller; only for those for whom something does. */
  private final Map<String, Integer> waitingOfCaller = new ConcurrentHashMap<>();

  Proofs(MessageSigner key, Executor threads) {
    this.key = key;
    this.oneAtATime = MoreExecutors.newSequentialExecutor(threads);
  }

  /**
   * Has something signed.
   *
   * @param caller for whom: the address that the call came from, since an id costs nothing
   * @param isWanted asked when its turn has come; what nobody waits for any more is not signed
   * @param signed takes the signature
   * @return nothing when it will be; else why not: too much is waiting, or the node is closed
   */
  Optional<Refusal> sign(
      String caller, Bytes message, BooleanSupplier isWanted, Consumer<Bytes> signed) {
    if (!enter(caller)) {
      return TOO_MANY;
    }
    try {
      oneAtATime.execute(
          () -> {
            leave(caller);
            if (isWanted.getAsBoolean()) {
              signed.accept(key.sign(message));
            }
          });
      return Optional.empty();
    } catch (RejectedExecutionException e) {
      leave(caller);
      return CLOSED;
    }
  }

  private boolean enter(String caller) {
    if (waiting.incrementAndGet() > MAX_WAITING) {
      waiting.decrementAndGet();
      return false;
    }
    if (waitingOfCaller.merge(caller, 1, Integer::sum) > MAX_WAITING_OF_CALLER) {
      leave(caller);
      return false;
    }
    return true;
  }

  private void leave(String caller) {
    waitingOfCaller.computeIfPresent(caller, (who, count) -> count == 1 ? null : count - 1);
    waiting.decrementAndGet();
  }

  /** How many callers something waits for. */
  int callersWaiting() {
    return waitingOfCaller.size();
  }
}
