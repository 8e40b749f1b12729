package dev.peerdiscovery.proto;

import com.google.protobuf.WireFormat;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.SignedPeerRecord;

/**
 * The few pieces of protobuf's format that FindNode is made of, written into an array and read from
 * one: varints, ids, and records. All of it is what the generated classes write and read, without
 * their objects.
 */
final class Wire {
  /** What a field of bytes or of a message begins with, for field numbers below 16. */
  static byte tag(int field) {
    return (byte) ((field << 3) | WireFormat.WIRETYPE_LENGTH_DELIMITED);
  }

  /** The bytes of a field that holds an id. */
  static final int ID_FIELD_BYTES = 2 + NodeId.BYTES;

  private static final byte RECORD = tag(1);
  private static final byte PUBLIC_KEY = tag(2);
  private static final byte SIGNATURE = tag(3);

  private Wire() {}

  /** How many bytes a length takes; no record is long enough for a third. */
  static int lengthBytes(int length) {
    return length < 1 << 7 ? 1 : 2;
  }

  /** Writes a length, and returns where it ends. */
  static int putLength(byte[] to, int at, int length) {
    if (length < 1 << 7) {
      to[at] = (byte) length;
      return at + 1;
    }
    to[at] = (byte) (length | (1 << 7));
    to[at + 1] = (byte) (length >>> 7);
    return at + 2;
  }

  /** Writes a field that holds an id, and returns where it ends. */
  static int putId(byte[] to, int at, byte tag, NodeId id) {
    to[at] = tag;
    to[at + 1] = NodeId.BYTES;
    id.copyTo(to, at + 2);
    return at + ID_FIELD_BYTES;
  }

  /** How many bytes a field takes that holds a record as it travels. */
  static int fieldBytes(SignedPeerRecord record) {
    int inner = message(record).size();
    return 1 + lengthBytes(inner) + inner;
  }

  /** Writes a field that holds a record as it travels, and returns where it ends. */
  static int putRecord(byte[] to, int at, byte tag, SignedPeerRecord record) {
    Bytes message = message(record);
    to[at] = tag;
    int content = putLength(to, at + 1, message.size());
    message.copyTo(to, content);
    return content + message.size();
  }

  /** Whether the bytes from one place to another are a record as {@link #putRecord} writes it. */
  static boolean isRecord(SignedPeerRecord record, byte[] in, int from, int to) {
    Bytes message = message(record);
    return to - from == message.size() && message.isAt(in, from);
  }

  private static Bytes message(SignedPeerRecord record) {
    return record.message(Wire::write);
  }

  private static Bytes write(SignedPeerRecord record) {
    byte[] message =
        new byte
            [fieldBytes(record.encoded())
                + fieldBytes(record.publicKey())
                + fieldBytes(record.signature())];
    int key = putBytes(message, 0, RECORD, record.encoded());
    int signature = putBytes(message, key, PUBLIC_KEY, record.publicKey());
    putBytes(message, signature, SIGNATURE, record.signature());
    return Bytes.copyOf(message);
  }

  /** An empty field is left out. */
  private static int fieldBytes(Bytes bytes) {
    return bytes.isEmpty() ? 0 : 1 + lengthBytes(bytes.size()) + bytes.size();
  }

  private static int putBytes(byte[] to, int at, byte tag, Bytes bytes) {
    if (bytes.isEmpty()) {
      return at;
    }
    to[at] = tag;
    int content = putLength(to, at + 1, bytes.size());
    bytes.copyTo(to, content);
    return content + bytes.size();
  }

  /**
   * Reads a length in its shortest form.
   *
   * @param limit where the message ends
   * @return −1 when there is none that ends within the message and takes one or two bytes
   */
  static int lengthAt(byte[] in, int at, int limit) {
    if (at < limit && in[at] >= 0) {
      return in[at];
    }
    return at + 1 < limit && in[at + 1] > 0 ? (in[at] & 0x7f) | (in[at + 1] << 7) : -1;
  }
}
