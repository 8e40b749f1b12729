package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Domain;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.MessageSigner;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.ProviderRecord;
import dev.peerdiscovery.core.record.RecordSigner;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.record.SignedProviderRecord;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * The transport's part of a simulated network: it serialises records to the very bytes that a node
 * sends ({@code docs/protocol.md}; {@code proto} tests it against its codec). Nothing is parsed
 * here: messages travel as values, and {@link MessageSizes} knows how long each would be.
 */
public final class Wire {
  static final int ID_FIELD = 2 + NodeId.BYTES;

  private Wire() {}

  /** Makes the records of a simulated peer ready to travel, signed where it has a key. */
  public static RecordSigner signer(Optional<MessageSigner> key) {
    return new RecordSigner() {
      @Override
      public SignedPeerRecord sign(PeerRecord record) {
        return key.isPresent() ? Wire.sign(record, key.get()) : Wire.sign(record);
      }

      @Override
      public SignedProviderRecord sign(ProviderRecord record) {
        return key.isPresent() ? Wire.sign(record, key.get()) : Wire.sign(record);
      }
    };
  }

  /** Makes a record ready to travel: the signer of simulated peers. */
  public static SignedPeerRecord sign(PeerRecord record) {
    byte[] network = ascii(record.network());
    int size = ID_FIELD + field(network.length);
    for (Endpoint endpoint : record.endpoints()) {
      size += field(endpointSize(endpoint));
    }
    size += record.sequence() == 0 ? 0 : 1 + varint(record.sequence());
    Writer writer = new Writer(size);
    writer.bytes(1, record.id().toBytes());
    for (Endpoint endpoint : record.endpoints()) {
      writer.tag(2, 2);
      writer.varint(endpointSize(endpoint));
      writer.bytes(1, ascii(endpoint.host()));
      writer.number(2, endpoint.port());
    }
    writer.number(3, record.sequence());
    writer.bytes(4, network);
    return new SignedPeerRecord(record, Bytes.copyOf(writer.bytes), Bytes.EMPTY, Bytes.EMPTY);
  }

  /** Makes a record ready to travel, signed: the signer of simulated peers that have keys. */
  public static SignedPeerRecord sign(PeerRecord record, MessageSigner key) {
    Bytes encoded = sign(record).encoded();
    return new SignedPeerRecord(
        record, encoded, key.publicKey(), key.sign(Domain.PEER_RECORD.bytesOf(encoded)));
  }

  /** The same for a record about an instance. */
  public static SignedProviderRecord sign(ProviderRecord record, MessageSigner key) {
    Bytes encoded = sign(record).encoded();
    return new SignedProviderRecord(
        record, encoded, key.publicKey(), key.sign(Domain.PROVIDER_RECORD.bytesOf(encoded)));
  }

  /** Makes a record about an instance ready to travel: the signer of simulated peers. */
  public static SignedProviderRecord sign(ProviderRecord record) {
    byte[] namespace = ascii(record.service().namespace());
    byte[] name = ascii(record.service().name());
    Endpoint endpoint = record.endpoint();
    int size =
        field(namespace.length)
            + field(name.length)
            + ID_FIELD
            + field(endpointSize(endpoint))
            + number(record.ttl().toSeconds())
            + (record.withdrawn() ? 2 : 0)
            + number(record.incarnation())
            + number(record.sequence())
            + optional(record.token());
    for (Map.Entry<String, String> entry : record.metadata().entrySet()) {
      size += field(entrySize(entry));
    }
    Writer writer = new Writer(size);
    writer.bytes(1, namespace);
    writer.bytes(2, name);
    writer.bytes(3, record.publisher().toBytes());
    writer.tag(4, 2);
    writer.varint(endpointSize(endpoint));
    writer.bytes(1, ascii(endpoint.host()));
    writer.number(2, endpoint.port());
    for (Map.Entry<String, String> entry : record.metadata().entrySet()) {
      writer.tag(5, 2);
      writer.varint(entrySize(entry));
      writer.bytes(1, utf8(entry.getKey()));
      writer.bytes(2, utf8(entry.getValue()));
    }
    writer.number(6, record.ttl().toSeconds());
    writer.number(7, record.withdrawn() ? 1 : 0);
    writer.number(8, record.incarnation());
    writer.number(9, record.sequence());
    if (!record.token().isEmpty()) {
      writer.bytes(10, record.token().toArray());
    }
    return new SignedProviderRecord(record, Bytes.copyOf(writer.bytes), Bytes.EMPTY, Bytes.EMPTY);
  }

  private static int entrySize(Map.Entry<String, String> entry) {
    return field(utf8(entry.getKey()).length) + field(utf8(entry.getValue()).length);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static int number(long value) {
    return value == 0 ? 0 : 1 + varint(value);
  }

  static int optional(Bytes bytes) {
    return bytes.isEmpty() ? 0 : field(bytes.size());
  }

  static int endpointSize(Endpoint endpoint) {
    return field(endpoint.host().length()) + 1 + varint(endpoint.port());
  }

  /** A field of that many bytes, with its tag and its length. */
  static int field(int length) {
    return 1 + varint(length) + length;
  }

  static int varint(long value) {
    return Math.max(1, (70 - Long.numberOfLeadingZeros(value)) / 7);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Writes fields as protobuf does; a field with its default value is left out. */
  private static final class Writer {
    final byte[] bytes;
    private int at;

    Writer(int size) {
      bytes = new byte[size];
    }

    void tag(int field, int type) {
      bytes[at++] = (byte) (field << 3 | type);
    }

    void varint(long value) {
      long rest = value;
      while ((rest & ~0x7fL) != 0) {
        bytes[at++] = (byte) (rest | 0x80);
        rest >>>= 7;
      }
      bytes[at++] = (byte) rest;
    }

    void bytes(int field, byte[] value) {
      tag(field, 2);
      varint(value.length);
      System.arraycopy(value, 0, bytes, at, value.length);
      at += value.length;
    }

    void number(int field, long value) {
      if (value != 0) {
        tag(field, 0);
        varint(value);
      }
    }
  }
}
