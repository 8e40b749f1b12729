package dev.peerdiscovery.core.record;

import dev.peerdiscovery.core.id.NodeId;

/**
 * A peer's record as it travels: the exact bytes that were signed, with key and signature.
 * Unverified: what it says is a claim until {@link RecordVerifier} has made a {@link Contact} of
 * it.
 *
 * @param content what the bytes say
 * @param encoded the serialised record, kept and relayed byte for byte
 * @param publicKey the signer's key; empty with {@link IdentityMode#ASSIGNED}
 * @param signature over {@code encoded}; empty with {@link IdentityMode#ASSIGNED}
 */
public record SignedPeerRecord(
    PeerRecord content, Bytes encoded, Bytes publicKey, Bytes signature) {
  /** The most bytes that a record, its key and its signature take together. */
  public static final int MAX_BYTES = 1024;

  /**
   * Checks the size.
   *
   * @throws IllegalArgumentException when it is over {@value #MAX_BYTES} bytes
   */
  public SignedPeerRecord {
    if (encoded.size() + publicKey.size() + signature.size() > MAX_BYTES) {
      throw new IllegalArgumentException("record: larger than " + MAX_BYTES + " bytes");
    }
  }

  /** The id that the record claims. */
  public NodeId id() {
    return content.id();
  }
}
