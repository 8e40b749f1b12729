package dev.peerdiscovery.client;

import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.Refusal;

/** A question that no peer answered. The {@linkplain #outcome outcome} says what came of it. */
public final class PeerException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient Outcome outcome;

  PeerException(String message, Outcome outcome) {
    super(message);
    this.outcome = outcome;
  }

  /** An outcome that is no answer, as an exception. */
  static PeerException of(String question, Outcome outcome) {
    if (outcome instanceof Refusal refusal) {
      return new PeerException(
          question + " was refused: " + refusal.reason() + ": " + refusal.detail(), outcome);
    }
    if (outcome instanceof Failure failure) {
      return new PeerException(
          question + " failed: " + failure.kind() + ": " + failure.detail(), outcome);
    }
    return new PeerException(question + " got the answer to another question", outcome);
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
