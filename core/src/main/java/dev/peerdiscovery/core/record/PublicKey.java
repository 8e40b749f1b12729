package dev.peerdiscovery.core.record;

import dev.peerdiscovery.core.id.NodeId;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;

/**
 * An Ed25519 public key (RFC 8032, section 5.1.5) that a peer may have. Keys of small order are
 * not: anybody can make signatures that hold for them, and libraries differ in whether they notice.
 * Neither are encodings that are not canonical, or one key could have two ids.
 *
 * @param encoded the {@value #BYTES} bytes
 */
public record PublicKey(Bytes encoded) {
  /** The length of a key. */
  public static final int BYTES = 32;

  /** The length of a signature. */
  public static final int SIGNATURE_BYTES = 64;

  /**
   * The y of the eight points of small order, without the bit that tells x from −x: 0, 1, −1, and
   * the two of the points of order 8.
   */
  private static final Set<Bytes> SMALL_ORDER =
      Set.of(
          hex("0000000000000000000000000000000000000000000000000000000000000000"),
          hex("0100000000000000000000000000000000000000000000000000000000000000"),
          hex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
          hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
          hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"));

  /**
   * Checks the key.
   *
   * @throws IllegalArgumentException when it has another length, is of small order, or is not
   *     canonical
   */
  public PublicKey {
    if (!isSound(encoded)) {
      throw new IllegalArgumentException("public key: not an Ed25519 key that a peer may have");
    }
  }

  private static Bytes hex(String digits) {
    return Bytes.copyOf(HexFormat.of().parseHex(digits));
  }

  /** Whether bytes are a key that a peer may have; whether there is a point for it is not asked. */
  static boolean isSound(Bytes encoded) {
    if (encoded.size() != BYTES) {
      return false;
    }
    byte[] y = encoded.toArray();
    y[BYTES - 1] &= 0x7f;
    return isCanonical(y) && !SMALL_ORDER.contains(Bytes.copyOf(y));
  }

  /** Whether y, whose first byte is the least significant, is below p = 2^255 − 19. */
  private static boolean isCanonical(byte[] y) {
    if (y[BYTES - 1] != 0x7f || (y[0] & 0xff) < 0xed) {
      return true;
    }
    for (int i = 1; i < BYTES - 1; i++) {
      if (y[i] != (byte) 0xff) {
        return true;
      }
    }
    return false;
  }

  /** The id of the peer that has this key: SHA-256 in the domain {@link Domain#NODE_ID}. */
  public NodeId id() {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return NodeId.fromBytes(sha256.digest(Domain.NODE_ID.bytesOf(encoded).toArray()));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
