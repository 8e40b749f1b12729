package dev.peerdiscovery.core.record;

/**
 * Checks signatures. A port, because the arithmetic lives outside core. Deterministic, free of side
 * effects, and safe for use by several threads.
 */
@FunctionalInterface
public interface SignatureVerifier {
  /**
   * Whether a signature is the key's over these bytes. It never throws: whatever is wrong with any
   * of the three, the answer is no.
   */
  boolean verify(Bytes publicKey, Bytes message, Bytes signature);
}
