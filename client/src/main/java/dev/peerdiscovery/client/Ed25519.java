package dev.peerdiscovery.client;

import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.MessageSigner;
import dev.peerdiscovery.core.record.PublicKey;
import dev.peerdiscovery.core.record.SignatureVerifier;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.ProviderException;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;

/**
 * Checks Ed25519 signatures (RFC 8032) with what the JDK has: the {@link SignatureVerifier} of
 * nodes and callers. It takes about a millisecond ({@code docs/decisions/0012}), so it is done
 * late, and never on a transport thread. Thread-safe.
 */
public final class Ed25519 {
  /** The name of the algorithm. */
  public static final String ALGORITHM = "Ed25519";

  /** What X.509 puts before the 32 bytes of a key (RFC 8410). */
  private static final byte[] X509_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

  private Ed25519() {}

  /** Whether a signature is the key's over these bytes; false too when one of them is none. */
  public static boolean verify(Bytes publicKey, Bytes message, Bytes signature) {
    // The JDK throws for some wrong lengths and passes over others.
    if (signature.size() != PublicKey.SIGNATURE_BYTES || publicKey.size() != PublicKey.BYTES) {
      return false;
    }
    byte[] x509 = new byte[X509_PREFIX.length + PublicKey.BYTES];
    System.arraycopy(X509_PREFIX, 0, x509, 0, X509_PREFIX.length);
    publicKey.copyTo(x509, X509_PREFIX.length);
    try {
      Signature check = Signature.getInstance(ALGORITHM);
      check.initVerify(
          KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(x509)));
      check.update(message.toArray());
      return check.verify(signature.toArray());
    } catch (GeneralSecurityException | ProviderException e) {
      return false;
    }
  }

  /** A new key, kept nowhere, for somebody who is no peer. */
  public static MessageSigner throwAway() {
    try {
      KeyPair pair = KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
      Bytes publicKey = encoded(pair.getPublic());
      return new MessageSigner() {
        @Override
        public Bytes publicKey() {
          return publicKey;
        }

        @Override
        public Bytes sign(Bytes message) {
          return Ed25519.sign(pair.getPrivate(), message);
        }
      };
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no Ed25519", e);
    }
  }

  /** Signs with a key of the JDK's. */
  public static Bytes sign(PrivateKey key, Bytes message) {
    try {
      Signature signature = Signature.getInstance(ALGORITHM);
      signature.initSign(key);
      signature.update(message.toArray());
      return Bytes.copyOf(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a good key does not sign", e);
    }
  }

  /** The 32 bytes of a key of the JDK's. */
  public static Bytes encoded(java.security.PublicKey key) {
    byte[] x509 = key.getEncoded();
    return Bytes.copyOf(x509, x509.length - PublicKey.BYTES, x509.length);
  }
}
