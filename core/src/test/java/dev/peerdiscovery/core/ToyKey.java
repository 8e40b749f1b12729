package dev.peerdiscovery.core;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.MessageSigner;
import dev.peerdiscovery.core.record.PublicKey;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A key whose signatures anybody can make who knows how: two hashes. Quick and deterministic, for
 * networks in virtual time; whoever forges in a test has to be honest about it.
 */
public final class ToyKey implements MessageSigner {
  private final Bytes publicKey;

  /** The key of a number. */
  public ToyKey(long number) {
    publicKey = Bytes.copyOf(ByteBuffer.allocate(32).putLong(number + 1000).array());
  }

  /** The id that comes from it. */
  public NodeId id() {
    return new PublicKey(publicKey).id();
  }

  @Override
  public Bytes publicKey() {
    return publicKey;
  }

  @Override
  public Bytes sign(Bytes message) {
    return signature(publicKey, message);
  }

  /** Whether a signature is a toy key's. */
  public static boolean verify(Bytes publicKey, Bytes message, Bytes signature) {
    return signature(publicKey, message).equals(signature);
  }

  private static Bytes signature(Bytes key, Bytes message) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(key.toArray());
      byte[] first = sha256.digest(message.toArray());
      byte[] second = sha256.digest(first);
      return Bytes.copyOf(ByteBuffer.allocate(64).put(first).put(second).array());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
