package dev.peerdiscovery.core.record;

import java.nio.charset.StandardCharsets;

/**
 * What bytes are signed or hashed for. The domain is part of them, so that what was signed for one
 * purpose is worth nothing for another ({@code docs/protocol.md}).
 */
public enum Domain {
  /** The hash that is a signed node's id. */
  NODE_ID("peerdiscovery.dev/node-id/v1"),
  /** A peer's record. */
  PEER_RECORD("peerdiscovery.dev/peer-record/v1"),
  /** What a node says about an instance of a service. */
  PROVIDER_RECORD("peerdiscovery.dev/provider-record/v1"),
  /** The answer to a Ping with a nonce. */
  PING_PROOF("peerdiscovery.dev/ping-proof/v1"),
  /** The key of a certificate that a node uses for TLS. */
  TLS_CERTIFICATE("peerdiscovery.dev/tls-certificate/v1");

  /** What the length before each part can tell. */
  private static final int MAX_PART_BYTES = 0xffff;

  private final String tag;

  Domain(String tag) {
    this.tag = tag;
  }

  /**
   * The bytes that stand for parts in this domain: the domain and then each part, every one of them
   * after its length in two bytes, the more significant first. So no two lists of parts give the
   * same bytes.
   *
   * @throws IllegalArgumentException when a part has more than 65,535 bytes
   */
  public Bytes bytesOf(Bytes... parts) {
    byte[] domain = tag.getBytes(StandardCharsets.US_ASCII);
    int size = 2 + domain.length;
    for (Bytes part : parts) {
      if (part.size() > MAX_PART_BYTES) {
        throw new IllegalArgumentException("part: longer than " + MAX_PART_BYTES + " bytes");
      }
      size += 2 + part.size();
    }
    byte[] bytes = new byte[size];
    int at = putLength(bytes, 0, domain.length);
    System.arraycopy(domain, 0, bytes, at, domain.length);
    at += domain.length;
    for (Bytes part : parts) {
      at = putLength(bytes, at, part.size());
      part.copyTo(bytes, at);
      at += part.size();
    }
    return Bytes.copyOf(bytes);
  }

  private static int putLength(byte[] to, int at, int length) {
    to[at] = (byte) (length >>> 8);
    to[at + 1] = (byte) length;
    return at + 2;
  }
}
