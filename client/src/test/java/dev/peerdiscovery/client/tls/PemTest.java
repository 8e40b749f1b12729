package dev.peerdiscovery.client.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peerdiscovery.client.Ed25519;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a file can hold instead of certificates and keys. */
class PemTest {
  private static final KeyedCertificate MADE =
      ThrowAwayCertificates.make(
          Ed25519.generate(), Instant.parse("2030-01-01T00:00:00Z"), Duration.ofHours(1));
  private static final String CERTIFICATE = Pem.text(MADE.chain().get(0));
  private static final String KEY = Pem.text(MADE.key());

  @TempDir private Path directory;

  private Path file(String content) throws IOException {
    return Files.writeString(directory.resolve("file.pem"), content);
  }

  private void assertNoCertificates(String content, String message) throws IOException {
    Path file = file(content);
    assertThatThrownBy(() -> Pem.certificates(file))
        .isInstanceOf(IOException.class)
        .hasMessage(file + ": " + message);
  }

  private void assertNoKey(String content, String message) throws IOException {
    Path file = file(content);
    assertThatThrownBy(() -> Pem.privateKey(file, "EC"))
        .isInstanceOf(IOException.class)
        .hasMessage(file + ": " + message);
  }

  @Test
  void whatIsWritten_isRead_betweenOtherText() throws IOException {
    Path both = file("a note\r\n" + KEY + CERTIFICATE.replace("\n", "\r\n") + "another");
    assertThat(Pem.certificates(both)).isEqualTo(MADE.chain());
    assertThat(Pem.privateKey(both, "EC")).isEqualTo(MADE.key());
    assertThat(CERTIFICATE.lines()).allMatch(line -> line.length() <= 64);
    assertThat(CERTIFICATE).endsWith("-----END CERTIFICATE-----\n").doesNotContain("\r");
  }

  @Test
  void oneTo64Certificates() throws IOException {
    assertThat(Pem.certificates(file(CERTIFICATE.repeat(64)))).hasSize(64);
    assertNoCertificates(CERTIFICATE.repeat(65), "must hold 1 to 64 certificates in PEM");
    assertNoCertificates(KEY, "must hold 1 to 64 certificates in PEM");
  }

  @Test
  void certificatesThatAreNone() throws IOException {
    String noBase64 = CERTIFICATE.replaceAll("\\n[^-]*\\n", "\nA\n");
    assertNoCertificates(noBase64, "it is not in PEM");
    String noCertificate = CERTIFICATE.replaceAll("\\n[^-]*\\n", "\nAAAA\n");
    assertNoCertificates(noCertificate, "it holds a certificate that cannot be read");
  }

  @Test
  void oneKey_ofTheRightKind() throws IOException {
    String one = "must hold one private key, PKCS #8 in PEM, unencrypted";
    assertNoKey(KEY + KEY, one);
    assertNoKey(CERTIFICATE, one);
    assertNoKey(KEY.replace("PRIVATE", "ENCRYPTED PRIVATE"), one);
    String noKey = KEY.replaceAll("\\n[^-]*\\n", "\nAAAA\n");
    assertNoKey(noKey, "the private key is not the certificate's");
    Path file = file(KEY);
    assertThatThrownBy(() -> Pem.privateKey(file, "RSA"))
        .hasMessage(file + ": the private key is not the certificate's");
  }

  @Test
  void noFile_andOneThatIsTooLong() throws IOException {
    Path none = directory.resolve("none.pem");
    assertThatThrownBy(() -> Pem.certificates(none)).hasMessage(none + ": there is no such file");
    int room = 256 * 1024 - CERTIFICATE.length();
    assertThat(Pem.certificates(file(CERTIFICATE + "-".repeat(room)))).hasSize(1);
    assertNoCertificates(CERTIFICATE + "-".repeat(room + 1), "longer than 262144 bytes");
  }
}
