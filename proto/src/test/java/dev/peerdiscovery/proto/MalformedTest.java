package dev.peerdiscovery.proto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.proto.peer.v1.Endpoint;
import dev.peerdiscovery.proto.peer.v1.FindNodeRequest;
import dev.peerdiscovery.proto.peer.v1.FindNodeResponse;
import dev.peerdiscovery.proto.peer.v1.IdentityMode;
import dev.peerdiscovery.proto.peer.v1.Network;
import dev.peerdiscovery.proto.peer.v1.PeerRecord;
import dev.peerdiscovery.proto.peer.v1.PingRequest;
import dev.peerdiscovery.proto.peer.v1.PingResponse;
import dev.peerdiscovery.proto.peer.v1.Scope;
import dev.peerdiscovery.proto.peer.v1.SignedPeerRecord;
import java.util.Collections;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each message that breaks a rule, and the complaint about it. Generated classes throughout. */
class MalformedTest {
  private static final Endpoint ENDPOINT =
      Endpoint.newBuilder().setHost("10.0.0.1").setPort(7400).build();

  private static PeerRecord.Builder content() {
    return PeerRecord.newBuilder()
        .setId(zeros(32))
        .addEndpoints(ENDPOINT)
        .setSequence(1)
        .setNetwork("demo");
  }

  private static SignedPeerRecord record(PeerRecord.Builder content) {
    return SignedPeerRecord.newBuilder().setRecord(content.build().toByteString()).build();
  }

  private static PingRequest.Builder ping() {
    return PingRequest.newBuilder()
        .setNetwork(
            Network.newBuilder()
                .setName("demo")
                .setIdentity(IdentityMode.IDENTITY_MODE_ASSIGNED)
                .setScope(Scope.SCOPE_PRIVATE)
                .setProtocolVersion(1))
        .setDialled(ENDPOINT);
  }

  private static ByteString zeros(int size) {
    return ByteString.copyFrom(new byte[size]);
  }

  private static Arguments network(String what, Consumer<Network.Builder> change, String expected) {
    return pinging(what, ping -> change.accept(ping.getNetworkBuilder()), expected);
  }

  private static Arguments dialled(
      String what, Consumer<Endpoint.Builder> change, String expected) {
    return pinging(what, ping -> change.accept(ping.getDialledBuilder()), expected);
  }

  private static Arguments caller(String what, ByteString record, String expected) {
    return pinging(
        what, ping -> ping.setCaller(SignedPeerRecord.newBuilder().setRecord(record)), expected);
  }

  private static Arguments content(
      String what, Consumer<PeerRecord.Builder> change, String expected) {
    PeerRecord.Builder content = content();
    change.accept(content);
    return caller(what, content.build().toByteString(), expected);
  }

  private static Arguments pinging(
      String what, Consumer<PingRequest.Builder> change, String expected) {
    PingRequest.Builder ping = ping();
    change.accept(ping);
    return Arguments.of(what, ping.build(), expected);
  }

  static Stream<Arguments> requests() {
    String port = "dialled.port: must be 1 to 65535, got ";
    String name = "network: the name must be 1 to 64 letters, digits, dots, dashes and underscores";
    String noName = "dialled.host: neither an IP address nor a DNS name";
    return Stream.of(
        pinging("no network", PingRequest.Builder::clearNetwork, "network: required"),
        network("no name", Network.Builder::clearName, name),
        network("name of 65", n -> n.setName("n".repeat(65)), name),
        network("name with newline", n -> n.setName("demo\n"), name),
        network("no identity", Network.Builder::clearIdentity, "network.identity: required"),
        network("identity 9", n -> n.setIdentityValue(9), "network.identity: unknown"),
        network("identity -1", n -> n.setIdentityValue(-1), "network.identity: unknown"),
        network("no scope", Network.Builder::clearScope, "network.scope: required"),
        network("scope 9", n -> n.setScopeValue(9), "network.scope: unknown"),
        network(
            "version 0",
            Network.Builder::clearProtocolVersion,
            "network.protocol_version: must be 1 to 2147483647"),
        network(
            "version 2^31",
            n -> n.setProtocolVersion(Integer.MIN_VALUE),
            "network.protocol_version: must be 1 to 2147483647"),
        pinging("nonce empty", p -> p.setNonce(zeros(0)), "nonce: must be 32 bytes, got 0"),
        pinging("nonce of 31", p -> p.setNonce(zeros(31)), "nonce: must be 32 bytes, got 31"),
        pinging("nonce of 33", p -> p.setNonce(zeros(33)), "nonce: must be 32 bytes, got 33"),
        pinging("no dialled", PingRequest.Builder::clearDialled, "dialled: required"),
        pinging(
            "wanted_id empty", p -> p.setWantedId(zeros(0)), "wanted_id: must be 32 bytes, got 0"),
        pinging(
            "wanted_id of 33",
            p -> p.setWantedId(zeros(33)),
            "wanted_id: must be 32 bytes, got 33"),
        dialled("port 0", Endpoint.Builder::clearPort, port + 0),
        dialled("port 65536", e -> e.setPort(65536), port + 65536),
        dialled("port 70000", e -> e.setPort(70000), port + 70000),
        dialled("port 2^32 - 1", e -> e.setPort(-1), port + -1),
        dialled("no host", Endpoint.Builder::clearHost, "dialled.host: empty"),
        dialled("host with newline", e -> e.setHost("a\nb"), noName),
        dialled("host with NUL", e -> e.setHost("a\0b"), noName),
        dialled("host with escapes", e -> e.setHost("\u001b[31mred"), noName),
        dialled("host beyond ASCII", e -> e.setHost("pêer.example"), noName),
        dialled(
            "host of 1 MB",
            e -> e.setHost("a".repeat(1 << 20)),
            "dialled.host: longer than 253 characters"),
        dialled(
            "octal host",
            e -> e.setHost("0177.0.0.1"),
            "dialled.host: not an IPv4 address, four numbers of 0 to 255"),
        dialled(
            "IPv6 with zone",
            e -> e.setHost("fe80::1%eth0"),
            "dialled.host: not an IPv6 address (zones are not supported)"),
        caller("no record", ByteString.EMPTY, "caller.record: required"),
        caller("record over 1 KiB", zeros(1025), "caller.record: larger than 1024 bytes"),
        pinging(
            "record and key over 1 KiB",
            p -> p.setCaller(record(content()).toBuilder().setPublicKey(zeros(1000))),
            "caller.record: larger than 1024 bytes"),
        caller(
            "record that is no protobuf",
            ByteString.copyFromUtf8("garbage"),
            "caller.record: not a serialised PeerRecord"),
        caller(
            "record cut short",
            content().build().toByteString().substring(0, 20),
            "caller.record: not a serialised PeerRecord"),
        caller(
            "groups nested 1,000 deep",
            ByteString.copyFrom(Collections.nCopies(1000, ByteString.copyFrom(new byte[] {0x7b}))),
            "caller.record: not a serialised PeerRecord"),
        content("no id", PeerRecord.Builder::clearId, "caller.record.id: required"),
        content("id of 31", r -> r.setId(zeros(31)), "caller.record.id: must be 32 bytes, got 31"),
        content("id of 33", r -> r.setId(zeros(33)), "caller.record.id: must be 32 bytes, got 33"),
        content(
            "9 endpoints",
            r -> r.addAllEndpoints(Collections.nCopies(8, ENDPOINT)),
            "caller.record: more than 8 endpoints"),
        content(
            "second endpoint with port 0",
            r -> r.addEndpoints(ENDPOINT.toBuilder().clearPort()),
            "caller.record.endpoints.port: must be 1 to 65535, got 0"),
        content(
            "record without network", PeerRecord.Builder::clearNetwork, "caller.record." + name));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void requests(String what, PingRequest request, String expected) {
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> Codec.decode(request))
        .withMessage(expected)
        .satisfies(
            e ->
                assertThat(e.refusal()).isEqualTo(new Refusal(Refusal.Reason.MALFORMED, expected)));
  }

  static Stream<Arguments> questions() {
    FindNodeRequest good =
        FindNodeRequest.newBuilder()
            .setNetwork(ping().getNetwork())
            .setTarget(zeros(32))
            .setCaller(record(content()))
            .build();
    return Stream.of(
        Arguments.of(FindNodeRequest.getDefaultInstance(), "network: required"),
        Arguments.of(good.toBuilder().clearTarget().build(), "target: required"),
        Arguments.of(
            good.toBuilder().setTarget(zeros(31)).build(), "target: must be 32 bytes, got 31"),
        Arguments.of(
            good.toBuilder().setWantedId(zeros(31)).build(), "wanted_id: must be 32 bytes, got 31"),
        Arguments.of(
            good.toBuilder().setCaller(SignedPeerRecord.getDefaultInstance()).build(),
            "caller.record: required"));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource
  void questions(FindNodeRequest request, String expected) {
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> Codec.decode(request))
        .withMessage(expected);
  }

  static Stream<Arguments> pingAnswers() {
    PingResponse good = PingResponse.newBuilder().setResponder(record(content())).build();
    return Stream.of(
        Arguments.of(PingResponse.getDefaultInstance(), "responder: required"),
        Arguments.of(good.toBuilder().setProof(zeros(65)).build(), "proof: longer than 64 bytes"),
        Arguments.of(
            good.toBuilder().setObserved(ENDPOINT.toBuilder().clearPort()).build(),
            "observed.port: must be 1 to 65535, got 0"),
        Arguments.of(
            PingResponse.newBuilder().setResponder(record(content().clearId())).build(),
            "responder.record.id: required"));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource
  void pingAnswers(PingResponse response, String expected) {
    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> Codec.decode(response))
        .withMessage(expected);
  }

  @Test
  void aBadRecordInAnAnswerIsLeftOut() throws Exception {
    SignedPeerRecord first = record(content());
    SignedPeerRecord last = record(content().setSequence(2));
    FindNodeResponse answer =
        FindNodeResponse.newBuilder()
            .addPeers(first)
            .addPeers(record(content().setId(zeros(31))))
            .addPeers(SignedPeerRecord.getDefaultInstance())
            .addPeers(SignedPeerRecord.newBuilder().setRecord(zeros(5)))
            .addPeers(last)
            .build();

    assertThat(Codec.decode(answer).peers())
        .containsExactly(RecordCodec.decode(first), RecordCodec.decode(last));
  }

  @Test
  void anAnswerWithTooManyRecordsIsRejectedWhole() throws Exception {
    FindNodeResponse full =
        FindNodeResponse.newBuilder()
            .addAllPeers(Collections.nCopies(64, record(content())))
            .build();
    assertThat(Codec.decode(full).peers()).hasSize(64);

    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(() -> Codec.decode(full.toBuilder().addPeers(record(content())).build()))
        .withMessage("peers: more than 64");
  }
}
