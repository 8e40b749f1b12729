package dev.peerdiscovery.core.message;

import java.time.Duration;

/**
 * Why a peer does not answer a request.
 *
 * @param reason one of the documented reasons
 * @param detail a sentence for a person; never repeats what the caller sent
 * @param retryAfter how long the caller is asked to leave the peer alone; zero for not at all, and
 *     at most {@link #MAX_RETRY_AFTER}
 */
public record Refusal(Reason reason, String detail, Duration retryAfter) implements Reply {
  /** The longest that a peer may ask to be left alone. */
  public static final Duration MAX_RETRY_AFTER = Duration.ofMinutes(10);

  /** How long an overloaded peer asks to be left alone. */
  public static final Duration BUSY = Duration.ofSeconds(1);

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
    /** The caller broke rules too often, and is refused unheard for a while. */
    QUARANTINED,
    /** The peer is starting, or about to leave. */
    NOT_SERVING,
    /** The token is not one that this peer handed out to the publisher, or it is too old. */
    BAD_TOKEN,
    /** The record is not the caller's own, or not signed as it has to be. */
    NOT_YOURS,
    /** The endpoint in the record is none that the address policy allows. */
    ADDRESS_NOT_ALLOWED,
    /** A newer record of the same instance is known. */
    SUPERSEDED,
    /** An instance that a node should publish does not pass its check. */
    NOT_THERE,
    /** Too few of the nodes that keep a service's records answered: who provides it is unknown. */
    REGION_UNREACHABLE,
    /** An open call holds the registration at this node. */
    HELD,
    /** Another caller withdrew the registration. */
    WITHDRAWN,
    /** No room for another record of this key, or of this publisher, or at all. */
    FULL,
    /** Refused for a reason that this version does not know. */
    UNKNOWN
  }

  /** Checks the bounds. */
  public Refusal {
    if (retryAfter.isNegative() || retryAfter.compareTo(MAX_RETRY_AFTER) > 0) {
      throw new IllegalArgumentException(
          "retryAfter: must be 0 to " + MAX_RETRY_AFTER + ", got " + retryAfter);
    }
  }

  /** A refusal that asks for {@link #BUSY} when it passes by itself, and else for no pause. */
  public Refusal(Reason reason, String detail) {
    this(
        reason,
        detail,
        reason == Reason.OVERLOADED || reason == Reason.REGION_UNREACHABLE ? BUSY : Duration.ZERO);
  }
}
