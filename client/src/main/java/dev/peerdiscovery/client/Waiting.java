package dev.peerdiscovery.client;

import dev.peerdiscovery.core.message.Failure;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the callers of a client wait for what they began: for a limited time, and no longer than the
 * client is open, the thread is not interrupted, and the future is not cancelled. When the wait
 * ends without a result, what was begun is told by a failure of {@link Begun#result}, and ends.
 * Thread-safe.
 */
final class Waiting {
  private static final Logger LOG = LoggerFactory.getLogger(Waiting.class);

  /** How long a caller waits before a log says once what for. */
  static final Duration QUIET = Duration.ofSeconds(3);

  /** The longest limit that can be set. */
  static final Duration LONGEST = Duration.ofDays(1);

  /**
   * What a caller began.
   *
   * @param what what errors call it
   * @param result completes when it is there; failed by the one who waits when the wait is over
   * @param missing what it still waits for, for the error when the time is over
   * @param unwanted ends a result that came when the caller had just given up
   */
  record Begun<T>(
      String what,
      CompletableFuture<T> result,
      Supplier<String> missing,
      Consumer<? super T> unwanted) {
    private void giveUp(Failure.Kind kind, String detail) {
      result.completeExceptionally(PeerException.of(what, new Failure(kind, detail)));
    }

    private void sayThatItWaits(Duration limit) {
      LOG.warn("{} goes on for at most {}: {} yet", what, text(limit), missing.get());
    }

    private void timeIsOver(Duration limit) {
      String detail = missing.get() + " within " + text(limit);
      result.completeExceptionally(
          PeerException.of(what, new Failure(Failure.Kind.TIMEOUT, detail)));
    }
  }

  private final ClientThreads threads;

  /** For each wait what makes it fail because the client is closed. */
  private final Set<Runnable> underWay = ConcurrentHashMap.newKeySet();

  private volatile boolean closed;

  Waiting(ClientThreads threads) {
    this.threads = threads;
  }

  /** The limit, once it is within bounds. */
  static Duration checkLimit(Duration limit) {
    if (limit.compareTo(Duration.ofMillis(1)) < 0 || limit.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("timeout: must be 1 ms to 24 h, got " + limit);
    }
    return limit;
  }

  static String text(Duration limit) {
    return limit.toMillis() % 1000 == 0 ? limit.toSeconds() + " s" : limit.toMillis() + " ms";
  }

  boolean isClosed() {
    return closed;
  }

  /** Waits on the calling thread. An interrupt ends the wait, and stays set. */
  <T> T block(Duration limit, Supplier<Begun<T>> begin) {
    Begun<T> begun = begin.get();
    hold(begun.result());
    sayOnceThatItWaits(limit, begun);
    try {
      return begun.result().get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      begun.giveUp(Failure.Kind.CANCELLED, "the waiting thread was interrupted");
    } catch (TimeoutException e) {
      begun.timeIsOver(limit);
    } catch (ExecutionException e) {
      // Told below.
    }
    return outcome(begun.result());
  }

  private static <T> T outcome(CompletableFuture<T> done) {
    try {
      return done.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof PeerException failed) {
        throw failed;
      }
      throw e;
    }
  }

  /**
   * A future for the caller, whose continuations may block. However the caller ends it, what was
   * begun ends with it.
   */
  <T> CompletableFuture<T> future(Duration limit, Supplier<Begun<T>> begin) {
    Begun<T> begun;
    try {
      begun = begin.get();
    } catch (PeerException e) {
      return CompletableFuture.failedFuture(e);
    }
    hold(begun.result());
    CompletableFuture<T> future = new CompletableFuture<>();
    alarm(limit, begun.result(), () -> begun.timeIsOver(limit));
    sayOnceThatItWaits(limit, begun);
    begun
        .result()
        .whenCompleteAsync(
            (result, error) -> {
              boolean taken =
                  error == null ? future.complete(result) : future.completeExceptionally(error);
              if (!taken && error == null) {
                begun.unwanted().accept(result);
              }
            },
            threads.callbacks());
    future.whenComplete(
        (result, error) -> {
          if (!begun.result().isDone()) {
            begun.giveUp(Failure.Kind.CANCELLED, "the caller has ended its future");
          }
        });
    return future;
  }

  private void sayOnceThatItWaits(Duration limit, Begun<?> begun) {
    if (limit.compareTo(QUIET) > 0) {
      alarm(QUIET, begun.result(), () -> begun.sayThatItWaits(limit));
    }
  }

  /** Runs something after a time, unless the result is there before. */
  private void alarm(Duration time, CompletableFuture<?> result, Runnable then) {
    Future<?> alarm = threads.timer().schedule(then, time.toNanos(), TimeUnit.NANOSECONDS);
    result.whenComplete((done, error) -> alarm.cancel(false));
  }

  /** Another view of a result. When the view is completed by the caller, so is the result. */
  static <S, T> CompletableFuture<T> linked(CompletableFuture<S> result, Function<S, T> view) {
    CompletableFuture<T> linked = result.thenApply(view);
    linked.whenComplete((done, error) -> result.cancel(false));
    return linked;
  }

  /** Keeps it for {@link #close}, until it is done. */
  private void hold(CompletableFuture<?> result) {
    Runnable fail = () -> result.completeExceptionally(PeerException.closed());
    underWay.add(fail);
    result.whenComplete((done, error) -> underWay.remove(fail));
    if (closed) {
      fail.run();
    }
  }

  /** A future for the caller without a limit, whose continuations may block. */
  <T> CompletableFuture<T> copy(CompletableFuture<T> result) {
    return result.isDone()
        ? result.copy()
        : result.whenCompleteAsync((done, error) -> {}, threads.callbacks());
  }

  /** Ends what is under way, and what comes later, with the error that the client is closed. */
  void close() {
    closed = true;
    underWay.forEach(Runnable::run);
  }
}
