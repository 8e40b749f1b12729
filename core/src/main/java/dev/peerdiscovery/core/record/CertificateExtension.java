package dev.peerdiscovery.core.record;

import dev.peerdiscovery.core.id.NodeId;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * What a node's TLS certificate carries so that it is the node's: the node's public key, and that
 * key's signature over the certificate's own public key ({@code docs/protocol.md}). The extension
 * can be read by anybody; that it is genuine is known once {@link #isOver} says so.
 *
 * @param publicKey the node's key
 * @param signature what the node signed, {@value PublicKey#SIGNATURE_BYTES} bytes
 */
public record CertificateExtension(PublicKey publicKey, Bytes signature) {
  /**
   * The extension's object identifier. Its parts are small on purpose: some libraries read none
   * beyond 31 bits ({@code docs/decisions/0018}).
   */
  public static final String OID = "1.3.6.1.3.7400.1";

  /** SEQUENCE { OCTET STRING of 32 bytes, OCTET STRING of 64 bytes }, up to the first content. */
  private static final Bytes HEAD = Bytes.copyOf(HexFormat.of().parseHex("30640420"));

  /** What is between the two contents. */
  private static final Bytes MIDDLE = Bytes.copyOf(HexFormat.of().parseHex("0440"));

  private static final int SIGNATURE_AT = HEAD.size() + PublicKey.BYTES + MIDDLE.size();

  /** The length of the encoding, which has only one form. */
  public static final int BYTES = SIGNATURE_AT + PublicKey.SIGNATURE_BYTES;

  /**
   * Checks the length of the signature.
   *
   * @throws IllegalArgumentException when it has another one
   */
  public CertificateExtension {
    if (signature.size() != PublicKey.SIGNATURE_BYTES) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "signature: must be %d bytes", PublicKey.SIGNATURE_BYTES));
    }
  }

  /**
   * Makes the extension of one certificate.
   *
   * @param subjectKey the certificate's SubjectPublicKeyInfo in DER (RFC 5280)
   */
  public static CertificateExtension sign(MessageSigner node, Bytes subjectKey) {
    return new CertificateExtension(
        new PublicKey(node.publicKey()), node.sign(Domain.TLS_CERTIFICATE.bytesOf(subjectKey)));
  }

  /** Reads an extension's value; nothing when it is none, or its key is one that no peer has. */
  public static Optional<CertificateExtension> parse(Bytes encoded) {
    byte[] bytes = encoded.toArray();
    if (bytes.length != BYTES
        || !HEAD.isAt(bytes, 0)
        || !MIDDLE.isAt(bytes, HEAD.size() + PublicKey.BYTES)) {
      return Optional.empty();
    }
    Bytes key = Bytes.copyOf(bytes, HEAD.size(), HEAD.size() + PublicKey.BYTES);
    return PublicKey.isSound(key)
        ? Optional.of(
            new CertificateExtension(
                new PublicKey(key), Bytes.copyOf(bytes, SIGNATURE_AT, bytes.length)))
        : Optional.empty();
  }

  /** The extension's value: what {@link #parse} reads. */
  public Bytes encoded() {
    byte[] bytes = new byte[BYTES];
    HEAD.copyTo(bytes, 0);
    publicKey.encoded().copyTo(bytes, HEAD.size());
    MIDDLE.copyTo(bytes, HEAD.size() + PublicKey.BYTES);
    signature.copyTo(bytes, SIGNATURE_AT);
    return Bytes.copyOf(bytes);
  }

  /** The id of the node that it speaks for. */
  public NodeId id() {
    return publicKey.id();
  }

  /**
   * Whether the node signed this certificate's key.
   *
   * @param subjectKey the certificate's SubjectPublicKeyInfo in DER
   */
  public boolean isOver(Bytes subjectKey, SignatureVerifier signatures) {
    return signatures.verify(
        publicKey.encoded(), Domain.TLS_CERTIFICATE.bytesOf(subjectKey), signature);
  }
}
