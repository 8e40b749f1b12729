package dev.peerdiscovery.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.Arrays;
import java.util.Collections;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is encoded decodes to the same value, over the bytes of the wire. */
class RoundTripTest {
  static LongStream seeds() {
    return LongStream.range(0, 100);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void everyValueSurvives(long seed) throws Exception {
    Values values = new Values(seed);

    Endpoint endpoint = values.endpoint();
    assertThat(RecordCodec.decode(RecordCodec.encode(endpoint))).isEqualTo(endpoint);
    PeerRecord record = values.record();
    assertThat(RecordCodec.decodeRecord(RecordCodec.encode(record))).isEqualTo(record);
    SignedPeerRecord signed = values.signedRecord();
    assertThat(RecordCodec.decode(RecordCodec.encode(signed))).isEqualTo(signed);
    Network network = values.network();
    assertThat(Codec.decode(Codec.encode(network))).isEqualTo(network);
    PingRequest pingRequest = values.pingRequest();
    assertThat(decodePingRequest(Codec.encode(pingRequest).toByteArray())).isEqualTo(pingRequest);
    PingResponse pingResponse = values.pingResponse();
    assertThat(decodePingResponse(Codec.encode(pingResponse).toByteArray()))
        .isEqualTo(pingResponse);
    FindNodeRequest findNodeRequest = values.findNodeRequest();
    assertThat(decodeFindNodeRequest(Codec.encode(findNodeRequest).toByteArray()))
        .isEqualTo(findNodeRequest);
    FindNodeResponse findNodeResponse = values.findNodeResponse();
    assertThat(decodeFindNodeResponse(Codec.encode(findNodeResponse).toByteArray()))
        .isEqualTo(findNodeResponse);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void damagedMessagesAreDecodedOrMalformed(long seed) {
    Values values = new Values(seed);
    RandomGenerator random = new SplittableRandom(seed);
    byte[] ping = Codec.encode(values.pingRequest()).toByteArray();
    byte[] pong = Codec.encode(values.pingResponse()).toByteArray();
    byte[] question = Codec.encode(values.findNodeRequest()).toByteArray();
    byte[] answer = Codec.encode(values.findNodeResponse()).toByteArray();
    for (int i = 0; i < 20; i++) {
      accepts(damaged(ping, random), RoundTripTest::decodePingRequest);
      accepts(damaged(pong, random), RoundTripTest::decodePingResponse);
      accepts(damaged(question, random), RoundTripTest::decodeFindNodeRequest);
      accepts(damaged(answer, random), RoundTripTest::decodeFindNodeResponse);
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyIdentityTravels(IdentityMode identity) throws Exception {
    assertThat(Codec.decode(Codec.encode(identity))).isEqualTo(identity);
  }

  @ParameterizedTest
  @EnumSource
  void everyScopeTravels(Scope scope) throws Exception {
    assertThat(Codec.decode(Codec.encode(scope))).isEqualTo(scope);
  }

  @Test
  void everyEnumConstantOfTheWireIsKnown() {
    assertThat(
            Stream.of(dev.peerdiscovery.proto.peer.v1.IdentityMode.values())
                .filter(RoundTripTest::isKnown))
        .hasSize(IdentityMode.values().length);
    assertThat(
            Stream.of(dev.peerdiscovery.proto.peer.v1.Scope.values())
                .filter(RoundTripTest::isKnown))
        .hasSize(Scope.values().length);
  }

  /** The sizes that {@code docs/protocol.md} names. */
  @Test
  void noMessageIsLargerThanDocumented() {
    PeerRecord content = new Values(1).record();
    Bytes part = Bytes.copyOf(new byte[SignedPeerRecord.MAX_BYTES / 3]);
    Bytes rest = Bytes.copyOf(new byte[SignedPeerRecord.MAX_BYTES - 2 * part.size()]);
    SignedPeerRecord largest = new SignedPeerRecord(content, rest, part, part);
    Endpoint endpoint = new Endpoint(("a".repeat(49) + ".").repeat(5) + "abc", 65535);
    Network network =
        new Network("n".repeat(64), IdentityMode.SIGNED, Scope.PUBLIC, Integer.MAX_VALUE);
    Bytes nonce = Bytes.copyOf(new byte[PingRequest.NONCE_BYTES]);
    Bytes proof = Bytes.copyOf(new byte[PingResponse.MAX_PROOF_BYTES]);
    Optional<NodeId> id = Optional.of(NodeId.ZERO);

    PingRequest ping = new PingRequest(network, Optional.of(largest), id, endpoint, nonce);
    assertThat(Codec.encode(ping).getSerializedSize()).isBetween(1400, 1536);
    FindNodeRequest question = new FindNodeRequest(network, Optional.of(largest), id, NodeId.ZERO);
    assertThat(Codec.encode(question).getSerializedSize()).isBetween(1100, 1536);
    PingResponse pong = new PingResponse(largest, proof, Optional.of(endpoint));
    assertThat(Codec.encode(pong).getSerializedSize()).isBetween(1300, 1536);
    FindNodeResponse answer =
        new FindNodeResponse(Collections.nCopies(FindNodeResponse.MAX_PEERS, largest));
    assertThat(Codec.encode(answer).getSerializedSize()).isEqualTo(66_304);
  }

  private static boolean isKnown(Enum<?> constant) {
    return !constant.name().endsWith("UNSPECIFIED") && !constant.name().equals("UNRECOGNIZED");
  }

  @FunctionalInterface
  private interface Decoder {
    Object decode(byte[] bytes) throws MalformedMessageException, InvalidProtocolBufferException;
  }

  /** Any other exception fails the test. */
  private static void accepts(byte[] bytes, Decoder decoder) {
    try {
      assertThat(decoder.decode(bytes)).isNotNull();
    } catch (MalformedMessageException e) {
      assertThat(e.getMessage()).matches("[a-z_.]+: [ -~]+");
    } catch (InvalidProtocolBufferException e) {
      // gRPC refuses what is no message before the codec sees it.
    }
  }

  private static byte[] damaged(byte[] bytes, RandomGenerator random) {
    byte[] damaged = Arrays.copyOf(bytes, bytes.length - random.nextInt(2) * (bytes.length / 3));
    for (int i = random.nextInt(3); i >= 0 && damaged.length > 0; i--) {
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
    }
    return damaged;
  }

  private static PingRequest decodePingRequest(byte[] bytes)
      throws MalformedMessageException, InvalidProtocolBufferException {
    return Codec.decode(dev.peerdiscovery.proto.peer.v1.PingRequest.parseFrom(bytes));
  }

  private static PingResponse decodePingResponse(byte[] bytes)
      throws MalformedMessageException, InvalidProtocolBufferException {
    return Codec.decode(dev.peerdiscovery.proto.peer.v1.PingResponse.parseFrom(bytes));
  }

  private static FindNodeRequest decodeFindNodeRequest(byte[] bytes)
      throws MalformedMessageException, InvalidProtocolBufferException {
    return Codec.decode(dev.peerdiscovery.proto.peer.v1.FindNodeRequest.parseFrom(bytes));
  }

  private static FindNodeResponse decodeFindNodeResponse(byte[] bytes)
      throws MalformedMessageException, InvalidProtocolBufferException {
    return Codec.decode(dev.peerdiscovery.proto.peer.v1.FindNodeResponse.parseFrom(bytes));
  }
}
