package dev.peerdiscovery.client.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Certificates and private keys as text (RFC 7468). Whatever is wrong is said with the file's name.
 */
final class Pem {
  private static final int MAX_BYTES = 256 * 1024;
  private static final int MAX_CERTIFICATES = 64;
  private static final String CERTIFICATE = "CERTIFICATE";
  private static final String KEY = "PRIVATE KEY";

  private Pem() {}

  /** The certificates in a file, at least one. */
  static List<X509Certificate> certificates(Path file) throws IOException {
    List<X509Certificate> certificates = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (byte[] encoded : blocks(file, CERTIFICATE)) {
        certificates.add(
            (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(encoded)));
      }
    } catch (GeneralSecurityException e) {
      throw new IOException(file + ": it holds a certificate that cannot be read", e);
    }
    if (certificates.isEmpty() || certificates.size() > MAX_CERTIFICATES) {
      throw new IOException(
          file
              + String.format(
                  Locale.ROOT, ": must hold 1 to %d certificates in PEM", MAX_CERTIFICATES));
    }
    return certificates;
  }

  /** The private key in a file, for a public key of some algorithm. */
  static PrivateKey privateKey(Path file, String algorithm) throws IOException {
    List<byte[]> keys = blocks(file, KEY);
    if (keys.size() != 1) {
      throw new IOException(file + ": must hold one private key, PKCS #8 in PEM, unencrypted");
    }
    try {
      return KeyFactory.getInstance(algorithm)
          .generatePrivate(new PKCS8EncodedKeySpec(keys.get(0)));
    } catch (GeneralSecurityException e) {
      // Not the cause's words, which might be about the key.
      throw new IOException(file + ": the private key is not the certificate's", e);
    }
  }

  private static List<byte[]> blocks(Path file, String label) throws IOException {
    Matcher block =
        Pattern.compile(
                String.format(
                    Locale.ROOT,
                    "-----BEGIN %1$s-----([A-Za-z0-9+/=\\s]+)-----END %1$s-----",
                    label))
            .matcher(text(file));
    List<byte[]> blocks = new ArrayList<>();
    while (block.find()) {
      try {
        blocks.add(Base64.getMimeDecoder().decode(block.group(1)));
      } catch (IllegalArgumentException e) {
        throw new IOException(file + ": it is not in PEM", e);
      }
    }
    return blocks;
  }

  private static String text(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] content = in.readNBytes(MAX_BYTES + 1);
      if (content.length > MAX_BYTES) {
        throw new IOException(file + ": longer than " + MAX_BYTES + " bytes");
      }
      return new String(content, StandardCharsets.US_ASCII);
    } catch (NoSuchFileException e) {
      throw new IOException(file + ": there is no such file", e);
    }
  }

  static String text(X509Certificate certificate) {
    try {
      return text(CERTIFICATE, certificate.getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a certificate has no encoding", e);
    }
  }

  static String text(PrivateKey key) {
    return text(KEY, key.getEncoded());
  }

  private static String text(String label, byte[] content) {
    return String.format(
            Locale.ROOT,
            "-----BEGIN %1$s-----%n%2$s%n-----END %1$s-----%n",
            label,
            Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content))
        .replace("\r", "");
  }
}
