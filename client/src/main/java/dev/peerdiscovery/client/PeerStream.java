package dev.peerdiscovery.client;

import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.ProvidersUpdate;
import dev.peerdiscovery.core.message.StreamEnded;
import dev.peerdiscovery.core.message.WatchProvidersRequest;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A stream of updates that a peer was asked for, from {@link Caller#watch}. Each update is taken in
 * before the next one is read, so a peer that floods only fills its own connection. Thread-safe.
 */
public final class PeerStream {
  /** A peer that keeps nothing says that at once, so silence means that it does not answer. */
  static final Duration FIRST_UPDATE = Duration.ofSeconds(5);

  /** Takes what a stream brings, on a transport thread, which it must not block. */
  @FunctionalInterface
  public interface Receiver {
    /**
     * Takes an update.
     *
     * @param next to be run, on any thread, when the next one may come
     */
    void updated(ProvidersUpdate update, Runnable next);
  }

  /** What a call comes to that ended with an error. */
  @FunctionalInterface
  interface Errors {
    Outcome outcomeOf(Throwable error, ClientCall<?, ?> call);
  }

  private final Receiver receiver;
  private final Errors errors;
  private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
  private final CompletableFuture<Boolean> first = new CompletableFuture<>();

  /** Why we gave up on it, if we did. */
  private @Nullable Failure givenUp;

  private @Nullable ClientCall<?, ?> call;

  PeerStream(Receiver receiver, Errors errors, Duration firstUpdate) {
    this.receiver = receiver;
    this.errors = errors;
    first
        .orTimeout(firstUpdate.toNanos(), TimeUnit.NANOSECONDS)
        .exceptionally(
            silence -> {
              giveUp(new Failure(Failure.Kind.TIMEOUT, "the stream said nothing in time"));
              return false;
            });
  }

  /** What came of it, once it is over; never fails. Completes on a transport thread. */
  public CompletableFuture<Outcome> outcome() {
    return outcome.copy();
  }

  /** Ends it. Its outcome follows at once. */
  public void cancel() {
    giveUp(new Failure(Failure.Kind.CANCELLED, "given up"));
  }

  private void giveUp(Failure why) {
    ClientCall<?, ?> begun;
    synchronized (this) {
      if (givenUp != null) {
        return;
      }
      givenUp = why;
      begun = call;
    }
    // Before the call says that it was cancelled, which for others is a fault of the peer's.
    end(why);
    if (begun != null) {
      begun.cancel(why.detail(), null);
    }
  }

  /** Begins once there is a channel, if it is still wanted. */
  synchronized void begin(
      ClientCall<WatchProvidersRequest, ProvidersUpdate> made, WatchProvidersRequest request) {
    if (givenUp != null) {
      return;
    }
    call = made;
    made.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(ProvidersUpdate update) {
            first.complete(true);
            receiver.updated(update, () -> made.request(1));
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            end(outcomeOf(made, status, trailers));
          }
        },
        new Metadata());
    made.request(1);
    made.sendMessage(request);
    made.halfClose();
  }

  /** That a stream's time is over is its end, and no fault of the peer's. */
  private Outcome outcomeOf(ClientCall<?, ?> ended, Status status, Metadata trailers) {
    boolean timeIsOver =
        status.getCode() == Status.Code.DEADLINE_EXCEEDED
            && first.isDone()
            && !first.isCompletedExceptionally();
    return status.isOk() || timeIsOver
        ? new StreamEnded()
        : errors.outcomeOf(status.asRuntimeException(trailers), ended);
  }

  void end(Outcome how) {
    outcome.complete(how);
    first.complete(false);
  }
}
