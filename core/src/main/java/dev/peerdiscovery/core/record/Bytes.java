package dev.peerdiscovery.core.record;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * An immutable run of bytes, compared by content. Records travel and are kept as these, because
 * what was signed must be relayed byte for byte.
 */
public final class Bytes {
  /** No bytes. */
  public static final Bytes EMPTY = new Bytes(new byte[0]);

  private final byte[] content;
  private final int hash;

  private Bytes(byte[] content) {
    this.content = content;
    this.hash = Arrays.hashCode(content);
  }

  /** The bytes of an array, copied. */
  public static Bytes copyOf(byte[] content) {
    return content.length == 0 ? EMPTY : new Bytes(content.clone());
  }

  /** How many bytes. */
  public int size() {
    return content.length;
  }

  /** Whether there are none. */
  public boolean isEmpty() {
    return content.length == 0;
  }

  /** A fresh array with the bytes. */
  public byte[] toArray() {
    return content.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes bytes
        && hash == bytes.hash
        && Arrays.equals(content, bytes.content);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  /** The bytes as hex digits. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(content);
  }
}
