package dev.peerdiscovery.client.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.client.Ed25519;
import dev.peerdiscovery.core.record.MessageSigner;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import dev.peerdiscovery.proto.peer.v1.PingRequest;
import dev.peerdiscovery.proto.peer.v1.PingResponse;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerTransportFilter;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another certificate takes over while calls are open: over sockets, with a clock that is set. */
class RotationTest {
  private static final MessageSigner SERVER = Ed25519.generate();
  private static final MessageSigner CLIENT = Ed25519.generate();

  private final BlockingQueue<StreamObserver<PingResponse>> waiting = new LinkedBlockingQueue<>();

  /** The certificates of the callers, one for each connection. */
  private final List<X509Certificate> seen = new CopyOnWriteArrayList<>();

  private volatile Instant now = Instant.parse("2030-01-01T00:00:00Z");
  private Server server;

  @TempDir private Path directory;

  /** Answers when a test says so. */
  private final class Service extends PeerServiceGrpc.PeerServiceImplBase {
    @Override
    public void ping(PingRequest request, StreamObserver<PingResponse> observer) {
      waiting.add(observer);
    }
  }

  private PeerTls tls(Tls setting, MessageSigner signer) throws IOException {
    return PeerTls.ofNode(setting, signer, Ed25519::verify, () -> now, refused -> {});
  }

  private void serve(PeerTls tls) throws IOException {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0));
    tls.secure(builder);
    server =
        builder
            .addService(new Service())
            .addTransportFilter(
                new ServerTransportFilter() {
                  @Override
                  public Attributes transportReady(Attributes attributes) {
                    try {
                      seen.add(
                          (X509Certificate)
                              attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION)
                                  .getPeerCertificates()[0]);
                    } catch (SSLPeerUnverifiedException e) {
                      throw new AssertionError(e);
                    }
                    return attributes;
                  }
                })
            .build()
            .start();
  }

  @AfterEach
  void stop() {
    server.shutdownNow();
  }

  private ManagedChannel connect(PeerTls tls) {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(new InetSocketAddress("127.0.0.1", server.getPort()));
    tls.secure(builder);
    return builder.build();
  }

  private void assertAnswered(ManagedChannel channel) throws Exception {
    var answer = PeerServiceGrpc.newFutureStub(channel).ping(PingRequest.getDefaultInstance());
    answer(waiting.poll(30, TimeUnit.SECONDS));
    answer.get(30, TimeUnit.SECONDS);
  }

  private static void answer(StreamObserver<PingResponse> call) {
    call.onNext(PingResponse.getDefaultInstance());
    call.onCompleted();
  }

  @Test
  void throwAwayCertificates_areRenewedAtHalfLife_underOpenCalls() throws Exception {
    serve(tls(Tls.peer(), SERVER));
    PeerTls client = tls(Tls.peer(), CLIENT);
    ManagedChannel early = connect(client);
    ManagedChannel soon = connect(client);
    ManagedChannel late = connect(client);
    try {
      var open = PeerServiceGrpc.newFutureStub(early).ping(PingRequest.getDefaultInstance());
      StreamObserver<PingResponse> held = waiting.poll(30, TimeUnit.SECONDS);
      now = now.plus(Duration.ofHours(10));
      assertAnswered(soon);
      assertThat(seen.get(1)).isEqualTo(seen.get(0));
      now = now.plus(Duration.ofHours(2));
      assertAnswered(late);
      assertThat(seen.get(2)).isNotEqualTo(seen.get(0));
      assertThat(PeerTrust.identity(seen.get(2)).orElseThrow().id())
          .isEqualTo(PeerTrust.identity(seen.get(0)).orElseThrow().id());
      // Long after its certificate has expired.
      now = now.plus(Duration.ofDays(3));
      answer(held);
      open.get(30, TimeUnit.SECONDS);
      assertAnswered(early);
      assertThat(seen).hasSize(3);
    } finally {
      List.of(early, soon, late).forEach(ManagedChannel::shutdownNow);
    }
  }

  private Tls write(CertificateAuthority authority, MessageSigner node, String name)
      throws IOException {
    CertificateAuthority.Files made = authority.issue(node, Instant.now(), Duration.ofDays(1));
    Path certificate = directory.resolve(name + ".pem");
    Path key = directory.resolve(name + ".key");
    Path trusted = directory.resolve("ca.pem");
    Files.writeString(certificate, made.certificate());
    Files.writeString(key, made.key());
    Files.writeString(trusted, authority.files().certificate());
    return Tls.ca(certificate, key, trusted);
  }

  @Test
  void filesThatChange_areReadAgain_andThoseThatDoNotFitAreNot() throws Exception {
    // An authority is judged by the JDK, by the clock of the machine.
    now = Instant.now();
    CertificateAuthority authority = CertificateAuthority.make(now, Duration.ofDays(1));
    serve(tls(write(authority, SERVER, "server"), SERVER));
    Tls files = write(authority, CLIENT, "client");
    PeerTls client = tls(files, CLIENT);
    ManagedChannel before = connect(client);
    ManagedChannel broken = connect(client);
    ManagedChannel after = connect(client);
    try {
      assertAnswered(before);
      Path certificate = files.files().orElseThrow().certificate();
      String good = Files.readString(certificate);
      Files.writeString(certificate, good.substring(0, 100));
      now = now.plusSeconds(2);
      assertAnswered(broken);
      assertThat(seen.get(1)).isEqualTo(seen.get(0));
      write(authority, CLIENT, "client");
      // Some file systems tell times by the second.
      Files.setLastModifiedTime(certificate, FileTime.from(now.plusSeconds(10)));
      now = now.plusSeconds(2);
      assertAnswered(after);
      assertThat(seen.get(2)).isNotEqualTo(seen.get(0));
      assertAnswered(before);
      assertThat(seen).hasSize(3);
    } finally {
      List.of(before, broken, after).forEach(ManagedChannel::shutdownNow);
    }
  }
}
