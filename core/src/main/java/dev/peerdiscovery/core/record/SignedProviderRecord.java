package dev.peerdiscovery.core.record;

/**
 * A provider record as it travels: the exact bytes that were signed, with key and signature.
 * Unverified: what it says is a claim until {@link RecordVerifier} has made a {@link Provider} of
 * it.
 *
 * @param content what the bytes say
 * @param encoded the serialised record, kept and relayed byte for byte
 * @param publicKey the publisher's key; empty with {@link IdentityMode#ASSIGNED}
 * @param signature over {@code encoded}; empty with {@link IdentityMode#ASSIGNED}
 */
public record SignedProviderRecord(
    ProviderRecord content, Bytes encoded, Bytes publicKey, Bytes signature) {
  /** The most bytes that a record, its key and its signature take together. */
  public static final int MAX_BYTES = 2048;

  /**
   * Checks the size.
   *
   * @throws IllegalArgumentException when it is over {@value #MAX_BYTES} bytes
   */
  public SignedProviderRecord {
    if (encoded.size() + publicKey.size() + signature.size() > MAX_BYTES) {
      throw new IllegalArgumentException("provider: larger than " + MAX_BYTES + " bytes");
    }
  }

  /** How many bytes it takes. */
  public int size() {
    return encoded.size() + publicKey.size() + signature.size();
  }
}
