package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.peerdiscovery.client.Ed25519;
import dev.peerdiscovery.client.PeerClient;
import dev.peerdiscovery.client.PeerException;
import dev.peerdiscovery.client.tls.CertificateAuthority;
import dev.peerdiscovery.client.tls.PeerTls;
import dev.peerdiscovery.client.tls.Tls;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.MessageSigner;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.node.Limits;
import dev.peerdiscovery.node.ListenAddress;
import dev.peerdiscovery.node.NodeKey;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.node.PeerNodeBuilder;
import dev.peerdiscovery.node.StartException;
import dev.peerdiscovery.proto.admin.v1.AdminServiceGrpc;
import dev.peerdiscovery.proto.admin.v1.Counter;
import dev.peerdiscovery.proto.admin.v1.GetStatusRequest;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.OpenSsl;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS between real nodes: who is let in, who is believed, and what the others are told. */
@Tag("tls")
class TlsTest {
  private static final Duration PATIENCE = Victim.PATIENCE;
  private static final Duration DAY = Duration.ofDays(1);

  private static PeerNode node;
  private static PeerNode good;
  private static PeerNode third;

  private final List<AutoCloseable> opened = new ArrayList<>();

  @TempDir private Path directory;

  @BeforeAll
  static void start() throws Exception {
    node = builder().start();
    good = builder().bootstrap(endpoint(node)).start();
    third = builder().bootstrap(endpoint(good)).start();
    await().atMost(PATIENCE).until(TlsTest::allKnowEachOther);
  }

  @AfterAll
  static void stop() {
    third.close();
    good.close();
    node.close();
  }

  /** Whatever was tried, the three are still there for one another. */
  @AfterEach
  void unharmed() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
    await().atMost(PATIENCE).until(TlsTest::allKnowEachOther);
  }

  private static boolean allKnowEachOther() throws Exception {
    for (PeerNode each : List.of(node, good, third)) {
      if (each.status().get().contacts() != 2) {
        return false;
      }
    }
    return true;
  }

  private static PeerNodeBuilder builder() {
    return PeerNode.builder().listen("127.0.0.1:0").engine(Victim.CONFIG).tls(Tls.peer());
  }

  private static Endpoint endpoint(PeerNode of) {
    return new Endpoint("127.0.0.1", of.port());
  }

  private static PeerTls tls(MessageSigner signer, Duration clockIsAheadBy) throws Exception {
    InstantSource clock = () -> Instant.now().plus(clockIsAheadBy);
    return PeerTls.ofNode(Tls.peer(), signer, Ed25519::verify, clock, refused -> {});
  }

  private static PeerTls tls(MessageSigner signer) throws Exception {
    return tls(signer, Duration.ZERO);
  }

  /** Signs with its own key, and says that it is somebody else. */
  private static MessageSigner liar(Bytes claimed) {
    NodeKey own = NodeKey.generate();
    return new MessageSigner() {
      @Override
      public Bytes publicKey() {
        return claimed;
      }

      @Override
      public Bytes sign(Bytes message) {
        return own.sign(message);
      }
    };
  }

  private static NettyChannelBuilder channelTo(PeerNode to) {
    return NettyChannelBuilder.forAddress(new InetSocketAddress("127.0.0.1", to.port()));
  }

  private ManagedChannel keptUntilTheEnd(NettyChannelBuilder builder) {
    ManagedChannel channel = builder.build();
    opened.add(channel::shutdownNow);
    return channel;
  }

  private ManagedChannel connect(PeerTls tls) {
    NettyChannelBuilder builder = channelTo(node);
    tls.secure(builder);
    return keptUntilTheEnd(builder);
  }

  /** A caller that takes every certificate, and shows one or none. */
  private ManagedChannel connect(Optional<CertificateAuthority.Files> shown) throws Exception {
    SslContextBuilder context =
        GrpcSslContexts.forClient().trustManager(InsecureTrustManagerFactory.INSTANCE);
    shown.ifPresent(files -> context.keyManager(in(files.certificate()), in(files.key())));
    return keptUntilTheEnd(channelTo(node).sslContext(context.build()));
  }

  private static InputStream in(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static PeerServiceGrpc.PeerServiceBlockingStub stub(ManagedChannel channel) {
    return PeerServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private static void assertUnavailable(ManagedChannel channel) throws Exception {
    StatusRuntimeException failed =
        catchThrowableOfType(
            StatusRuntimeException.class, () -> stub(channel).ping(Wire.ping().build()));
    assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    // Or it would connect again and again.
    assertThat(channel.shutdownNow().awaitTermination(30, TimeUnit.SECONDS)).isTrue();
  }

  private long counter(String name) throws Exception {
    ManagedChannel channel = connect(tls(NodeKey.generate()));
    return AdminServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
        .getStatus(GetStatusRequest.getDefaultInstance())
        .getCountersList()
        .stream()
        .filter(counter -> counter.getName().equals(name))
        .mapToLong(Counter::getValue)
        .sum();
  }

  /** What somebody with TLS, or without, is told of a peer that he asks. */
  private static Failure failure(Tls tls, Endpoint at) {
    try (PeerClient client = PeerClient.builder().via(at).tls(tls).build()) {
      PeerException failed = catchThrowableOfType(PeerException.class, () -> client.ping(at));
      assertThat(failed).isNotNull();
      return (Failure) failed.outcome();
    }
  }

  @Test
  void nodes_findOneAnother_andAnswerClients() throws Exception {
    assertThat(node.lookup(third.id()).get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .extracting(Contact::id)
        .startsWith(third.id());
    try (PeerClient client = PeerClient.builder().via(endpoint(node)).tls(Tls.peer()).build()) {
      assertThat(client.ping().proved()).isTrue();
      assertThat(client.lookup(third.id()).exact()).map(Contact::id).contains(third.id());
    }
  }

  /** A stranger leads the node to an address where somebody else is. */
  @Row(46)
  @Test
  void certificateOfAnotherId_isNotEvenAsked() throws Exception {
    NodeKey stranger = NodeKey.generate();
    NodeKey there = NodeKey.generate();
    try (SignedPeer peer = new SignedPeer(there, tls(there))) {
      long before = counter("hints.dropped.NOT_PROVED");
      SignedPeerRecord record = SignedPeer.record(stranger, c -> c, 1, peer.endpoint);
      stub(connect(tls(stranger))).ping(SignedPeer.pingFrom(record));
      await().atMost(PATIENCE).until(() -> counter("hints.dropped.NOT_PROVED") == before + 1);
      assertThat(peer.asked).hasValue(0);
    }
  }

  @Test
  void answerOfAnotherIdThanTheCertificate_isInvalid() throws Exception {
    try (SignedPeer peer = new SignedPeer(NodeKey.generate(), tls(NodeKey.generate()))) {
      Failure failure = failure(Tls.peer(), peer.endpoint);
      assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID_ANSWER);
      assertThat(failure.detail()).isEqualTo("the answer is of another id than the certificate");
    }
  }

  @Test
  void callerOfAnotherIdThanItsCertificate_isRefused() throws Exception {
    NodeKey other = NodeKey.generate();
    SignedPeerRecord record = SignedPeer.record(other, c -> c, 1, new Endpoint("127.0.0.1", 1));
    ManagedChannel channel = connect(tls(NodeKey.generate()));
    StatusRuntimeException refused =
        catchThrowableOfType(
            StatusRuntimeException.class, () -> stub(channel).ping(SignedPeer.pingFrom(record)));
    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(refused.getStatus().getDescription())
        .isEqualTo("caller: it is not whom its certificate names");
  }

  @Row(45)
  @Test
  void callerWithoutACertificate_orWithAForgedOne_isNotLetIn() throws Exception {
    assertUnavailable(connect(Optional.empty()));
    long forged = counter("tls.refused.FORGED");
    assertUnavailable(connect(tls(liar(key(good)))));
    long both = counter("tls.refused.FORGED");
    assertThat(both).isGreaterThan(forged);
    // By an authority, where each signs its own.
    CertificateAuthority authority = CertificateAuthority.make(Instant.now(), DAY);
    assertUnavailable(
        connect(
            Optional.of(authority.issue(NodeKey.generate(), Instant.now(), Duration.ofHours(2)))));
    assertThat(counter("tls.refused.FORGED")).isGreaterThan(both);
  }

  /** The key of a node, which everybody knows. */
  private static Bytes key(PeerNode of) {
    try (PeerClient client = PeerClient.builder().via(endpoint(of)).tls(Tls.peer()).build()) {
      return client.ping().record().publicKey();
    }
  }

  @Row(45)
  @Test
  void certificateThatItsNodeDidNotSign_isRefusedByTheCaller() throws Exception {
    NodeKey there = NodeKey.generate();
    try (SignedPeer peer = new SignedPeer(there, tls(liar(there.publicKey())))) {
      Failure failure = failure(Tls.peer(), peer.endpoint);
      assertThat(failure.kind()).isEqualTo(Failure.Kind.TLS);
      assertThat(failure.detail())
          .isEqualTo("its certificate is not signed by the node that it names");
    }
  }

  @Row(47)
  @Test
  void certificateOutsideItsTime_isRefusedByTheCaller_withBothClocks() throws Exception {
    NodeKey there = NodeKey.generate();
    try (SignedPeer past = new SignedPeer(there, tls(there, DAY.multipliedBy(-3)));
        SignedPeer future = new SignedPeer(there, tls(there, DAY.multipliedBy(3)))) {
      assertThat(failure(Tls.peer(), past.endpoint).detail())
          .matches("its certificate expired at \\S+Z, and it is \\S+Z here");
      assertThat(failure(Tls.peer(), future.endpoint).detail())
          .matches("its certificate is not valid before \\S+Z, and it is \\S+Z here");
    }
  }

  @Row(47)
  @Test
  void callerWithACertificateOutsideItsTime_isNotLetIn() throws Exception {
    CertificateAuthority authority = CertificateAuthority.make(Instant.now(), DAY.multipliedBy(9));
    NodeKey caller = NodeKey.generate();
    long expired = counter("tls.refused.EXPIRED");
    long early = counter("tls.refused.NOT_YET_VALID");
    assertUnavailable(
        connect(Optional.of(authority.issue(caller, Instant.now().minus(DAY), DAY.dividedBy(2)))));
    assertUnavailable(
        connect(Optional.of(authority.issue(caller, Instant.now().plus(DAY), DAY.dividedBy(2)))));
    assertThat(counter("tls.refused.EXPIRED")).isGreaterThan(expired);
    assertThat(counter("tls.refused.NOT_YET_VALID")).isGreaterThan(early);
  }

  @Row(44)
  @Test
  void mixedSettings_refuseEachOther_andSayWhy() throws Exception {
    assertThat(failure(Tls.off(), endpoint(node)).detail()).contains("set tls to peer or ca");
    assertThat(failure(Tls.off(), endpoint(node)).kind()).isEqualTo(Failure.Kind.TLS);
    try (PeerNode plain = builder().tls(Tls.off()).bootstrap(endpoint(node)).start();
        PeerNode secured = builder().bootstrap(endpoint(plain)).start()) {
      assertThat(failure(Tls.peer(), endpoint(plain)).detail()).contains("set tls to off");
      assertThat(failure(Tls.peer(), endpoint(plain)).kind()).isEqualTo(Failure.Kind.TLS);
      await().atMost(PATIENCE).until(() -> lastResult(plain).startsWith("TLS: the other side"));
      await().atMost(PATIENCE).until(() -> lastResult(secured).startsWith("TLS: the other side"));
      assertThat(plain.status().get().contacts()).isZero();
      assertThat(secured.status().get().contacts()).isZero();
    }
  }

  private static String lastResult(PeerNode of) throws Exception {
    return of.status().get().seeds().get(0).lastResult();
  }

  @Test
  void callsAreCountedByTheIdOfTheCertificate() throws Exception {
    Limits limits = Limits.defaults().toBuilder().callsPerSecondPerPeer(20).build();
    try (PeerNode strict = builder().limits(limits).start()) {
      PeerTls one = tls(NodeKey.generate());
      PeerTls two = tls(NodeKey.generate());
      int answered = 0;
      for (int connection = 0; connection < 10; connection++) {
        NettyChannelBuilder builder = channelTo(strict);
        one.secure(builder);
        answered += answered(keptUntilTheEnd(builder), 20);
      }
      // Twenty at once, and what is earned back while the test runs; not ten times as many.
      assertThat(answered).isBetween(20, 120);
      NettyChannelBuilder builder = channelTo(strict);
      two.secure(builder);
      assertThat(answered(keptUntilTheEnd(builder), 20)).isEqualTo(20);
    }
  }

  private static int answered(ManagedChannel channel, int calls) {
    int answered = 0;
    for (int i = 0; i < calls; i++) {
      try {
        stub(channel).ping(SignedPeer.pingFromNobody());
        answered++;
      } catch (StatusRuntimeException e) {
        assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      }
    }
    return answered;
  }

  @Test
  void secondListener_hasItsOwnSetting() throws Exception {
    PeerNodeBuilder both = builder().api(ListenAddress.parse("127.0.0.1:0"));
    try (PeerNode plainApi = both.start()) {
      ManagedChannel api =
          keptUntilTheEnd(
              NettyChannelBuilder.forAddress("127.0.0.1", plainApi.apiPort().orElseThrow())
                  .usePlaintext());
      assertThat(
              AdminServiceGrpc.newBlockingStub(api)
                  .getStatus(GetStatusRequest.getDefaultInstance())
                  .getSerializedSize())
          .isPositive();
    }
    PeerNodeBuilder other =
        builder().tls(Tls.off()).api(ListenAddress.parse("127.0.0.1:0")).apiTls(Tls.peer());
    try (PeerNode securedApi = other.start()) {
      Endpoint api = new Endpoint("127.0.0.1", securedApi.apiPort().orElseThrow());
      assertThat(failure(Tls.off(), api).kind()).isEqualTo(Failure.Kind.TLS);
      try (PeerClient client = PeerClient.builder().via(api).tls(Tls.peer()).build()) {
        assertThat(client.ping().record().id()).isEqualTo(securedApi.id());
      }
    }
  }

  /** This runs twice: where the transport has its own library, and where it has not. */
  @Test
  void jdkAlone_isEnough() {
    assumeTrue(Boolean.getBoolean("tls.jdk"), "this run has whatever library there is");
    assertThat(OpenSsl.isAvailable()).isFalse();
  }

  @Test
  void tls_needsKeys() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().id(NodeId.of(1)).start())
        .withMessageContaining("tls needs identity signed");
  }

  /** A node's files, by an authority. */
  private Tls files(CertificateAuthority authority, NodeKey node, String name) throws Exception {
    CertificateAuthority.Files made = authority.issue(node, Instant.now(), DAY);
    Path own = Files.createDirectories(directory.resolve(name));
    Files.writeString(own.resolve("tls.pem"), made.certificate());
    Files.writeString(own.resolve("tls.key"), made.key());
    Files.writeString(own.resolve("ca.pem"), authority.files().certificate());
    return Tls.ca(own.resolve("tls.pem"), own.resolve("tls.key"), own.resolve("ca.pem"));
  }

  private PeerNodeBuilder withCa(CertificateAuthority authority, String name) throws Exception {
    NodeKey key = NodeKey.create(directory.resolve(name));
    return builder().dataDirectory(directory.resolve(name)).tls(files(authority, key, name));
  }

  @Row(45)
  @Test
  void nodesOfOneAuthority_findOneAnother_andNobodyElse() throws Exception {
    CertificateAuthority authority = CertificateAuthority.make(Instant.now(), DAY);
    CertificateAuthority other = CertificateAuthority.make(Instant.now(), DAY);
    try (PeerNode first = withCa(authority, "first").start();
        PeerNode second = withCa(authority, "second").bootstrap(endpoint(first)).start();
        PeerNode foreign = withCa(other, "foreign").bootstrap(endpoint(first)).start()) {
      await().atMost(PATIENCE).until(() -> second.status().get().contacts() == 1);
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  lastResult(foreign)
                      .equals(
                          "TLS: its certificate does not come from the authority that is trusted"
                              + " here"));
      assertThat(foreign.status().get().contacts()).isZero();
      Failure thrownAway = failure(Tls.peer(), endpoint(first));
      assertThat(thrownAway.kind()).isEqualTo(Failure.Kind.TLS);
      assertThat(thrownAway.detail()).contains("not one that a peer makes for itself");
    }
  }

  @Test
  void certificateOfAnotherNode_isRefusedAtTheStart() throws Exception {
    CertificateAuthority authority = CertificateAuthority.make(Instant.now(), DAY);
    Tls files = files(authority, NodeKey.generate(), "other");
    StartException refused =
        catchThrowableOfType(StartException.class, () -> builder().tls(files).start());
    assertThat(refused.reason()).isEqualTo(StartException.Reason.STORAGE);
    assertThat(refused.getMessage()).contains("tls.pem: it is the certificate of node");
  }
}
