package dev.peerdiscovery.core.store;

import java.time.Duration;

/**
 * How much a store keeps at most.
 *
 * @param perKey items of a key
 * @param perPublisherAndKey items of a publisher under one key
 * @param keysPerPublisher keys under which a publisher has items
 * @param keys keys
 * @param bytes bytes of all items
 * @param bygones items that are remembered after they expired or were withdrawn; of one publisher
 *     as many as it can have items
 * @param remember for how long these are remembered at least: as long as they could be replayed
 */
public record Limits(
    int perKey,
    int perPublisherAndKey,
    int keysPerPublisher,
    int keys,
    long bytes,
    int bygones,
    Duration remember) {
  /** The values for production ({@code docs/protocol.md} lists them). */
  public static Limits defaults() {
    return new Limits(4_096, 16, 256, 65_536, 64L << 20, 65_536, Tokens.MAX_AGE);
  }

  /** Items of a publisher. */
  int perPublisher() {
    return perPublisherAndKey * keysPerPublisher;
  }
}
