package dev.peerdiscovery.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.AddProviderRequest;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.GetProvidersRequest;
import dev.peerdiscovery.core.message.GetProvidersResponse;
import dev.peerdiscovery.core.message.HeldProvider;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.PingProof;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.message.ProvidersUpdate;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.MessageSigner;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.ProviderRecord;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.ServiceName;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.record.SignedProviderRecord;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The wire is what the files in {@code golden} say, for this implementation and any other: each
 * lists what is said and the bytes that say it. {@code -Dgolden.update=true} rewrites them; a
 * rewritten file is a changed wire, so read the difference.
 */
class GoldenTest {
  private static final Path FOLDER = Path.of("src/test/resources/golden");

  /** A value of core, and the message that it travels as. */
  private record Vector(String name, String about, Object value) {
    @Override
    public String toString() {
      return name;
    }

    Path file() {
      return FOLDER.resolve(name + ".txt");
    }

    String text() throws InvalidProtocolBufferException {
      return GoldenText.of(about, encode(value));
    }
  }

  static Stream<Vector> vectors() {
    return Stream.of(records(), pings(), findNodes(), services(), refusals()).flatMap(s -> s);
  }

  private static Stream<Vector> records() {
    return Stream.of(
        new Vector(
            "peer-record", "A record with two endpoints, the preferred one first.", peer(13)),
        new Vector("peer-record-left", "A peer that has left: no endpoints.", left()),
        new Vector(
            "peer-record-lowest",
            "The lowest id and sequence. The id is 32 bytes all the same; a 0 is not sent.",
            new PeerRecord(NodeId.ZERO, List.of(new Endpoint("127.0.0.1", 1)), 0, "a")),
        new Vector(
            "peer-record-highest",
            "The highest id, port and sequence, a DNS name, the longest network name.",
            new PeerRecord(
                NodeId.ZERO.complement(),
                List.of(new Endpoint("peer-13.peers.example", 65535)),
                -1,
                "n".repeat(64))),
        new Vector("signed-peer-record", "Ids are assigned: no key, no signature.", sign(peer(13))),
        new Vector(
            "signed-peer-record-with-key",
            "How a key and a signature travel: identity-record.txt has what they come from.",
            RecordCodec.signed(GoldenIdentityTest.KEY).sign(GoldenIdentityTest.content())),
        new Vector(
            "signed-peer-record-foreign",
            "The record has fields of a later version in front, then the known ones in descending"
                + " order. It is relayed as it came; to serialise it anew would change it.",
            foreign()));
  }

  private static Stream<Vector> pings() {
    Endpoint dialled = Endpoint.parse("10.0.0.13:7400");
    return Stream.of(
        new Vector(
            "ping-request",
            "Peer 5 asks peer 13 for a proof.",
            new PingRequest(
                network(),
                Optional.of(sign(peer(5))),
                Optional.of(NodeId.of(13)),
                dialled,
                bytes(0, 32))),
        new Vector(
            "ping-request-minimal",
            "Somebody who is no peer asks who is there. No proof.",
            new PingRequest(network(), Optional.empty(), Optional.empty(), dialled, Bytes.EMPTY)),
        new Vector(
            "ping-request-leave",
            "Peer 13 says goodbye to peer 5: its record has no endpoints, and a higher sequence.",
            new PingRequest(
                network(),
                Optional.of(sign(left())),
                Optional.of(NodeId.of(5)),
                Endpoint.parse("[2001:db8::5]:7400"),
                Bytes.EMPTY)),
        new Vector(
            "ping-response",
            "Peer 13 proves its id: where ids are assigned, by the nonce, echoed.",
            new PingResponse(
                sign(peer(13)), bytes(0, 32), Optional.of(Endpoint.parse("10.0.0.5:54321")))),
        new Vector(
            "ping-response-without-proof",
            "No nonce was sent, or an endpoint was dialled that peer 13 does not advertise.",
            new PingResponse(sign(peer(13)), Bytes.EMPTY, Optional.empty())),
        new Vector(
            "ping-request-signed",
            "A peer with a key asks another one for a proof.",
            GoldenIdentityTest.request(Optional.of(GoldenIdentityTest.CALLER))),
        new Vector(
            "ping-response-signed",
            "The answer to it: identity-proof.txt has what is signed.",
            signedAnswer()));
  }

  private static Stream<Vector> findNodes() {
    return Stream.of(
        new Vector(
            "find-node-request",
            "Peer 5 asks peer 13 for the contacts nearest to 4.",
            new FindNodeRequest(
                network(), Optional.of(sign(peer(5))), Optional.of(NodeId.of(13)), NodeId.of(4))),
        new Vector(
            "find-node-request-minimal",
            "Somebody who is no peer, and does not know whom it asks, asks for 2^256 - 1.",
            new FindNodeRequest(
                new Network("demo", IdentityMode.SIGNED, Scope.PUBLIC, 1),
                Optional.empty(),
                Optional.empty(),
                NodeId.ZERO.complement())),
        new Vector(
            "find-node-response",
            "Nearest to 4 first. The last record is of a later version, and relayed as it came.",
            new FindNodeResponse(List.of(sign(peer(4)), sign(peer(6)), foreign()))),
        new Vector(
            "find-node-response-empty",
            "A peer that knows nobody. The message has no bytes.",
            new FindNodeResponse(List.of())));
  }

  private static Stream<Vector> services() {
    SignedProviderRecord provider = sign(provider(false));
    return Stream.of(
        new Vector("provider-record", "Peer 5 provides orders, at 10.0.0.5:8080.", provider(false)),
        new Vector(
            "add-provider-request",
            "Peer 5 has peer 13 keep that, with the token that peer 13 handed out.",
            new AddProviderRequest(
                network(), Optional.of(sign(peer(5))), Optional.of(NodeId.of(13)), provider)),
        new Vector(
            "get-providers-request",
            "Peer 5 asks peer 13 who provides orders. The key is that of demo/orders.",
            new GetProvidersRequest(
                network(),
                Optional.of(sign(peer(5))),
                Optional.of(NodeId.of(13)),
                provider.content().service().key(),
                64)),
        new Vector(
            "get-providers-response",
            "One provider, for 42.5 s still; one peer nearer to the key; a token.",
            new GetProvidersResponse(
                List.of(new HeldProvider(provider, Duration.ofMillis(42_500))),
                1,
                List.of(sign(peer(4))),
                bytes(0x10, 16))),
        new Vector(
            "watch-providers-response",
            "The provider is withdrawn.",
            new ProvidersUpdate(
                List.of(new HeldProvider(sign(provider(true)), Duration.ZERO)), true)));
  }

  private static ProviderRecord provider(boolean withdrawn) {
    return new ProviderRecord(
        new ServiceName("demo", "orders"),
        NodeId.of(5),
        Endpoint.parse("10.0.0.5:8080"),
        Map.of("zone", "a"),
        ProviderRecord.DEFAULT_TTL,
        withdrawn,
        1_735_689_600_000L,
        withdrawn ? 8 : 7,
        bytes(0, 16));
  }

  private static SignedProviderRecord sign(ProviderRecord record) {
    return RecordCodec.unsigned().sign(record);
  }

  private static Stream<Vector> refusals() {
    return Stream.of(
        new Vector(
            "refusal-malformed",
            "The value of the trailer grpc-status-details-bin; grpc-status is 3.",
            new Refusal(Refusal.Reason.MALFORMED, "target: must be 32 bytes, got 31")),
        new Vector(
            "refusal-other-peer",
            "The value of the trailer grpc-status-details-bin; grpc-status is 9.",
            new Refusal(Refusal.Reason.OTHER_PEER, "this is another peer")),
        new Vector(
            "refusal-overloaded",
            "The value of the trailer grpc-status-details-bin; grpc-status is 8.",
            new Refusal(Refusal.Reason.OVERLOADED, "too much to do")));
  }

  @BeforeAll
  static void update() throws IOException {
    if (Boolean.getBoolean("golden.update")) {
      Files.createDirectories(FOLDER);
      for (Vector vector : vectors().toList()) {
        Files.writeString(vector.file(), vector.text());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void valuesEncodeToTheFile(Vector vector) throws IOException {
    assertThat(vector.text()).isEqualTo(Files.readString(vector.file()));
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void theFileDecodesToTheValue(Vector vector) throws Exception {
    byte[] bytes = GoldenText.bytesOf(Files.readString(vector.file()));

    assertThat(decode(vector.value().getClass(), bytes)).isEqualTo(vector.value());
  }

  @Test
  void thereAreNoOtherFiles() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      assertThat(files.filter(file -> !file.getFileName().toString().startsWith("identity-")))
          .containsExactlyInAnyOrderElementsOf(vectors().map(Vector::file).toList());
    }
  }

  private static Network network() {
    return Network.of("demo", IdentityMode.ASSIGNED, Scope.PRIVATE);
  }

  private static PeerRecord peer(int id) {
    return new PeerRecord(
        NodeId.of(id),
        List.of(
            Endpoint.parse("10.0.0." + id + ":7400"),
            Endpoint.parse("[2001:db8::" + id + "]:7400")),
        1_735_689_600_000L,
        "demo");
  }

  private static PeerRecord left() {
    return new PeerRecord(NodeId.of(13), List.of(), 1_735_689_600_001L, "demo");
  }

  private static SignedPeerRecord sign(PeerRecord record) {
    return RecordCodec.unsigned().sign(record);
  }

  private static PingResponse signedAnswer() {
    MessageSigner key = GoldenIdentityTest.KEY;
    PingRequest request = GoldenIdentityTest.request(Optional.of(GoldenIdentityTest.CALLER));
    return new PingResponse(
        RecordCodec.signed(key).sign(GoldenIdentityTest.content()),
        key.sign(PingProof.bytesOf(request, GoldenIdentityTest.KEY.id())),
        Optional.empty());
  }

  private static SignedPeerRecord foreign() {
    return new SignedPeerRecord(
        peer(20), RecordCodecTest.foreignEncoding(peer(20)), Bytes.EMPTY, Bytes.EMPTY);
  }

  /** Bytes that count up. */
  private static Bytes bytes(int first, int size) {
    byte[] bytes = new byte[size];
    IntStream.range(0, size).forEach(i -> bytes[i] = (byte) (first + i));
    return Bytes.copyOf(bytes);
  }

  private static Message encode(Object value) throws InvalidProtocolBufferException {
    if (value instanceof PeerRecord record) {
      return dev.peerdiscovery.proto.peer.v1.PeerRecord.parseFrom(
          RecordCodec.encode(record).toArray());
    } else if (value instanceof SignedPeerRecord record) {
      return RecordCodec.encode(record);
    } else if (value instanceof PingRequest request) {
      return Codec.encode(request);
    } else if (value instanceof PingResponse response) {
      return Codec.encode(response);
    } else if (value instanceof FindNodeRequest request) {
      return Codec.encode(request);
    } else if (value instanceof FindNodeResponse response) {
      return Codec.encode(response);
    } else if (value instanceof ProviderRecord record) {
      return dev.peerdiscovery.proto.peer.v1.ProviderRecord.parseFrom(
          ProviderCodec.encode(record).toArray());
    } else if (value instanceof AddProviderRequest request) {
      return ProviderCodec.encode(request);
    } else if (value instanceof GetProvidersRequest request) {
      return ProviderCodec.encode(request);
    } else if (value instanceof GetProvidersResponse response) {
      return ProviderCodec.encode(response);
    } else if (value instanceof ProvidersUpdate update) {
      return ProviderCodec.encode(update);
    } else if (value instanceof Refusal refusal) {
      return StatusProto.fromThrowable(Refusals.toException(refusal));
    }
    throw new AssertionError(value);
  }

  private static Object decode(Class<?> type, byte[] bytes) throws Exception {
    if (type == PeerRecord.class) {
      return RecordCodec.decodeRecord(Bytes.copyOf(bytes));
    } else if (type == SignedPeerRecord.class) {
      return RecordCodec.decode(dev.peerdiscovery.proto.peer.v1.SignedPeerRecord.parseFrom(bytes));
    } else if (type == PingRequest.class) {
      return Codec.decode(dev.peerdiscovery.proto.peer.v1.PingRequest.parseFrom(bytes));
    } else if (type == PingResponse.class) {
      return Codec.decode(dev.peerdiscovery.proto.peer.v1.PingResponse.parseFrom(bytes));
    } else if (type == FindNodeRequest.class) {
      return Codec.decode(dev.peerdiscovery.proto.peer.v1.FindNodeRequest.parseFrom(bytes));
    } else if (type == FindNodeResponse.class) {
      return Codec.decode(dev.peerdiscovery.proto.peer.v1.FindNodeResponse.parseFrom(bytes));
    } else if (type == ProviderRecord.class) {
      return ProviderCodec.decodeRecord(Bytes.copyOf(bytes));
    } else if (type == AddProviderRequest.class) {
      return ProviderCodec.decode(
          dev.peerdiscovery.proto.peer.v1.AddProviderRequest.parseFrom(bytes));
    } else if (type == GetProvidersRequest.class) {
      return ProviderCodec.decode(
          dev.peerdiscovery.proto.peer.v1.GetProvidersRequest.parseFrom(bytes));
    } else if (type == GetProvidersResponse.class) {
      return ProviderCodec.decode(
          dev.peerdiscovery.proto.peer.v1.GetProvidersResponse.parseFrom(bytes));
    } else if (type == ProvidersUpdate.class) {
      return ProviderCodec.decode(
          dev.peerdiscovery.proto.peer.v1.WatchProvidersResponse.parseFrom(bytes));
    } else if (type == Refusal.class) {
      return Refusals.outcomeOf(
          StatusProto.toStatusRuntimeException(com.google.rpc.Status.parseFrom(bytes)));
    }
    throw new AssertionError(type);
  }
}
