package dev.peerdiscovery.client;

import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.MessageSigner;
import dev.peerdiscovery.core.record.PublicKey;
import dev.peerdiscovery.core.record.SignatureVerifier;
import java.security.SecureRandom;

/**
 * Ed25519 signatures (RFC 8032), by BouncyCastle ({@code docs/decisions/0012} says why): checked by
 * {@link #verify}, the {@link SignatureVerifier} of nodes and callers, and made by the keys that
 * are of this class. A key is immutable, and all is thread-safe.
 */
public final class Ed25519 implements MessageSigner {
  /** The bytes of a private key. */
  public static final int SEED_BYTES = org.bouncycastle.math.ec.rfc8032.Ed25519.SECRET_KEY_SIZE;

  private static final SecureRandom RANDOM = new SecureRandom();

  private final byte[] seed;
  private final byte[] encoded = new byte[PublicKey.BYTES];
  private final Bytes publicKey;

  private Ed25519(byte[] seed) {
    this.seed = seed;
    org.bouncycastle.math.ec.rfc8032.Ed25519.generatePublicKey(seed, 0, encoded, 0);
    this.publicKey = Bytes.copyOf(encoded);
  }

  /** A new key, kept nowhere. */
  public static Ed25519 generate() {
    byte[] seed = new byte[SEED_BYTES];
    RANDOM.nextBytes(seed);
    return new Ed25519(seed);
  }

  /**
   * The key of a seed.
   *
   * @throws IllegalArgumentException when it is not {@value #SEED_BYTES} bytes
   */
  public static Ed25519 of(byte[] seed) {
    if (seed.length != SEED_BYTES) {
      throw new IllegalArgumentException("an Ed25519 key has " + SEED_BYTES + " bytes");
    }
    return new Ed25519(seed.clone());
  }

  /** Whether a signature is the key's over these bytes; false too when one of them is none. */
  public static boolean verify(Bytes publicKey, Bytes message, Bytes signature) {
    if (signature.size() != PublicKey.SIGNATURE_BYTES || publicKey.size() != PublicKey.BYTES) {
      return false;
    }
    byte[] signed = message.toArray();
    return org.bouncycastle.math.ec.rfc8032.Ed25519.verify(
        signature.toArray(), 0, publicKey.toArray(), 0, signed, 0, signed.length);
  }

  /** The private key. */
  public byte[] seed() {
    return seed.clone();
  }

  @Override
  public Bytes publicKey() {
    return publicKey;
  }

  @Override
  public Bytes sign(Bytes message) {
    byte[] signed = message.toArray();
    byte[] signature = new byte[PublicKey.SIGNATURE_BYTES];
    org.bouncycastle.math.ec.rfc8032.Ed25519.sign(
        seed, 0, encoded, 0, signed, 0, signed.length, signature, 0);
    return Bytes.copyOf(signature);
  }

  /** Nothing of the private half. */
  @Override
  public String toString() {
    return "Ed25519 key " + publicKey;
  }
}
