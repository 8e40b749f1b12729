package dev.peerdiscovery.client.tls;

import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.CertificateExtension;
import dev.peerdiscovery.core.record.MessageSigner;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Certificates that a node makes for itself: each with a key of its own that is never kept, which
 * the node's key signs. A new one is made when the last one is past half its life, by whoever asks
 * first, which takes some milliseconds twice a day.
 */
final class ThrowAwayCertificates implements CertificateSource {
  /** The whole life of a certificate; others refuse one that is made for longer. */
  static final Duration LIFE = Duration.ofHours(24);

  /** Before now, for the sake of those whose clocks are slow. */
  private static final Duration BACKDATED = Duration.ofHours(1);

  private static final X500Principal NAME = new X500Principal("CN=peerdiscovery");

  private final MessageSigner node;
  private final InstantSource clock;
  private @Nullable KeyedCertificate current;

  ThrowAwayCertificates(MessageSigner node, InstantSource clock) {
    this.node = node;
    this.clock = clock;
  }

  @Override
  public synchronized KeyedCertificate current() {
    Instant now = clock.instant();
    if (current == null || !isFresh(current.chain().get(0), now)) {
      current = make(node, now.minus(BACKDATED), LIFE);
    }
    return current;
  }

  /** Also not when the clock was set back to before its time. */
  private static boolean isFresh(X509Certificate certificate, Instant now) {
    Instant from = certificate.getNotBefore().toInstant();
    return !now.isBefore(from) && now.isBefore(from.plus(LIFE.dividedBy(2)));
  }

  /** A certificate that signs itself, of a new key. */
  static KeyedCertificate make(MessageSigner node, Instant from, Duration life) {
    KeyPair pair = CertificateTemplate.newKey();
    CertificateExtension identity =
        CertificateExtension.sign(node, Bytes.copyOf(pair.getPublic().getEncoded()));
    CertificateTemplate template =
        new CertificateTemplate(
            NAME,
            NAME,
            from,
            life,
            pair.getPublic(),
            List.of(
                CertificateTemplate.extension(
                    CertificateExtension.OID, false, identity.encoded().toArray())));
    return new KeyedCertificate(
        List.of(template.sign(pair.getPrivate())), pair.getPrivate(), identity.id());
  }
}
