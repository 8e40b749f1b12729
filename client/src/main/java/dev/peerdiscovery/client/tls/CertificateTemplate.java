package dev.peerdiscovery.client.tls;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.security.auth.x500.X500Principal;

/**
 * What an X.509 certificate is to say (RFC 5280), to be signed by a P-256 key.
 *
 * @param subject whom it is about
 * @param issuer whoever signs it
 * @param from the first moment at which it holds
 * @param life for how long it holds
 * @param key the subject's key
 * @param extensions in DER
 */
record CertificateTemplate(
    X500Principal subject,
    X500Principal issuer,
    Instant from,
    Duration life,
    PublicKey key,
    List<byte[]> extensions) {
  private static final byte[] ECDSA_WITH_SHA256 = Der.sequence(Der.oid("1.2.840.10045.4.3.2"));
  private static final int VERSION_3 = 2;
  private static final int SERIAL_BITS = 126;
  private static final SecureRandom RANDOM = new SecureRandom();

  CertificateTemplate {
    extensions = List.copyOf(extensions);
  }

  /** A new P-256 key. */
  static KeyPair newKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
      return generator.generateKeyPair();
    } catch (NoSuchAlgorithmException | InvalidAlgorithmParameterException e) {
      throw new IllegalStateException("this Java has no P-256", e);
    }
  }

  /** An extension in DER. */
  static byte[] extension(String oid, boolean critical, byte[] value) {
    List<byte[]> parts = new ArrayList<>(List.of(Der.oid(oid)));
    if (critical) {
      parts.add(Der.yes());
    }
    parts.add(Der.octets(value));
    return Der.sequence(parts.toArray(byte[][]::new));
  }

  /** The certificate, signed by its issuer's key. */
  X509Certificate sign(PrivateKey issuerKey) {
    byte[] content =
        Der.sequence(
            Der.explicit(0, Der.integer(BigInteger.valueOf(VERSION_3))),
            Der.integer(new BigInteger(SERIAL_BITS, RANDOM).setBit(SERIAL_BITS)),
            ECDSA_WITH_SHA256,
            issuer.getEncoded(),
            Der.sequence(Der.time(from), Der.time(from.plus(life))),
            subject.getEncoded(),
            key.getEncoded(),
            Der.explicit(3, Der.sequence(extensions.toArray(byte[][]::new))));
    try {
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(issuerKey, RANDOM);
      signature.update(content);
      byte[] certificate = Der.sequence(content, ECDSA_WITH_SHA256, Der.bits(0, signature.sign()));
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(certificate));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a certificate cannot be made", e);
    }
  }
}
