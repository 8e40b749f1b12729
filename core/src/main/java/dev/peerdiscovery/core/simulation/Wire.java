package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.AddProviderRequest;
import dev.peerdiscovery.core.message.AddProviderResponse;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.GetProvidersRequest;
import dev.peerdiscovery.core.message.GetProvidersResponse;
import dev.peerdiscovery.core.message.HeldProvider;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.message.ProvidersUpdate;
import dev.peerdiscovery.core.message.Request;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The transport's part of a simulated network: it serialises records, unsigned, to the very bytes
 * that a node sends, and knows how long each message would be ({@code docs/protocol.md}; {@code
 * proto} tests both against its codec). Nothing is parsed here: messages travel as values.
 */
public final class Wire {
  /** What gRPC puts before each message. HTTP/2 frames and headers come on top of it. */
  private static final int PREFIX = 5;

  private static final int ID_FIELD = 2 + NodeId.BYTES;

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

  private static int number(long value) {
    return value == 0 ? 0 : 1 + varint(value);
  }

  /** How many bytes a request is, without what HTTP/2 adds. */
  public static int size(Request request) {
    Network network = request.network();
    int size = PREFIX + field(field(network.name().length()) + 4 + 1 + varint(1));
    size += request.wantedId().isPresent() ? ID_FIELD : 0;
    Optional<SignedPeerRecord> caller = request.caller();
    size += caller.isPresent() ? field(size(caller.get())) : 0;
    if (request instanceof PingRequest ping) {
      size += ping.nonce().isEmpty() ? 0 : field(ping.nonce().size());
      return size + field(endpointSize(ping.dialled()));
    }
    if (request instanceof AddProviderRequest add) {
      return size + field(size(add.provider()));
    }
    if (request instanceof GetProvidersRequest get) {
      return size + ID_FIELD + number(get.max());
    }
    return size + ID_FIELD;
  }

  /** How many bytes a message of a stream is. */
  public static int size(ProvidersUpdate update) {
    return PREFIX + size(update.providers()) + (update.synced() ? 2 : 0);
  }

  private static int size(List<HeldProvider> providers) {
    int size = 0;
    for (int i = 0; i < providers.size(); i++) {
      HeldProvider held = providers.get(i);
      size += field(field(size(held.record())) + number(held.remaining().toMillis()));
    }
    return size;
  }

  private static int size(SignedProviderRecord record) {
    return optional(record.encoded()) + optional(record.publicKey()) + optional(record.signature());
  }

  private static int size(GetProvidersResponse response) {
    int size = PREFIX + size(response.providers()) + number(response.held());
    for (int i = 0; i < response.peers().size(); i++) {
      size += field(size(response.peers().get(i)));
    }
    return size + optional(response.token());
  }

  /** How many bytes an answer is; a refusal travels in headers and counts as none. */
  public static int size(Outcome answer) {
    if (answer instanceof FindNodeResponse found) {
      int size = PREFIX;
      for (int i = 0; i < found.peers().size(); i++) {
        size += field(size(found.peers().get(i)));
      }
      return size;
    }
    if (answer instanceof PingResponse ping) {
      int size = PREFIX + field(size(ping.responder()));
      size += ping.proof().isEmpty() ? 0 : field(ping.proof().size());
      Optional<Endpoint> observed = ping.observed();
      return observed.isPresent() ? size + field(endpointSize(observed.get())) : size;
    }
    if (answer instanceof GetProvidersResponse response) {
      return size(response);
    }
    return answer instanceof AddProviderResponse added ? PREFIX + optional(added.token()) : 0;
  }

  private static int size(SignedPeerRecord record) {
    return optional(record.encoded()) + optional(record.publicKey()) + optional(record.signature());
  }

  private static int optional(Bytes bytes) {
    return bytes.isEmpty() ? 0 : field(bytes.size());
  }

  private static int endpointSize(Endpoint endpoint) {
    return field(endpoint.host().length()) + 1 + varint(endpoint.port());
  }

  /** A field of that many bytes, with its tag and its length. */
  private static int field(int length) {
    return 1 + varint(length) + length;
  }

  private static int varint(long value) {
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
