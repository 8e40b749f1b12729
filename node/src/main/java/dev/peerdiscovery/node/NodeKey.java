package dev.peerdiscovery.node;

import dev.peerdiscovery.client.Ed25519;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.MessageSigner;
import dev.peerdiscovery.core.record.PublicKey;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;

/**
 * A node's Ed25519 key, from which its id comes, and with which it signs what it says. The private
 * half never leaves this object but for the data directory's file. Immutable and thread-safe.
 */
public final class NodeKey implements MessageSigner {
  private static final Bytes TRIAL = Bytes.copyOf(new byte[] {1, 2, 3});

  private final PrivateKey privateKey;
  private final Bytes publicKey;
  private final NodeId id;

  private NodeKey(PrivateKey privateKey, Bytes publicKey) {
    this.privateKey = privateKey;
    this.publicKey = publicKey;
    this.id = new PublicKey(publicKey).id();
  }

  /** A new key, kept nowhere. */
  public static NodeKey generate() {
    try {
      KeyPair pair = KeyPairGenerator.getInstance(Ed25519.ALGORITHM).generateKeyPair();
      return new NodeKey(pair.getPrivate(), Ed25519.encoded(pair.getPublic()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no Ed25519", e);
    }
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
        KeyFactory.getInstance(Ed25519.ALGORITHM).generatePrivate(new PKCS8EncodedKeySpec(encoded));
    byte[] seed = ((EdECPrivateKey) key).getBytes().orElse(new byte[0]);
    if (seed.length != PublicKey.BYTES) {
      throw new GeneralSecurityException("not an Ed25519 key");
    }
    NodeKey made = new NodeKey(key, publicKeyOf(seed));
    // What follows from how the JDK draws a key is not promised, so it is checked.
    if (!Ed25519.verify(made.publicKey, TRIAL, made.sign(TRIAL))) {
      throw new GeneralSecurityException("its public key cannot be told");
    }
    return made;
  }

  /** The JDK has no other way from a private key to its public one than to draw it again. */
  private static Bytes publicKeyOf(byte[] seed) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(Ed25519.ALGORITHM);
    generator.initialize(NamedParameterSpec.ED25519, new Drawn(seed));
    return Ed25519.encoded(generator.generateKeyPair().getPublic());
  }

  /** Draws what it was given. */
  private static final class Drawn extends SecureRandom {
    private static final long serialVersionUID = 1;

    private final byte[] drawn;

    Drawn(byte[] drawn) {
      this.drawn = drawn.clone();
    }

    @Override
    public void nextBytes(byte[] bytes) {
      System.arraycopy(drawn, 0, bytes, 0, bytes.length);
    }
  }

  byte[] toPkcs8() {
    return privateKey.getEncoded();
  }

  /** The id of the node that has this key. */
  public NodeId id() {
    return id;
  }

  @Override
  public Bytes publicKey() {
    return publicKey;
  }

  @Override
  public Bytes sign(Bytes message) {
    return Ed25519.sign(privateKey, message);
  }

  /** Its id; nothing of the private half. */
  @Override
  public String toString() {
    return "key of " + id.toShortString();
  }
}
