package dev.peerdiscovery.node;

import dev.peerdiscovery.client.Ed25519;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.MessageSigner;
import dev.peerdiscovery.core.record.PublicKey;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A node's Ed25519 key, from which its id comes, and with which it signs what it says. The private
 * half never leaves this object but for the data directory's file. Immutable and thread-safe.
 */
public final class NodeKey implements MessageSigner {
  /** What PKCS #8 puts before the 32 bytes of a private key (RFC 8410). */
  private static final byte[] PKCS8_PREFIX =
      HexFormat.of().parseHex("302e020100300506032b657004220420");

  private final Ed25519 key;
  private final NodeId id;

  private NodeKey(Ed25519 key) {
    this.key = key;
    this.id = new PublicKey(key.publicKey()).id();
  }

  /** A new key, kept nowhere. */
  public static NodeKey generate() {
    return new NodeKey(Ed25519.generate());
  }

  /**
   * A new key, kept in a data directory that has none.
   *
   * @param dataDirectory made if need be
   * @throws StartException when it holds a key, or a node without one, or cannot be used
   */
  public static NodeKey create(Path dataDirectory) throws StartException {
    try (DataDirectory directory = DataDirectory.open(dataDirectory)) {
      return directory.createKey();
    }
  }

  /**
   * The key in a data directory, or a new one that is kept there from now on.
   *
   * @param dataDirectory made if need be
   * @throws StartException when it holds a node without a key, or cannot be used
   */
  public static NodeKey keptIn(Path dataDirectory) throws StartException {
    KeyFile file = DataDirectory.keyFile(dataDirectory);
    // Read without the directory, which a running node has for itself.
    return file.exists() ? file.read() : create(dataDirectory);
  }

  /**
   * The key in a PKCS #8 structure.
   *
   * @throws GeneralSecurityException when it holds no Ed25519 key
   */
  static NodeKey fromPkcs8(byte[] encoded) throws GeneralSecurityException {
    PrivateKey key =
        KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(encoded));
    byte[] seed = ((EdECPrivateKey) key).getBytes().orElse(new byte[0]);
    if (seed.length != Ed25519.SEED_BYTES) {
      throw new GeneralSecurityException("not an Ed25519 key");
    }
    return new NodeKey(Ed25519.of(seed));
  }

  byte[] toPkcs8() {
    byte[] encoded = Arrays.copyOf(PKCS8_PREFIX, PKCS8_PREFIX.length + Ed25519.SEED_BYTES);
    System.arraycopy(key.seed(), 0, encoded, PKCS8_PREFIX.length, Ed25519.SEED_BYTES);
    return encoded;
  }

  /** The id of the node that has this key. */
  public NodeId id() {
    return id;
  }

  @Override
  public Bytes publicKey() {
    return key.publicKey();
  }

  @Override
  public Bytes sign(Bytes message) {
    return key.sign(message);
  }

  /** Its id; nothing of the private half. */
  @Override
  public String toString() {
    return "key of " + id.toShortString();
  }
}
