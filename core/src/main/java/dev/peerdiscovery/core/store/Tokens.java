package dev.peerdiscovery.core.store;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Bytes;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Hands out tokens and knows its own again without having kept any: a token is the SHA-256 of a
 * secret, the key, the publisher and the current epoch, cut to {@value #BYTES} bytes. All parts
 * have a fixed length and most of the hash is held back, so nothing can be appended to the input.
 *
 * <p>Not thread-safe.
 */
public final class Tokens {
  /** The length of a token. */
  public static final int BYTES = 16;

  /** A token is good for the epoch in which it was handed out, and the next one. */
  public static final Duration EPOCH = Duration.ofMinutes(8);

  /** After this a token is no longer good. */
  public static final Duration MAX_AGE = EPOCH.multipliedBy(2);

  private final byte[] secret = new byte[NodeId.BYTES];
  private final MessageDigest digest;

  /** Tokens with a secret of their own. */
  public Tokens(RandomGenerator random) {
    random.nextBytes(secret);
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** A token with which a publisher may bring records under a key. */
  public Bytes issue(NodeId key, NodeId publisher, long nowNanos) {
    return token(key, publisher, epoch(nowNanos));
  }

  /** Whether it is one that was handed out here for that key and publisher, not long ago. */
  public boolean isGood(Bytes token, NodeId key, NodeId publisher, long nowNanos) {
    long epoch = epoch(nowNanos);
    return isEqual(token, token(key, publisher, epoch))
        || isEqual(token, token(key, publisher, epoch - 1));
  }

  private static boolean isEqual(Bytes a, Bytes b) {
    return MessageDigest.isEqual(a.toArray(), b.toArray());
  }

  private static long epoch(long nowNanos) {
    return Math.floorDiv(nowNanos, EPOCH.toNanos());
  }

  private Bytes token(NodeId key, NodeId publisher, long epoch) {
    digest.update(secret);
    digest.update(key.toBytes());
    digest.update(publisher.toBytes());
    byte[] hash = digest.digest(ByteBuffer.allocate(Long.BYTES).putLong(epoch).array());
    return Bytes.copyOf(hash, 0, BYTES);
  }
}
