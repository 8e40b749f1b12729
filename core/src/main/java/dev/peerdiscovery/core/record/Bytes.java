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

  /** The bytes of a part of an array, copied. */
  public static Bytes copyOf(byte[] content, int from, int to) {
    return from == to ? EMPTY : new Bytes(Arrays.copyOfRange(content, from, to));
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

  /** Puts the bytes into an array, where there must be room for them. */
  public void copyTo(byte[] target, int at) {
    System.arraycopy(content, 0, target, at, content.length);
  }

  /** Whether these are the bytes of an array from {@code from} on. */
  public boolean isAt(byte[] array, int from) {
    return array.length - from >= content.length
        && Arrays.equals(content, 0, content.length, array, from, from + content.length);
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || (other instanceof Bytes bytes
            && hash == bytes.hash
            && Arrays.equals(content, bytes.content));
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
