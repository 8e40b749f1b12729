package dev.peerdiscovery.core.message;

/**
 * Why a call came to nothing.
 *
 * @param kind what happened
 * @param detail a sentence for a person, without anything that the remote sent
 */
public record Failure(Kind kind, String detail) implements Outcome {
  /** What happened. */
  public enum Kind {
    /** Nobody could be reached at the endpoint. */
    UNREACHABLE,
    /**
     * Somebody is there, and either side does not take the other's certificate, or only one of them
     * speaks TLS.
     */
    TLS,
    /** No answer came within the deadline. */
    TIMEOUT,
    /** An answer came that breaks the rules of the protocol. */
    INVALID_ANSWER,
    /** The address policy, or a limit of our own, kept the call from being made. */
    NOT_DIALLED,
    /** We gave up on the call ourselves; it says nothing about the peer. */
    CANCELLED
  }
}
