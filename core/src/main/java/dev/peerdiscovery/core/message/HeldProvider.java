package dev.peerdiscovery.core.message;

import dev.peerdiscovery.core.record.ProviderRecord;
import dev.peerdiscovery.core.record.SignedProviderRecord;
import java.time.Duration;

/**
 * A record that a peer keeps, and for how long still.
 *
 * @param record the record, unverified
 * @param remaining the time until it is over, above 0 and at most its TTL; 0 for a tombstone
 */
public record HeldProvider(SignedProviderRecord record, Duration remaining) {
  /** The most of them in one message. */
  public static final int MAX_IN_MESSAGE = 64;

  /**
   * Checks the time.
   *
   * @throws IllegalArgumentException when it is out of bounds
   */
  public HeldProvider {
    ProviderRecord content = record.content();
    boolean valid =
        content.withdrawn()
            ? remaining.isZero()
            : remaining.compareTo(Duration.ZERO) > 0 && remaining.compareTo(content.ttl()) <= 0;
    if (!valid) {
      throw new IllegalArgumentException("remaining: must be above 0 and at most the TTL");
    }
  }
}
