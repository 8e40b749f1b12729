package dev.peerdiscovery.client.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peerdiscovery.client.Ed25519;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.MessageSigner;
import dev.peerdiscovery.core.record.PublicKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator can put where a certificate, its key and the authority should be. */
class CertificateFilesTest {
  private static final MessageSigner NODE = Ed25519.generate();
  private static final MessageSigner OTHER = Ed25519.generate();

  private Instant now = Instant.now();
  private final CertificateAuthority authority = CertificateAuthority.make(now, Duration.ofDays(1));

  @TempDir private Path directory;
  private Path certificate;
  private Path key;
  private Path trusted;

  @BeforeEach
  void write() throws IOException {
    certificate = directory.resolve("node.pem");
    key = directory.resolve("node.key");
    trusted = directory.resolve("ca.pem");
    write(NODE);
    Files.writeString(trusted, authority.files().certificate());
  }

  private void write(MessageSigner node) throws IOException {
    CertificateAuthority.Files made = authority.issue(node, now, Duration.ofDays(1));
    Files.writeString(certificate, made.certificate());
    Files.writeString(key, made.key());
  }

  private static NodeId idOf(MessageSigner node) {
    return new PublicKey(node.publicKey()).id();
  }

  private CertificateFiles read(Optional<NodeId> node) throws IOException {
    return new CertificateFiles(
        Tls.ca(certificate, key, trusted).files().orElseThrow(), node, Ed25519::verify, () -> now);
  }

  private void assertUnusable(String message) {
    assertThatThrownBy(() -> read(Optional.empty()))
        .isInstanceOf(IOException.class)
        .hasMessage(message);
  }

  @Test
  void theNodesCertificate_andWhoVouchesForIt() throws Exception {
    CertificateFiles files = read(Optional.of(idOf(NODE)));
    assertThat(files.current().id()).isEqualTo(idOf(NODE));
    assertThat(files.current().chain()).isEqualTo(Pem.certificates(certificate));
    assertThat(files.current().key()).isEqualTo(Pem.privateKey(key, "EC"));
    X509Certificate[] own = files.current().chain().toArray(X509Certificate[]::new);
    assertThatCode(() -> files.authority().checkServerTrusted(own, "ECDHE_ECDSA"))
        .doesNotThrowAnyException();
    X509Certificate[] stranger =
        ThrowAwayCertificates.make(NODE, now, Duration.ofHours(1))
            .chain()
            .toArray(X509Certificate[]::new);
    assertThatThrownBy(() -> files.authority().checkServerTrusted(stranger, "ECDHE_ECDSA"))
        .isInstanceOf(CertificateException.class);
  }

  @Test
  void changes_areSeenOnceASecond_andKeptOnlyIfTheyFit() throws Exception {
    CertificateFiles files = read(Optional.of(idOf(NODE)));
    KeyedCertificate first = files.current();
    Files.delete(key);
    now = now.plusMillis(1000);
    assertThat(files.current()).as("a file is gone").isSameAs(first);
    write(OTHER);
    now = now.plusMillis(1000);
    assertThat(files.current()).as("another node's").isSameAs(first);
    Files.delete(certificate);
    now = now.plusMillis(1000);
    assertThat(files.current()).isSameAs(first);
    write(NODE);
    now = now.plusMillis(999);
    assertThat(files.current()).as("looked at within the second").isSameAs(first);
    now = now.plusMillis(1);
    KeyedCertificate second = files.current();
    assertThat(second.chain()).isEqualTo(Pem.certificates(certificate)).isNotEqualTo(first.chain());
    now = now.plusMillis(1000);
    assertThat(files.current()).as("as they were").isSameAs(second);
    // The clock is set back.
    Files.delete(key);
    files.current();
    write(NODE);
    now = now.minusSeconds(3600);
    assertThat(files.current()).isNotSameAs(second);
  }

  @Test
  void filesThatDoNotGoTogether_areRefusedByName() throws Exception {
    CertificateAuthority.Files another = authority.issue(NODE, now, Duration.ofDays(1));
    Files.writeString(key, another.key());
    assertUnusable(key + ": it is not the key of " + certificate);
    KeyPair rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair();
    Files.writeString(key, Pem.text(rsa.getPrivate()));
    assertUnusable(key + ": the private key is not the certificate's");
    write(OTHER);
    assertThatThrownBy(() -> read(Optional.of(idOf(NODE))))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "%s: it is the certificate of node %s, and this is node %s"
                .formatted(certificate, idOf(OTHER), idOf(NODE)));
    Files.delete(trusted);
    assertUnusable(trusted + ": there is no such file");
  }

  @Test
  void certificateWithoutAnIdentity_isRefused() throws Exception {
    Files.writeString(certificate, authority.files().certificate());
    Files.writeString(key, authority.files().key());
    assertUnusable(
        certificate + ": it carries no node's identity; ./peer certs makes one that does");
    // It has one, that the node did not sign.
    write(NODE);
    assertThatThrownBy(
            () ->
                new CertificateFiles(
                    Tls.ca(certificate, key, trusted).files().orElseThrow(),
                    Optional.empty(),
                    (by, message, signature) -> false,
                    () -> now))
        .hasMessageContaining("it carries no node's identity");
  }

  @Test
  void keysOfBothKinds_arePairs() throws Exception {
    KeyPair rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair();
    KeyPair issuer = CertificateTemplate.newKey();
    X509Certificate ofRsa =
        new CertificateTemplate(
                new X500Principal("CN=a"),
                new X500Principal("CN=a"),
                now,
                Duration.ofHours(1),
                rsa.getPublic(),
                List.of(
                    CertificateTemplate.extension("1.3.6.1.3.7400.2", false, new byte[] {5, 0})))
            .sign(issuer.getPrivate());
    assertThat(CertificateFiles.isPair(ofRsa, rsa.getPrivate())).isTrue();
    assertThat(CertificateFiles.isPair(ofRsa, issuer.getPrivate())).isFalse();
    assertThat(
            CertificateFiles.isPair(
                ofRsa, KeyPairGenerator.getInstance("RSA").generateKeyPair().getPrivate()))
        .isFalse();
  }
}
