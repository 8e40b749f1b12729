package dev.peerdiscovery.core.lookup;

/**
 * How long a lookup waits for one peer. The two times answer two questions, and a lookup that
 * answers both with one of them is either slow or wrong: near the 90th percentile it is time to ask
 * others as well, but one answer in ten comes later than that and still belongs to the result.
 *
 * @param softNanos after which others are asked beside it
 * @param lostNanos after which the call is held to be lost: it is made once more, and after the
 *     same time again the peer counts no longer; at least {@code softNanos}
 */
public record Patience(long softNanos, long lostNanos) {
  /** Checks the bounds. */
  public Patience {
    if (softNanos < 0 || lostNanos < softNanos) {
      throw new IllegalArgumentException("lostNanos: below softNanos");
    }
  }
}
