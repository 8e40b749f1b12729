package dev.peerdiscovery.client.tls;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.CertificateExtension;
import dev.peerdiscovery.core.record.SignatureVerifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A certificate, its key and the authority, read from files and read again when one of them has
 * changed: looked at when a handshake begins, once a second at most. Files that do not go together,
 * as they are while they are being replaced, leave everything as it was.
 */
final class CertificateFiles implements CertificateSource {
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
  private static final Logger LOG = LoggerFactory.getLogger(CertificateFiles.class);

  /** What the files held. */
  private record Content(KeyedCertificate certificate, X509TrustManager authority) {}

  private final Tls.Files files;
  private final Optional<NodeId> node;
  private final SignatureVerifier signatures;
  private final InstantSource clock;

  private Content content;
  private List<Object> stamp;
  private Instant lookedAt;

  /**
   * Reads the files.
   *
   * @param node whose certificate it has to be; whoever's it is, if that is not given
   * @throws IOException when they cannot be used; the message says which, and why
   */
  CertificateFiles(
      Tls.Files files, Optional<NodeId> node, SignatureVerifier signatures, InstantSource clock)
      throws IOException {
    this.files = files;
    this.node = node;
    this.signatures = signatures;
    this.clock = clock;
    this.stamp = stamp();
    this.content = read();
    this.lookedAt = clock.instant();
  }

  @Override
  public KeyedCertificate current() {
    return content().certificate();
  }

  /** What judges whether a certificate comes from the authority. */
  X509TrustManager authority() {
    return content().authority();
  }

  private synchronized Content content() {
    Instant now = clock.instant();
    if (Duration.between(lookedAt, now).abs().compareTo(LOOK_EVERY) < 0) {
      return content;
    }
    lookedAt = now;
    try {
      List<Object> seen = stamp();
      if (!seen.equals(stamp)) {
        // Not tried again before they change once more.
        stamp = seen;
        content = read();
        LOG.info("tls: {} and the other files are read again", files.certificate());
      }
    } catch (IOException e) {
      LOG.warn(
          "tls: the files have changed and are not used, those from before are: {}",
          e.getMessage());
    }
    return content;
  }

  /** Differs when a file does. */
  private List<Object> stamp() throws IOException {
    List<Object> stamp = new ArrayList<>();
    for (Path file : List.of(files.certificate(), files.key(), files.authority())) {
      if (Files.exists(file)) {
        stamp.add(Files.getLastModifiedTime(file));
        stamp.add(Files.size(file));
      } else {
        stamp.add("none");
      }
    }
    return stamp;
  }

  private Content read() throws IOException {
    List<X509Certificate> chain = Pem.certificates(files.certificate());
    X509Certificate own = chain.get(0);
    PrivateKey key = Pem.privateKey(files.key(), own.getPublicKey().getAlgorithm());
    if (!isPair(own, key)) {
      throw new IOException(files.key() + ": it is not the key of " + files.certificate());
    }
    CertificateExtension identity =
        PeerTrust.identity(own)
            .filter(
                carried ->
                    carried.isOver(Bytes.copyOf(own.getPublicKey().getEncoded()), signatures))
            .orElseThrow(
                () ->
                    new IOException(
                        files.certificate()
                            + ": it carries no node's identity; ./peer certs makes one that does"));
    if (node.isPresent() && !node.get().equals(identity.id())) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s: it is the certificate of node %s, and this is node %s",
              files.certificate(),
              identity.id(),
              node.get()));
    }
    return new Content(
        new KeyedCertificate(chain, key, identity.id()),
        authority(Pem.certificates(files.authority())));
  }

  static boolean isPair(X509Certificate certificate, PrivateKey key) {
    byte[] trial = {1, 2, 3};
    try {
      Signature signature =
          Signature.getInstance(
              key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA");
      signature.initSign(key);
      signature.update(trial);
      byte[] made = signature.sign();
      // Not the certificate, whose key may be for signing other certificates alone.
      signature.initVerify(certificate.getPublicKey());
      signature.update(trial);
      return signature.verify(made);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static X509TrustManager authority(List<X509Certificate> trusted) throws IOException {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      for (int i = 0; i < trusted.size(); i++) {
        store.setCertificateEntry("authority-" + i, trusted.get(i));
      }
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(store);
      for (@Nullable TrustManager manager : factory.getTrustManagers()) {
        if (manager instanceof X509TrustManager judge) {
          return judge;
        }
      }
      throw new IllegalStateException("this Java judges no certificates");
    } catch (GeneralSecurityException e) {
      throw new IOException("the authority's certificate cannot be used", e);
    }
  }
}
