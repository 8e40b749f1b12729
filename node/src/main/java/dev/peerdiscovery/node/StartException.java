package dev.peerdiscovery.node;

import org.jspecify.annotations.Nullable;

/** A node that cannot start, and why. The message says what to do about it. */
public final class StartException extends Exception {
  private static final long serialVersionUID = 1;

  /** What is in the way. */
  public enum Reason {
    /** The data directory, or the identity in it, cannot be used. */
    STORAGE,
    /** The server cannot listen at its address. */
    LISTEN
  }

  private final Reason reason;

  StartException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** What is in the way. */
  public Reason reason() {
    return reason;
  }
}
