package dev.peerdiscovery.client.tls;

import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.CertificateExtension;
import dev.peerdiscovery.core.record.MessageSigner;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.security.auth.x500.X500Principal;

/**
 * A small private authority for {@link Tls.Mode#CA}: it signs certificates that carry a node's
 * identity. Those who have an authority already add the extension to its certificates instead
 * ({@code docs/protocol.md}). Immutable.
 */
public final class CertificateAuthority {
  private static final String NAME = "peer-discovery authority";
  private static final String KEY_USAGE = "2.5.29.15";
  private static final String BASIC_CONSTRAINTS = "2.5.29.19";

  /** For the sake of those whose clocks are slow. */
  private static final Duration BACKDATED = Duration.ofHours(1);

  private final X509Certificate certificate;
  private final PrivateKey key;

  private CertificateAuthority(X509Certificate certificate, PrivateKey key) {
    this.certificate = certificate;
    this.key = key;
  }

  /**
   * A certificate with its private key, as the text of two files in PEM.
   *
   * @param certificate to be shown to others
   * @param key to be kept from all others
   */
  public record Files(String certificate, String key) {
    /** Says nothing of the key. */
    @Override
    public String toString() {
      return certificate;
    }
  }

  /**
   * A new authority.
   *
   * @param life for how long it can vouch
   */
  public static CertificateAuthority make(Instant now, Duration life) {
    KeyPair pair = CertificateTemplate.newKey();
    CertificateTemplate template =
        new CertificateTemplate(
            new X500Principal("CN=" + NAME),
            new X500Principal("CN=" + NAME),
            now.minus(BACKDATED),
            BACKDATED.plus(life),
            pair.getPublic(),
            List.of(
                CertificateTemplate.extension(BASIC_CONSTRAINTS, true, Der.sequence(Der.yes())),
                // Signing certificates, and nothing else.
                CertificateTemplate.extension(
                    KEY_USAGE, true, Der.bits(2, new byte[] {0b0000_0100}))));
    return new CertificateAuthority(template.sign(pair.getPrivate()), pair.getPrivate());
  }

  /**
   * The authority in two files.
   *
   * @throws IOException when there is none in them; the message says which, and why
   */
  public static CertificateAuthority read(Path certificateFile, Path keyFile) throws IOException {
    X509Certificate certificate = Pem.certificates(certificateFile).get(0);
    PrivateKey key = Pem.privateKey(keyFile, certificate.getPublicKey().getAlgorithm());
    if (certificate.getBasicConstraints() < 0) {
      throw new IOException(certificateFile + ": it is not the certificate of an authority");
    }
    if (!CertificateFiles.isPair(certificate, key) || !key.getAlgorithm().equals("EC")) {
      throw new IOException(keyFile + ": it is not the P-256 key of " + certificateFile);
    }
    return new CertificateAuthority(certificate, key);
  }

  /** The authority itself. */
  public Files files() {
    return new Files(Pem.text(certificate), Pem.text(key));
  }

  /**
   * A certificate of a node, with a new key.
   *
   * @param life for how long it holds, cut to what the authority has left
   */
  public Files issue(MessageSigner node, Instant now, Duration life) {
    KeyPair pair = CertificateTemplate.newKey();
    CertificateExtension identity =
        CertificateExtension.sign(node, Bytes.copyOf(pair.getPublic().getEncoded()));
    Instant from = now.minus(BACKDATED);
    Duration left = Duration.between(from, certificate.getNotAfter().toInstant());
    Duration wanted = BACKDATED.plus(life);
    CertificateTemplate template =
        new CertificateTemplate(
            new X500Principal("CN=" + identity.id()),
            certificate.getSubjectX500Principal(),
            from,
            wanted.compareTo(left) < 0 ? wanted : left,
            pair.getPublic(),
            List.of(
                // Signing handshakes.
                CertificateTemplate.extension(
                    KEY_USAGE, true, Der.bits(7, new byte[] {(byte) 0b1000_0000})),
                CertificateTemplate.extension(
                    CertificateExtension.OID, false, identity.encoded().toArray())));
    return new Files(Pem.text(template.sign(key)), Pem.text(pair.getPrivate()));
  }
}
