package dev.peerdiscovery.client;

import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * A question that no peer answered. The {@linkplain #outcome outcome} says what came of it, and the
 * {@linkplain #getCause cause} is what was thrown in this process, where something was.
 */
public final class PeerException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private static final String CLOSED = "the client is closed";

  private final transient Outcome outcome;

  private PeerException(String message, Outcome outcome, @Nullable Throwable cause) {
    super(message, cause);
    this.outcome = outcome;
  }

  /** The client was closed before there was an answer, or before it was asked. */
  static PeerException closed() {
    return new PeerException(CLOSED, new Failure(Failure.Kind.CANCELLED, CLOSED), null);
  }

  /** An outcome that is no answer, as an exception. */
  static PeerException of(String question, Outcome outcome) {
    return of(question, outcome, null);
  }

  /** An outcome that is no answer, and what was thrown in this process. */
  static PeerException of(String question, Outcome outcome, @Nullable Throwable cause) {
    if (outcome instanceof Refusal refusal) {
      return new PeerException(
          question + " was refused: " + refusal.reason() + ": " + refusal.detail(), outcome, cause);
    }
    if (outcome instanceof Failure failure) {
      return new PeerException(
          question + " failed: " + failure.kind() + ": " + failure.detail(), outcome, cause);
    }
    return new PeerException(question + " got the answer to another question", outcome, cause);
  }

  /** A call that could not be opened here; it says nothing about the peer. */
  static PeerException notOpened(String question, Throwable thrown) {
    String detail = "the call could not be opened here: " + thrown.getClass().getSimpleName();
    return of(question, new Failure(Failure.Kind.NOT_DIALLED, detail), thrown);
  }

  /** What came of the call: a {@link Refusal} by the peer, or a {@link Failure} to reach it. */
  public Outcome outcome() {
    return outcome;
  }

  /** Whether a peer was reached and refused, rather than not reached. */
  public boolean isRefusal() {
    return outcome instanceof Refusal;
  }
}
