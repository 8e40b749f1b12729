package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.rpc.ErrorInfo;
import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.engine.EngineStatus;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.proto.peer.v1.FindNodeRequest;
import dev.peerdiscovery.proto.peer.v1.FindNodeResponse;
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
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a stranger can send to a real node, and what a peer can answer it. After each the node
 * answers as before and knows whom it knew.
 */
class HostileInputTest {
  private static Victim victim;
  private static Socket silent;

  @BeforeAll
  static void start() throws Exception {
    victim = new Victim();
    silent = new Socket(InetAddress.getByName("127.0.0.1"), victim.node.port());
  }

  @AfterAll
  static void stop() throws IOException {
    silent.close();
    victim.close();
  }

  @AfterEach
  void unharmed() throws Exception {
    victim.assertUnharmed();
  }

  // ---- requests

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

  @Row({12, 36})
  @Test
  void messageOverTheLimit_isRefused_andTheConnectionLives() {
    SignedPeerRecord vast = Wire.peer(NodeId.ZERO, "a".repeat(1 << 20), 7400);
    assertThat(refusal(Wire.pingFrom(vast)).getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    PingRequest large = Wire.ping().setNonce(Wire.bytes(70 * 1024)).build();
    assertThat(refusal(large).getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
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

  @Row(35)
  @Test
  void hugeMetadata_isRefused_andTheConnectionLives() {
    Metadata metadata = new Metadata();
    metadata.put(Metadata.Key.of("huge", Metadata.ASCII_STRING_MARSHALLER), "x".repeat(6000));
    StatusRuntimeException error =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                victim
                    .stub()
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata))
                    .ping(Wire.ping().build()));
    assertThat(error.getStatus().getCode())
        .isIn(Status.Code.INTERNAL, Status.Code.RESOURCE_EXHAUSTED, Status.Code.UNKNOWN);
  }

  @Row(37)
  @Test
  void compressedBomb_isRefused() {
    // 10 MB of one unknown field, 10 KB on the wire.
    byte[] zeros = new byte[10 << 20];
    UnknownFieldSet vast =
        UnknownFieldSet.newBuilder()
            .addField(
                1000,
                UnknownFieldSet.Field.newBuilder()
                    .addLengthDelimited(ByteString.copyFrom(zeros))
                    .build())
            .build();
    PingRequest bomb = Wire.ping().setUnknownFields(vast).build();
    StatusRuntimeException error =
        catchThrowableOfType(
            StatusRuntimeException.class, () -> victim.stub().withCompression("gzip").ping(bomb));
    assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
  }

  @Row({38, 40})
  @Test
  void deadlinesAndCancelling_leaveNothingBehind() throws Exception {
    PeerServiceGrpc.PeerServiceBlockingStub patient =
        PeerServiceGrpc.newBlockingStub(victim.channel());
    assertThat(patient.ping(Wire.ping().build()).hasResponder()).isTrue();
    for (long deadline : new long[] {0, -1}) {
      StatusRuntimeException error =
          catchThrowableOfType(
              StatusRuntimeException.class,
              () ->
                  patient
                      .withDeadlineAfter(deadline, TimeUnit.NANOSECONDS)
                      .ping(Wire.ping().build()));
      assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    }
    // Cancelled calls count against their connection.
    ManagedChannel own = victim.connect();
    try {
      PeerServiceGrpc.PeerServiceFutureStub async = PeerServiceGrpc.newFutureStub(own);
      for (int i = 0; i < 100; i++) {
        Future<FindNodeResponse> call = async.findNode(Wire.findNode(random()).build());
        call.cancel(true);
      }
      assertThat(PeerServiceGrpc.newBlockingStub(own).ping(Wire.ping().build()).hasResponder())
          .isTrue();
    } finally {
      own.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    }
  }

  /** Whoever cancels by the thousand loses its connection; nobody else notices. */
  @Row(41)
  @Test
  void stormOfCancels_costsOnlyItsOwnConnection() throws Exception {
    ManagedChannel own = victim.connect();
    try {
      PeerServiceGrpc.PeerServiceFutureStub async = PeerServiceGrpc.newFutureStub(own);
      for (int i = 0; i < 2000; i++) {
        Future<PingResponse> call = async.ping(Wire.ping().build());
        call.cancel(true);
      }
      assertThat(victim.stub().ping(Wire.ping().build()).hasResponder()).isTrue();
    } finally {
      own.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    }
  }

  /** Opened before all other tests, closed by the node after ten seconds. */
  @Row(42)
  @Test
  void silentConnection_isClosed() throws IOException {
    silent.setSoTimeout((int) Victim.PATIENCE.toMillis());
    drain(silent.getInputStream());
  }

  @Row(44)
  @Test
  void otherProtocols_areDisconnected() throws IOException {
    byte[] hello = new byte[200];
    System.arraycopy(
        new byte[] {0x16, 3, 1, 0, (byte) 195, 1, 0, 0, (byte) 191, 3, 3}, 0, hello, 0, 11);
    for (byte[] greeting :
        List.of(
            "GET / HTTP/1.1\r\nHost: example\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
            hello,
            "EHLO example\r\n".repeat(10).getBytes(StandardCharsets.US_ASCII))) {
      try (Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), victim.node.port())) {
        socket.setSoTimeout((int) Victim.PATIENCE.toMillis());
        OutputStream out = socket.getOutputStream();
        out.write(greeting);
        out.flush();
        drain(socket.getInputStream());
      }
    }
  }

  /** Reads to the end, which comes when the other side closes; a time-out fails the test. */
  private static void drain(InputStream in) throws IOException {
    try {
      while (in.read() >= 0) {
        // What it says does not matter.
      }
    } catch (SocketException e) {
      // Reset: closed, too.
      assertThat(e).isNotNull();
    }
  }

  @Row(48)
  @Test
  void unknownMethod_isUnimplemented() {
    for (String method : List.of("Store", "Ping2", "")) {
      assertThat(rawRefusal(method, new byte[0]).getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
    }
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

  /** Nobody stands behind any of them, so they cost calls, a bounded number at a time. */
  @Test
  void floodOfStrangers_isBounded() throws Exception {
    int strangers = 10_000;
    int nobody = closedPort();
    PeerServiceGrpc.PeerServiceStub stub = PeerServiceGrpc.newStub(victim.channel());
    Semaphore permits = new Semaphore(50);
    CountDownLatch answered = new CountDownLatch(strangers);
    for (int i = 0; i < strangers; i++) {
      permits.acquire();
      stub.withDeadlineAfter(1, TimeUnit.MINUTES)
          .ping(
              Wire.pingFrom(Wire.peer(random(), "127.0.0.1", nobody)),
              new StreamObserver<>() {
                @Override
                public void onNext(PingResponse response) {}

                @Override
                public void onError(Throwable error) {
                  permits.release();
                }

                @Override
                public void onCompleted() {
                  answered.countDown();
                  permits.release();
                }
              });
      if (i % 1000 == 0) {
        EngineStatus status = victim.node.status().get();
        assertThat(status.callsUnderWay()).isLessThan(200);
        assertThat(status.replacements()).isLessThanOrEqualTo(256 * 20);
      }
    }
    assertThat(answered.await(60, TimeUnit.SECONDS)).isTrue();
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> victim.node.status().get().callsUnderWay() == 0);
    EngineStatus status = victim.node.status().get();
    assertThat(status.contacts()).isEqualTo(3);
    assertThat(status.replacements()).isLessThanOrEqualTo(256 * 20);
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

  // ---- answers

  @Row({18, 34})
  @Test
  void answersThatBreakTheRules_costTheResponderAndNobodyElse() throws Exception {
    List<SignedPeerRecord> tooMany = inventions(10_000, closedPort());
    List<FindNodeResponse> answers =
        List.of(
            FindNodeResponse.newBuilder().addAllPeers(tooMany).build(),
            FindNodeResponse.newBuilder().addAllPeers(tooMany.subList(0, 65)).build());
    for (FindNodeResponse answer : answers) {
      try (HostilePeer hostile = new HostilePeer(random())) {
        hostile.answers(request -> answer);
        victim.befriend(hostile);
        List<NodeId> found = victim.lookup(hostile.id);
        assertThat(hostile.asked.get()).isPositive();
        assertThat(found).containsExactlyInAnyOrderElementsOf(victim.goodIds());
        assertThat(victim.contacts()).containsAll(victim.goodIds());
        forget(hostile);
      }
    }
  }

  @Row({8, 13, 16, 19, 20, 21})
  @Test
  void badRecordsInAnswers_areLeftOut() throws Exception {
    try (HostilePeer hostile = new HostilePeer(random())) {
      SignedPeerRecord requester = Wire.peer(victim.node.id(), "127.0.0.1", victim.node.port());
      NodeId farthest = hostile.id.complement();
      FindNodeResponse answer =
          FindNodeResponse.newBuilder()
              .addPeers(requester)
              .addPeers(hostile.record())
              .addAllPeers(Collections.nCopies(10, hostile.record()))
              .addAllPeers(Collections.nCopies(10, victim.contactRecords().get(0)))
              .addPeers(Wire.peer(farthest, "127.0.0.1", closedPort()))
              .addPeers(Wire.peer(random(), "127.0.0.1", 0))
              .addPeers(Wire.peer(random(), "127.0.0.1", 70_000))
              .addPeers(Wire.peer(random(), "evil\nhost", 7400))
              .addPeers(Wire.peer(random(), "169.254.169.254", 80))
              .addPeers(Wire.signed(Wire.record(random())))
              .addPeers(Wire.signed(Wire.record(NodeId.ZERO).setId(Wire.bytes(31))))
              .addPeers(SignedPeerRecord.getDefaultInstance())
              .build();
      hostile.answers(request -> answer);
      victim.befriend(hostile);
      List<NodeId> found = victim.lookup(hostile.id);
      List<NodeId> truth = new ArrayList<>(victim.goodIds());
      truth.add(hostile.id);
      truth.sort(hostile.id::compareDistances);
      assertThat(found).containsExactlyElementsOf(truth);
      forget(hostile);
    }
  }

  /** Each answer names one that is nearer, where nobody is. */
  @Row(20)
  @Test
  void everNearerInventions_endWithTheTruth() throws Exception {
    NodeId target = random();
    int nobody = closedPort();
    try (HostilePeer hostile = new HostilePeer(random())) {
      hostile.answers(
          request -> FindNodeResponse.newBuilder().addAllPeers(nearer(target, nobody)).build());
      victim.befriend(hostile);
      assertThat(victim.lookup(target)).containsAll(victim.goodIds());
      forget(hostile);
    }
  }

  /** Each answer names some that are nearer, and the liar answers for all of them. */
  @Row(20)
  @Test
  void everNearerInventionsThatAnswer_areBounded() throws Exception {
    NodeId target = random();
    try (HostilePeer hostile = new HostilePeer(random())) {
      hostile.answers(
          request ->
              FindNodeResponse.newBuilder().addAllPeers(nearer(target, hostile.port)).build());
      victim.befriend(hostile);
      assertThat(victim.lookup(target)).hasSizeLessThanOrEqualTo(Fleet.K);
      assertThat(hostile.asked.get()).isLessThanOrEqualTo(16 * Fleet.K);
      assertThat(victim.contacts()).containsAll(victim.goodIds());
      hostile.answers(request -> FindNodeResponse.getDefaultInstance());
    }
    // The inventions are gone with the one that answered for them.
    await()
        .atMost(Duration.ofMinutes(1))
        .until(
            () -> {
              victim.lookup(target);
              return victim.contacts().size() == 3;
            });
  }

  private static List<SignedPeerRecord> nearer(NodeId target, int port) {
    List<SignedPeerRecord> nearer = new ArrayList<>();
    for (int i = 0; i < Fleet.K; i++) {
      NodeId near = target;
      for (int bit = 0; bit < 100; bit++) {
        near = victim.random.nextBoolean() ? near.flip(bit) : near;
      }
      nearer.add(Wire.peer(near, "127.0.0.1", port));
    }
    return nearer;
  }

  private static List<SignedPeerRecord> inventions(int count, int port) {
    List<SignedPeerRecord> inventions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      inventions.add(Wire.peer(random(), "127.0.0.1", port));
    }
    return inventions;
  }

  /** Ends the test's peer and has the node lose it, as it does with those that are gone. */
  private static void forget(HostilePeer hostile) {
    hostile.close();
    SignedPeerRecord farewell = Wire.signed(Wire.record(hostile.id).setSequence(2));
    victim.stub().ping(Wire.pingFrom(farewell));
    await().atMost(Victim.PATIENCE).until(() -> !victim.contacts().contains(hostile.id));
  }

  /** Suspects keep their place, and the node waits for its own network to come back. */
  @Row(57)
  @Test
  void allPeersDead_keepsTheTable() throws Exception {
    EngineConfig config =
        Victim.CONFIG.toBuilder()
            .livenessInterval(Duration.ofMillis(100))
            .livenessMinAge(Duration.ofMillis(200))
            .suspectRecheck(Duration.ofMillis(100))
            .doubtAfter(Duration.ofMillis(500))
            .build();
    try (LoopbackTransport transport = new LoopbackTransport("127.0.0.1")) {
      Fleet.Running first = transport.start(PeerNode.builder());
      Fleet.Running second = transport.start(PeerNode.builder());
      try (PeerNode node =
          PeerNode.builder()
              .listen("127.0.0.1:0")
              .engine(config)
              .bootstrap(first.endpoint(), second.endpoint())
              .start()) {
        await().atMost(Victim.PATIENCE).until(() -> node.status().get().contacts() == 2);
        first.kill();
        second.kill();
        await()
            .atMost(Victim.PATIENCE)
            .until(() -> node.status().get().state() == EngineStatus.State.SUSPECTS_ITSELF);
        assertThat(node.status().get().contacts()).isEqualTo(2);
      }
    }
  }

  private static void assertMalformed(PingRequest request, String detail) {
    assertMalformed(refusal(request), detail);
  }

  private static void assertMalformed(FindNodeRequest request, String detail) {
    assertMalformed(
        catchThrowableOfType(StatusRuntimeException.class, () -> victim.stub().findNode(request))
            .getStatus(),
        detail);
  }

  private static void assertMalformed(Status status, String detail) {
    assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(status.getDescription()).contains(detail);
  }

  private static void assertRefused(PingRequest request, String reason) {
    StatusRuntimeException error =
        catchThrowableOfType(StatusRuntimeException.class, () -> victim.stub().ping(request));
    assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    Any detail = StatusProto.fromThrowable(error).getDetails(0);
    try {
      ErrorInfo info = detail.unpack(ErrorInfo.class);
      assertThat(info.getDomain()).isEqualTo("peerdiscovery.dev");
      assertThat(info.getReason()).isEqualTo(reason);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Status refusal(PingRequest request) {
    return catchThrowableOfType(StatusRuntimeException.class, () -> victim.stub().ping(request))
        .getStatus();
  }

  private static Status rawRefusal(String method, byte[] request) {
    return catchThrowableOfType(
            StatusRuntimeException.class, () -> raw(method, request, CallOptions.DEFAULT))
        .getStatus();
  }

  /** Calls with whatever bytes. */
  private static byte[] raw(String method, byte[] request, CallOptions options) {
    MethodDescriptor.Marshaller<byte[]> bytes =
        new MethodDescriptor.Marshaller<>() {
          @Override
          public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
          }

          @Override
          public byte[] parse(InputStream stream) {
            try {
              return stream.readAllBytes();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        };
    MethodDescriptor<byte[], byte[]> descriptor =
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(
                MethodDescriptor.generateFullMethodName(PeerServiceGrpc.SERVICE_NAME, method))
            .setRequestMarshaller(bytes)
            .setResponseMarshaller(bytes)
            .build();
    return ClientCalls.blockingUnaryCall(
        victim.channel(),
        descriptor,
        options.withDeadlineAfter(Victim.PATIENCE.toSeconds(), TimeUnit.SECONDS),
        request);
  }

  private static NodeId random() {
    return NodeId.random(victim.random);
  }

  /** A port at which nobody listens; taken and given back. */
  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }
}
