package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.peerdiscovery.core.engine.EngineStatus;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.proto.peer.v1.Endpoint;
import dev.peerdiscovery.proto.peer.v1.FindNodeRequest;
import dev.peerdiscovery.proto.peer.v1.IdentityMode;
import dev.peerdiscovery.proto.peer.v1.Network;
import dev.peerdiscovery.proto.peer.v1.PeerRecord;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import dev.peerdiscovery.proto.peer.v1.PingRequest;
import dev.peerdiscovery.proto.peer.v1.PingResponse;
import dev.peerdiscovery.proto.peer.v1.Scope;
import dev.peerdiscovery.proto.peer.v1.SignedPeerRecord;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a stranger can ask of a real node. */
class HostileRequestsTest extends HostileTest {
  @Row(1)
  @ParameterizedTest
  @ValueSource(ints = {1, 31, 33, 64})
  void idOfWrongLength_isMalformed(int length) {
    ByteString id = Wire.bytes(length);
    assertMalformed(Wire.findNode(NodeId.ZERO).setTarget(id).build(), "target: must be 32 bytes");
    assertMalformed(
        Wire.findNode(NodeId.ZERO).setWantedId(id).build(), "wanted_id: must be 32 bytes");
    assertMalformed(Wire.ping().setWantedId(id).build(), "wanted_id: must be 32 bytes");
    assertMalformed(
        Wire.pingFrom(Wire.signed(Wire.record(NodeId.ZERO).setId(id))),
        "caller.record.id: must be 32 bytes");
  }

  @Row(2)
  @Test
  void missingId_isMalformed() {
    assertMalformed(
        FindNodeRequest.newBuilder().setNetwork(Wire.network()).build(), "target: required");
    assertMalformed(
        Wire.ping().setWantedId(ByteString.EMPTY).build(), "wanted_id: must be 32 bytes");
    assertMalformed(
        Wire.pingFrom(Wire.signed(Wire.record(NodeId.ZERO).clearId())),
        "caller.record.id: required");
    assertMalformed(
        Wire.pingFrom(SignedPeerRecord.getDefaultInstance()), "caller.record: required");
    assertMalformed(PingRequest.getDefaultInstance(), "network: required");
    assertMalformed(Wire.ping().clearDialled().build(), "dialled: required");
  }

  /** Where ids are assigned these two are ids as any other. */
  @Row({3, 4})
  @Test
  void allZerosAndAllOnes_areIds() {
    for (NodeId id : List.of(NodeId.ZERO, NodeId.ZERO.complement())) {
      assertThat(victim.stub().findNode(Wire.findNode(id).build()).getPeersCount()).isEqualTo(3);
      victim.stub().ping(Wire.pingFrom(Wire.peer(id, "127.0.0.1", 1)));
    }
  }

  @Row(5)
  @Test
  void ownId_isAnsweredAndNeverTakenIn() {
    SignedPeerRecord self = Wire.peer(victim.node.id(), "127.0.0.1", victim.node.port());
    victim.stub().ping(Wire.pingFrom(self));
    victim.stub().findNode(Wire.findNode(NodeId.ZERO).setCaller(self).build());
    assertThat(victim.contacts()).doesNotContain(victim.node.id());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 31, 33, 64})
  void nonceOfWrongLength_isMalformed(int length) {
    assertMalformed(Wire.ping().setNonce(Wire.bytes(length)).build(), "nonce: must be 32 bytes");
  }

  @Row({8, 9, 10})
  @ParameterizedTest
  @ValueSource(ints = {0, -1, 65_536, 70_000, Integer.MIN_VALUE})
  void portOutOfRange_isMalformed(int port) {
    assertMalformed(
        Wire.pingFrom(Wire.peer(NodeId.ZERO, "127.0.0.1", port)), "port: must be 1 to 65535");
    assertMalformed(
        Wire.ping().setDialled(Wire.endpoint("127.0.0.1", port)).build(),
        "port: must be 1 to 65535");
  }

  @Row(12)
  @Test
  void recordOverTheLimit_isMalformed() {
    PeerRecord.Builder record = Wire.record(NodeId.ZERO);
    for (int i = 0; i < 8; i++) {
      record.addEndpoints(Wire.endpoint("a".repeat(60) + "." + "b".repeat(60) + ".example", 7400));
    }
    assertMalformed(Wire.pingFrom(Wire.signed(record)), "larger than 1024 bytes");
    PeerRecord.Builder many = Wire.record(NodeId.ZERO);
    for (int i = 0; i < 9; i++) {
      many.addEndpoints(Wire.endpoint("127.0.0.1", 7400 + i));
    }
    assertMalformed(Wire.pingFrom(Wire.signed(many)), "more than 8 endpoints");
  }

  @Row({13, 15})
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "evil\nhost",
        "evil\u0000host",
        "\u001b[31mevil",
        "évil.example",
        "fe80::1%eth0",
        "0177.0.0.1",
        "1",
        "0x7f000001",
        "[::1]",
        "-evil.example"
      })
  void hostThatIsNone_isMalformed_andNotEchoed(String host) {
    for (PingRequest request :
        List.of(
            Wire.pingFrom(Wire.peer(NodeId.ZERO, host, 7400)),
            Wire.ping().setDialled(Wire.endpoint(host, 7400)).build())) {
      Status status = refusal(request);
      assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(status.getDescription()).contains("host: ").doesNotContain("evil");
      assertThat(status.getDescription()).matches("[ -~]*");
    }
  }

  @Row(12)
  @Test
  void hostTooLong_isMalformed() {
    String host = ("a".repeat(50) + ".").repeat(5) + "example";
    assertMalformed(
        Wire.pingFrom(Wire.peer(NodeId.ZERO, host, 7400)), "host: longer than 253 characters");
  }

  @Row(16)
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "ff02::1",
        "255.255.255.255",
        "169.254.169.254",
        "fe80::1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe"
      })
  void addressThatMustNotBeDialled_isNotDialled(String host) {
    long before = victim.counter("hints.dropped.REFUSED");
    long unreachable = victim.counter("hints.dropped.UNREACHABLE");
    victim.stub().ping(Wire.pingFrom(Wire.peer(random(), host, 7400)));
    await()
        .atMost(Victim.PATIENCE)
        .until(() -> victim.counter("hints.dropped.REFUSED") == before + 1);
    assertThat(victim.counter("hints.dropped.UNREACHABLE")).isEqualTo(unreachable);
  }

  @Row({14, 17})
  @Test
  void scopeOfLoopback_dialsNoNames_andOtherScopesNoLoopback() throws Exception {
    try (PeerNode loopback =
            PeerNode.builder()
                .identity(dev.peerdiscovery.core.record.IdentityMode.ASSIGNED)
                .scope(dev.peerdiscovery.core.record.Scope.LOOPBACK)
                .listen("127.0.0.1:0")
                .start();
        PeerNode apart =
            PeerNode.builder()
                .identity(dev.peerdiscovery.core.record.IdentityMode.ASSIGNED)
                .listen("0.0.0.0:0")
                .advertise("10.77.0.1:7400")
                .start()) {
      Network inLoopback = Wire.network().toBuilder().setScope(Scope.SCOPE_LOOPBACK).build();
      PingRequest named =
          Wire.pingFrom(Wire.peer(random(), "host.example", 7400)).toBuilder()
              .setNetwork(inLoopback)
              .build();
      PingRequest local = Wire.pingFrom(Wire.peer(random(), "127.0.0.1", 7400));
      assertHintRefused(loopback, named);
      assertHintRefused(apart, local);
    }
  }

  /** In public nobody is sent to other people's services. */
  @Row({11, 17})
  @Test
  void scopeOfPublic_dialsNoPortsOfOtherServices_andNoPrivateAddresses() throws Exception {
    try (PeerNode node =
        PeerNode.builder()
            .identity(dev.peerdiscovery.core.record.IdentityMode.ASSIGNED)
            .scope(dev.peerdiscovery.core.record.Scope.PUBLIC)
            .listen("0.0.0.0:0")
            .advertise("192.0.2.1:7400")
            .start()) {
      Network inPublic = Wire.network().toBuilder().setScope(Scope.SCOPE_PUBLIC).build();
      for (Endpoint at :
          List.of(
              Wire.endpoint("192.0.2.2", 22),
              Wire.endpoint("192.0.2.2", 25),
              Wire.endpoint("192.0.2.2", 53),
              Wire.endpoint("192.0.2.2", 6379),
              Wire.endpoint("10.0.0.1", 7400),
              Wire.endpoint("127.0.0.1", 7400))) {
        assertHintRefused(
            node,
            Wire.pingFrom(Wire.signed(Wire.record(random(), at))).toBuilder()
                .setNetwork(inPublic)
                .build());
      }
    }
  }

  private static void assertHintRefused(PeerNode node, PingRequest ping) throws Exception {
    long callsBefore = node.status().get().calls();
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", node.port()).usePlaintext().build();
    try {
      await()
          .atMost(Victim.PATIENCE)
          .ignoreException(StatusRuntimeException.class)
          .until(() -> PeerServiceGrpc.newBlockingStub(channel).ping(ping).hasResponder());
      // Once a record has been refused, nothing is under way and nothing was called.
      EngineStatus status = node.status().get();
      assertThat(status.contacts()).isZero();
      assertThat(status.calls()).isEqualTo(callsBefore);
    } finally {
      channel.shutdownNow();
    }
  }

  @Row({29, 30})
  @Test
  void otherRecordsOfAContact_changeNothing() throws Exception {
    SignedPeerRecord known = victim.contactRecords().get(0);
    PeerRecord content = PeerRecord.parseFrom(known.getRecord());
    int nobody = closedPort();
    for (long sequence : new long[] {0, 1, content.getSequence() - 1, content.getSequence(), -1L}) {
      SignedPeerRecord other =
          Wire.signed(
              content.toBuilder()
                  .clearEndpoints()
                  .addEndpoints(Wire.endpoint("127.0.0.1", nobody))
                  .setSequence(sequence));
      victim.stub().ping(Wire.pingFrom(other));
      victim.stub().findNode(Wire.findNode(NodeId.ZERO).setCaller(other).build());
    }
    await().atMost(Victim.PATIENCE).until(() -> victim.node.status().get().callsUnderWay() == 0);
    assertThat(victim.contactRecords()).contains(known);
  }

  /** The highest sequence can never be superseded, so the node keeps its own. */
  @Row(31)
  @Test
  void ownRecordOfTheHighestSequence_isIgnored() {
    long before = victim.status().getSequence();
    SignedPeerRecord self =
        Wire.signed(Wire.record(victim.node.id(), Wire.endpoint("127.0.0.1", 1)).setSequence(-1L));
    victim.stub().ping(Wire.pingFrom(self));
    victim.stub().findNode(Wire.findNode(NodeId.ZERO).setCaller(self).build());
    assertThat(victim.status().getSequence()).isEqualTo(before);
  }

  @Row(33)
  @Test
  void unknownAndUnspecifiedEnums_areMalformed() {
    Network network = Wire.network();
    assertMalformed(with(network.toBuilder().clearIdentity()), "network.identity: required");
    assertMalformed(with(network.toBuilder().setIdentityValue(99)), "network.identity: unknown");
    assertMalformed(with(network.toBuilder().clearScope()), "network.scope: required");
    assertMalformed(with(network.toBuilder().setScopeValue(-5)), "network.scope: unknown");
    assertMalformed(with(network.toBuilder().setProtocolVersion(0)), "protocol_version: must be");
    assertMalformed(with(network.toBuilder().setProtocolVersion(-1)), "protocol_version: must be");
    assertMalformed(with(network.toBuilder().setName("")), "name must be 1 to 64");
    assertMalformed(with(network.toBuilder().setName("evil\n")), "name must be 1 to 64");
    assertMalformed(with(network.toBuilder().setName("n".repeat(65))), "name must be 1 to 64");
  }

  private static PingRequest with(Network.Builder network) {
    return Wire.ping().setNetwork(network).build();
  }

  @Row(33)
  @Test
  void unknownFields_arePassedOver() throws Exception {
    ByteString unknown = ByteString.copyFrom(new byte[] {(byte) 0xf2, 0x3f, 3, 'n', 'e', 'w'});
    byte[] request = Wire.ping().build().toByteString().concat(unknown).toByteArray();
    PingResponse response = PingResponse.parseFrom(raw("Ping", request, CallOptions.DEFAULT));
    assertThat(HostilePeer.idOf(response.getResponder())).isEqualTo(victim.node.id());
  }

  @Row({33, 34})
  @Test
  void whatIsNoMessage_isRefused_andTheConnectionLives() {
    byte[] noise = new byte[500];
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (byte) victim.random.nextInt(256);
    }
    noise[0] = 0x07; // A wire type that there is not.
    byte[] deep = new byte[400];
    Arrays.fill(deep, (byte) 0x7b); // Groups in groups, never closed.
    byte[] truncated = Arrays.copyOf(Wire.ping().build().toByteArray(), 40);
    for (byte[] bytes : List.of(noise, deep, truncated)) {
      Status status = rawRefusal("Ping", bytes);
      assertMalformed(status, "the request is no serialised message");
    }
    SignedPeerRecord noRecord =
        SignedPeerRecord.newBuilder().setRecord(ByteString.copyFrom(noise)).build();
    assertMalformed(Wire.pingFrom(noRecord), "caller.record: not a serialised PeerRecord");
  }

  @Row(48)
  @Test
  void otherNetworks_areRefusedWithTheReason() {
    Network network = Wire.network();
    assertRefused(with(network.toBuilder().setName("other")), "OTHER_NETWORK");
    assertRefused(
        with(network.toBuilder().setIdentity(IdentityMode.IDENTITY_MODE_SIGNED)), "OTHER_IDENTITY");
    assertRefused(with(network.toBuilder().setScope(Scope.SCOPE_PUBLIC)), "OTHER_SCOPE");
    assertRefused(with(network.toBuilder().setProtocolVersion(3)), "OTHER_VERSION");
    assertRefused(with(network.toBuilder().setProtocolVersion(Integer.MAX_VALUE)), "OTHER_VERSION");
    assertThat(victim.stub().ping(with(network.toBuilder().setProtocolVersion(2))).hasResponder())
        .isTrue();
    assertRefused(Wire.ping().setWantedId(Wire.bytes(random())).build(), "OTHER_PEER");
  }

  @Test
  void recordOfAnotherNetwork_orWithASignature_isNotTakenIn() {
    long before = victim.counter("hints.dropped.REFUSED");
    PeerRecord.Builder record = Wire.record(random(), Wire.endpoint("127.0.0.1", 7400));
    victim.stub().ping(Wire.pingFrom(Wire.signed(record.setNetwork("other"))));
    SignedPeerRecord signed =
        Wire.peer(random(), "127.0.0.1", 7400).toBuilder()
            .setPublicKey(Wire.bytes(32))
            .setSignature(Wire.bytes(64))
            .build();
    victim.stub().ping(Wire.pingFrom(signed));
    await()
        .atMost(Victim.PATIENCE)
        .until(() -> victim.counter("hints.dropped.REFUSED") == before + 2);
  }

  /** Unsigned, a farewell may be a lie; so whoever is said to have left is called again. */
  @Test
  void forgedFarewell_costsAContactOnlyForAMoment() throws Exception {
    PeerRecord content = PeerRecord.parseFrom(victim.contactRecords().get(0).getRecord());
    SignedPeerRecord forged =
        Wire.signed(content.toBuilder().clearEndpoints().setSequence(content.getSequence() + 1));
    victim.stub().ping(Wire.pingFrom(forged));
    await().atMost(Victim.PATIENCE).until(() -> victim.counter("contacts.lost.LEFT") >= 1);
    await().atMost(Victim.PATIENCE).until(() -> victim.contacts().size() == 3);
  }
}
