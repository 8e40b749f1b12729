package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.peerdiscovery.client.PeerClient;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Domain;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.node.NodeKey;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.node.PeerNodeBuilder;
import dev.peerdiscovery.node.StartException;
import dev.peerdiscovery.proto.Codec;
import dev.peerdiscovery.proto.admin.v1.AdminServiceGrpc;
import dev.peerdiscovery.proto.admin.v1.Counter;
import dev.peerdiscovery.proto.admin.v1.GetStatusRequest;
import dev.peerdiscovery.proto.admin.v1.GetStatusResponse;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody without the key can make of an identity, tried on a real node with a real key. */
class SignedIdentityTest {
  private static final Duration PATIENCE = Victim.PATIENCE;

  /** Nobody is there, and nobody needs to be: it is refused before it is dialled. */
  private static final Endpoint NOWHERE = new Endpoint("127.0.0.1", 1);

  /** The order of the group of Ed25519, the least significant byte first. */
  private static final byte[] ORDER =
      HexFormat.of().parseHex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");

  private static PeerNode node;
  private static PeerNode good;
  private static ManagedChannel channel;

  @TempDir private Path directory;

  @BeforeAll
  static void start() throws Exception {
    node = builder().start();
    good = builder().bootstrap(endpoint(node)).start();
    channel = NettyChannelBuilder.forAddress("127.0.0.1", node.port()).usePlaintext().build();
    await().atMost(PATIENCE).until(() -> node.status().get().contacts() == 1);
  }

  @AfterAll
  static void stop() {
    channel.shutdownNow();
    good.close();
    node.close();
  }

  /** It answers, knows whom it knew, and finds him. */
  @AfterEach
  void unharmed() throws Exception {
    await().atMost(PATIENCE).until(() -> node.status().get().contacts() == 1);
    assertThat(node.lookup(good.id()).get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .extracting(Contact::id)
        .containsExactly(good.id());
    assertThat(node.status().get().warnings()).isEmpty();
  }

  private static PeerNodeBuilder builder() {
    return PeerNode.builder().listen("127.0.0.1:0").engine(Victim.CONFIG);
  }

  private static Endpoint endpoint(PeerNode of) {
    return new Endpoint("127.0.0.1", of.port());
  }

  private static PeerServiceGrpc.PeerServiceBlockingStub stub() {
    return PeerServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private static GetStatusResponse status() {
    return AdminServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
        .getStatus(GetStatusRequest.getDefaultInstance());
  }

  private static long counter(String name) {
    return status().getCountersList().stream()
        .filter(counter -> counter.getName().equals(name))
        .mapToLong(Counter::getValue)
        .sum();
  }

  /** The node hears of it, and drops it for this reason. */
  private static void assertDropped(SignedPeerRecord caller, String why) {
    long before = counter("hints.dropped." + why);
    stub().ping(SignedPeer.pingFrom(caller));
    await().atMost(PATIENCE).until(() -> counter("hints.dropped." + why) == before + 1);
  }

  private static SignedPeerRecord with(SignedPeerRecord of, Bytes key, Bytes signature) {
    return new SignedPeerRecord(of.content(), of.encoded(), key, signature);
  }

  private static SignedPeerRecord stranger() {
    return SignedPeer.record(NodeKey.generate(), content -> content, 1, NOWHERE);
  }

  @Test
  void nodesWithKeys_proveThemselvesToEachOther_andToClients() throws Exception {
    assertThat(node.id()).isNotEqualTo(good.id());
    try (PeerClient client = PeerClient.builder().via(endpoint(node)).build()) {
      PeerClient.Pong pong = client.ping();
      assertThat(pong.proved()).isTrue();
      assertThat(pong.record().id()).isEqualTo(node.id());
      assertThat(client.lookup(good.id()).exact()).map(Contact::id).contains(good.id());
      assertThat(client.findNode(good.id())).hasSize(1);
    }
  }

  @Row(22)
  @Test
  void unsignedRecord_isNotTakenIn() {
    assertDropped(with(stranger(), Bytes.EMPTY, Bytes.EMPTY), "REFUSED");
  }

  @Row(23)
  @Test
  void flippedBit_inRecordOrSignature_isAForgery() throws Exception {
    SignedPeerRecord good = stranger();
    byte[] signature = good.signature().toArray();
    signature[10] ^= 4;
    assertDropped(with(good, good.publicKey(), Bytes.copyOf(signature)), "FORGED");
    // Another port, under the signature of the old one.
    SignedPeerRecord moved =
        dev.peerdiscovery.proto.RecordCodec.unsigned()
            .sign(new PeerRecord(good.id(), List.of(new Endpoint("127.0.0.1", 2)), 1, "default"));
    assertDropped(with(moved, good.publicKey(), good.signature()), "FORGED");
  }

  @Row(24)
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 63, 65, 128})
  void signatureOfOtherLength_isAForgery(int length) {
    SignedPeerRecord good = stranger();
    assertDropped(with(good, good.publicKey(), Bytes.copyOf(new byte[length])), "FORGED");
  }

  /** S + L for S: the same in the group, another text. */
  @Row(25)
  @Test
  void malleatedSignature_isAForgery() {
    SignedPeerRecord good = stranger();
    byte[] signature = good.signature().toArray();
    int carry = 0;
    for (int i = 0; i < 32; i++) {
      int sum = (signature[32 + i] & 0xff) + (ORDER[i] & 0xff) + carry;
      signature[32 + i] = (byte) sum;
      carry = sum >> 8;
    }
    assertDropped(with(good, good.publicKey(), Bytes.copyOf(signature)), "FORGED");
  }

  /** R = the neutral point and S = 0 hold for the neutral point as a key, whatever is signed. */
  @Row(26)
  @Test
  void keyOfSmallOrder_isAForgery() throws Exception {
    byte[] neutral = new byte[32];
    neutral[0] = 1;
    byte[] signature = new byte[64];
    signature[0] = 1;
    assertForgedBy(neutral, signature);
  }

  @Row(27)
  @Test
  void keyThatIsNotCanonical_isAForgery() throws Exception {
    byte[] aboveP = HexFormat.of().parseHex("f0" + "ff".repeat(30) + "7f");
    assertForgedBy(aboveP, new byte[64]);
  }

  /** With the id that the key would give, so that nothing else is wrong. */
  private static void assertForgedBy(byte[] key, byte[] signature) throws Exception {
    byte[] hashed = Domain.NODE_ID.bytesOf(Bytes.copyOf(key)).toArray();
    NodeId id = NodeId.fromBytes(java.security.MessageDigest.getInstance("SHA-256").digest(hashed));
    SignedPeerRecord record =
        dev.peerdiscovery.proto.RecordCodec.unsigned()
            .sign(new PeerRecord(id, List.of(NOWHERE), 1, "default"));
    assertDropped(with(record, Bytes.copyOf(key), Bytes.copyOf(signature)), "FORGED");
  }

  @Row(28)
  @Test
  void signatureForAnotherPurpose_isAForgery() {
    NodeKey key = NodeKey.generate();
    SignedPeerRecord good = SignedPeer.record(key, content -> content, 1, NOWHERE);
    for (Bytes signed : List.of(good.encoded(), Domain.PING_PROOF.bytesOf(good.encoded()))) {
      long before = counter("hints.dropped.FORGED");
      // A sequence each, because who was dropped is left alone for a while.
      SignedPeerRecord next =
          SignedPeer.record(key, content -> content, 1 + signed.size(), NOWHERE);
      stub().ping(SignedPeer.pingFrom(with(next, key.publicKey(), key.sign(signed))));
      await().atMost(PATIENCE).until(() -> counter("hints.dropped.FORGED") == before + 1);
    }
  }

  @Test
  void recordOfAnotherNetwork_isNotTakenIn() {
    SignedPeerRecord other =
        SignedPeer.record(
            NodeKey.generate(),
            content ->
                new PeerRecord(content.id(), content.endpoints(), content.sequence(), "other"),
            1,
            NOWHERE);
    assertDropped(other, "REFUSED");
  }

  @Test
  void idOfAnother_underAnotherKey_isAForgery() {
    SignedPeerRecord claim =
        SignedPeer.record(
            NodeKey.generate(),
            content -> new PeerRecord(good.id(), List.of(NOWHERE), Long.MAX_VALUE, "default"),
            1);
    assertDropped(claim, "FORGED");
  }

  @Row(7)
  @Test
  void ownId_underAnotherKey_changesNothing() {
    long sequence = status().getSequence();
    SignedPeerRecord claim =
        SignedPeer.record(
            NodeKey.generate(),
            content -> new PeerRecord(node.id(), List.of(NOWHERE), Long.MAX_VALUE - 1, "default"),
            1);
    stub().ping(SignedPeer.pingFrom(claim));
    // A later hint has been dealt with, so this one has, too.
    assertDropped(with(stranger(), Bytes.EMPTY, Bytes.EMPTY), "REFUSED");
    assertThat(status().getSequence()).isEqualTo(sequence);
  }

  @Test
  void farewellInAnothersName_isNotBelieved() {
    SignedPeerRecord forged =
        SignedPeer.record(
            NodeKey.generate(),
            content -> new PeerRecord(good.id(), List.of(), Long.MAX_VALUE - 1, "default"),
            1);
    long before = counter("contacts.lost.LEFT");
    stub().ping(SignedPeer.pingFrom(forged));
    assertDropped(with(stranger(), Bytes.EMPTY, Bytes.EMPTY), "REFUSED");
    assertThat(counter("contacts.lost.LEFT")).isEqualTo(before);
  }

  @Test
  void replayedRecord_leadsNowhere() throws Exception {
    NodeKey key = NodeKey.generate();
    try (SignedPeer now = new SignedPeer(key);
        SignedPeer before = new SignedPeer(key)) {
      stub().ping(SignedPeer.pingFrom(now.record(100)));
      await().atMost(PATIENCE).until(() -> node.status().get().contacts() == 2);
      stub().ping(SignedPeer.pingFrom(before.record(99)));
      assertDropped(with(stranger(), Bytes.EMPTY, Bytes.EMPTY), "REFUSED");
      assertThat(before.asked).hasValue(0);
      // So that the others find the node as it was.
      stub().ping(SignedPeer.pingFrom(SignedPeer.record(key, content -> content, 101)));
    }
  }

  @Test
  void proofThatAnotherPeerMade_provesNothing() throws Exception {
    long before = counter("hints.dropped.NOT_PROVED");
    try (SignedPeer middle = new SignedPeer(NodeKey.generate());
        PeerClientChannel toVictim = new PeerClientChannel(endpoint(good))) {
      middle.answers(
          (request, honest) -> {
            // He forwards the nonce in the caller's name to a peer that signs it for him.
            var relayed =
                new dev.peerdiscovery.core.message.PingRequest(
                    SignedPeer.NETWORK,
                    request.caller(),
                    Optional.of(good.id()),
                    endpoint(good),
                    request.nonce());
            try {
              PingResponse made = Codec.decode(toVictim.stub().ping(Codec.encode(relayed)));
              assertThat(made.proof().size()).isEqualTo(64);
              return honest.proving(made.proof());
            } catch (dev.peerdiscovery.proto.MalformedMessageException e) {
              throw new AssertionError(e);
            }
          });
      stub().ping(SignedPeer.pingFrom(middle.record(100)));
      await().atMost(PATIENCE).until(() -> counter("hints.dropped.NOT_PROVED") == before + 1);
      assertThat(middle.asked).hasValue(1);
    }
  }

  /** A channel for one test. */
  private record PeerClientChannel(ManagedChannel open) implements AutoCloseable {
    PeerClientChannel(Endpoint to) {
      this(NettyChannelBuilder.forAddress(to.host(), to.port()).usePlaintext().build());
    }

    PeerServiceGrpc.PeerServiceBlockingStub stub() {
      return PeerServiceGrpc.newBlockingStub(open)
          .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @Override
    public void close() {
      open.shutdownNow();
    }
  }

  @Test
  void echoedNonce_provesNothing() throws Exception {
    long before = counter("hints.dropped.NOT_PROVED");
    try (SignedPeer peer = new SignedPeer(NodeKey.generate())) {
      peer.answers((request, honest) -> honest.proving(request.nonce()));
      stub().ping(SignedPeer.pingFrom(peer.record(100)));
      await().atMost(PATIENCE).until(() -> counter("hints.dropped.NOT_PROVED") == before + 1);
    }
  }

  @Test
  void networksThatMixIdentities_refuseEachOther_withTheReason() {
    StatusRuntimeException refused =
        catchThrowableOfType(StatusRuntimeException.class, () -> stub().ping(Wire.ping().build()));
    assertThat(refused.getStatus().getDescription())
        .isEqualTo(
            "this network's identity is signed; all its nodes and callers must be set to that");
  }

  /** The clone has a copy of the key, and is started later. */
  @Row({6, 58})
  @Test
  void cloneOfANode_isSaidByBoth_andHarmsNeither() throws Exception {
    Path own = directory.resolve("own");
    Path copy = directory.resolve("copy");
    NodeId id = NodeKey.create(own).id();
    Files.createDirectories(copy);
    Files.copy(own.resolve("identity.key"), copy.resolve("identity.key"));
    try (PeerNode first = builder().dataDirectory(own).start()) {
      first.ready().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      try (PeerNode clone = builder().dataDirectory(copy).bootstrap(endpoint(first)).start()) {
        assertThat(first.id()).isEqualTo(id);
        assertThat(clone.id()).isEqualTo(id);
        for (PeerNode each : List.of(first, clone)) {
          await()
              .atMost(PATIENCE)
              .untilAsserted(
                  () ->
                      assertThat(each.status().get().warnings())
                          .anyMatch(warning -> warning.startsWith("identity-collision")));
          assertThat(each.status().get().contacts()).isZero();
          assertThat(each.ready()).isCompleted();
        }
      }
    }
  }

  @Row(61)
  @Test
  void keyFileThatIsNotAsItShouldBe_isRefused_andStaysAsItIs() throws Exception {
    NodeKey.create(directory);
    Path file = directory.resolve("identity.key");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    String key = Files.readString(file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertRefused("expected mode 0600");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    for (String wrong : List.of("", "not a key", key.replaceFirst("MC4", "MC5"))) {
      Files.writeString(file, wrong);
      assertRefused("identity.key");
      assertThat(Files.readString(file)).isEqualTo(wrong);
    }
  }

  private void assertRefused(String why) {
    StartException refused =
        catchThrowableOfType(
            StartException.class, () -> builder().dataDirectory(directory).start());
    assertThat(refused.reason()).isEqualTo(StartException.Reason.STORAGE);
    assertThat(refused).hasMessageStartingWith("identity: ").hasMessageContaining(why);
  }
}
