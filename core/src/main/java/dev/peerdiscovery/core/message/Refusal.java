package dev.peerdiscovery.core.message;

/**
 * Why a peer does not answer a request.
 *
 * @param reason one of the documented reasons
 * @param detail a sentence for a person; never repeats what the caller sent
 */
public record Refusal(Reason reason, String detail) implements Reply {
  /** The reasons, the same names as on the wire ({@code docs/protocol.md}). */
  public enum Reason {
    /** The request breaks a rule of the protocol. */
    MALFORMED,
    /** The caller belongs to another network. */
    OTHER_NETWORK,
    /** The caller's network has another identity mode. */
    OTHER_IDENTITY,
    /** The caller's network has another scope. */
    OTHER_SCOPE,
    /** The caller speaks a version that this peer does not. */
    OTHER_VERSION,
    /** The request was meant for a peer of another id. */
    OTHER_PEER,
    /** The peer has too much to do. It is alive: come back later. */
    OVERLOADED,
    /** The peer is starting, or about to leave. */
    NOT_SERVING,
    /** Refused for a reason that this version does not know. */
    UNKNOWN
  }
}
