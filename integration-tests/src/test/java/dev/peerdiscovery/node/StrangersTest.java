package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.rpc.ErrorInfo;
import dev.peerdiscovery.client.tls.PeerTls;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.proto.discovery.v1.DiscoveryServiceGrpc;
import dev.peerdiscovery.proto.discovery.v1.WatchRequest;
import dev.peerdiscovery.proto.discovery.v1.WatchResponse;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What callers of other machines may ask of a node, whatever they call, and that applications of
 * this machine are not taken for them. Here 127.0.0.2 is another machine, as is 127.0.0.3.
 */
class StrangersTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final ThisMachine HERE = address -> address.getHostAddress().equals("127.0.0.1");
  private static final CallOptions OPTIONS = CallOptions.DEFAULT.withWaitForReady();
  private static final int FLOOD = 25;

  private final List<AutoCloseable> open = new ArrayList<>();
  private int strangers;

  @AfterEach
  void close() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  private PeerNodeBuilder builder(Limits.Builder limits) {
    PeerNodeBuilder builder =
        PeerNode.builder().id(NodeId.of(1)).listen("127.0.0.1:0").limits(limits.build());
    builder.thisMachine = HERE;
    return builder;
  }

  private PeerNode start(PeerNodeBuilder builder) throws Exception {
    PeerNode node = builder.start();
    open.add(node);
    node.ready().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    return node;
  }

  private ManagedChannel connect(String from, int port) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port)
            .localSocketPicker(
                new NettyChannelBuilder.LocalSocketPicker() {
                  @Override
                  public InetSocketAddress createSocketAddress(
                      java.net.SocketAddress remote, io.grpc.Attributes attributes) {
                    return new InetSocketAddress(from, 0);
                  }
                })
            .usePlaintext()
            .build();
    open.add(() -> channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS));
    await().atMost(PATIENCE).until(() -> channel.getState(true) == ConnectivityState.READY);
    return channel;
  }

  /** A caller at the same address as other strangers. */
  private ManagedChannel stranger(int port) {
    return connect("127.0.0.2", port);
  }

  /** A caller at an address from which none has called yet. */
  private ManagedChannel anotherStranger(int port) {
    return connect("127.0.0." + (3 + strangers++), port);
  }

  private ManagedChannel application(int port) {
    return connect("127.0.0.1", port);
  }

  /** How the calls of a flood ended, and over which time they were. */
  private record Flood(List<Status> ends, List<String> reasons, long nanos) {
    long refused() {
      return reasons.stream().filter("OVERLOADED"::equals).count();
    }

    /** What was let in of a rate that lets as many in at once as in a second. */
    void assertNoMoreThan(int perSecond, String what) {
      long most = (long) Math.ceil(perSecond * (1 + nanos / 1e9)) + 1;
      assertThat(ends.size() - refused()).as(what + " over " + nanos + " ns").isBetween(1L, most);
    }
  }

  private static Flood flood(ManagedChannel channel, String method) {
    return flood(channel, method, OPTIONS);
  }

  private static Flood flood(ManagedChannel channel, String method, CallOptions options) {
    long startedNanos = System.nanoTime();
    List<Status> ends = new ArrayList<>();
    List<String> reasons = new ArrayList<>();
    for (int i = 0; i < FLOOD; i++) {
      try {
        call(channel, method, options, new byte[0]).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        ends.add(Status.OK);
        reasons.add("");
      } catch (Exception e) {
        ends.add(Status.fromThrowable(e));
        reasons.add(reason(e));
      }
    }
    return new Flood(ends, reasons, System.nanoTime() - startedNanos);
  }

  private static String reason(Exception e) {
    try {
      com.google.rpc.Status status = StatusProto.fromThrowable(e);
      return status == null || status.getDetailsCount() == 0
          ? ""
          : status.getDetails(0).unpack(ErrorInfo.class).getReason();
    } catch (IOException wrong) {
      throw new AssertionError(wrong);
    }
  }

  /** One request of bytes; ends with the first answer, or with the call. */
  private static CompletableFuture<byte[]> call(
      ManagedChannel channel, String method, CallOptions options, byte[] request) {
    CompletableFuture<byte[]> end = new CompletableFuture<>();
    ClientCall<byte[], byte[]> call =
        channel.newCall(
            MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
                .setFullMethodName(method)
                .setRequestMarshaller(new OfBytes())
                .setResponseMarshaller(new OfBytes())
                .build(),
            options);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(byte[] message) {
            end.complete(message);
            call.cancel("answered", null);
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            end.completeExceptionally(status.asRuntimeException(trailers));
          }
        },
        new Metadata());
    call.sendMessage(request);
    call.halfClose();
    call.request(1);
    return end;
  }

  private static final class OfBytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static Limits.Builder few() {
    return Limits.builder()
        .callsPerSecondPerPeer(3)
        .healthPerSecondPerPeer(3)
        .violations(1_000_000)
        .resetsPerWindow(100_000);
  }

  /** All methods that there are, of all services, and some that there are not. */
  private static Set<String> methods() {
    Set<String> methods =
        new TreeSet<>(CallKinds.ofOwnServer(PeerServiceGrpc.getServiceDescriptor()).methods());
    methods.add("no.Such/Method");
    methods.add(PeerServiceGrpc.SERVICE_NAME + "/Store");
    methods.add(HealthGrpc.SERVICE_NAME + "/");
    return methods;
  }

  @Test
  void strangersFlood_isRefused_whateverItCalls() throws Exception {
    PeerNode node = start(builder(few()));
    for (String method : methods()) {
      flood(anotherStranger(node.port()), method).assertNoMoreThan(3, method);
    }
  }

  /** gRPC itself answers it before a service or an interceptor has a say. */
  @Test
  void strangersFlood_isRefused_whateverItsMetadataSays() throws Exception {
    PeerNode node = start(builder(few()));
    String ping = PeerServiceGrpc.getPingMethod().getFullMethodName();
    Flood flood = flood(stranger(node.port()), ping, OPTIONS.withCompression("gzip"));
    flood.assertNoMoreThan(3, "compressed");
    assertThat(flood.ends().get(0).getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
  }

  /** Nothing is said about it but that it is there. */
  @Test
  void serviceThatIsAddedToAServer_isBehindAdmission_withoutAWordAboutIt() throws Exception {
    Limits limits = few().build();
    Admission admission =
        new Admission(
            limits,
            PeerTls.off(),
            CallKinds.ofOwnServer(PeerServiceGrpc.getServiceDescriptor()),
            HERE,
            new Clock(),
            new Counters());
    MethodDescriptor<byte[], byte[]> method =
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("some.NewService/Get")
            .setRequestMarshaller(new OfBytes())
            .setResponseMarshaller(new OfBytes())
            .build();
    ServerServiceDefinition added =
        ServerServiceDefinition.builder("some.NewService")
            .addMethod(
                ServerMethodDefinition.create(
                    method,
                    ServerCalls.asyncUnaryCall(
                        (request, observer) -> {
                          observer.onNext(request);
                          observer.onCompleted();
                        })))
            .build();
    Listener listener =
        Listener.start(
            ListenAddress.parse("127.0.0.1:0"),
            "--listen",
            PeerTls.off(),
            limits,
            admission.gate(),
            server -> server.addService(added));
    open.add(listener::stopNow);
    flood(stranger(listener.port()), method.getFullMethodName())
        .assertNoMoreThan(3, "a service that admission does not know");
  }

  @Test
  void nodesServicesInAHostsServer_areBehindAdmission_andTheHostsOwnAreNot() throws Exception {
    int port = freePort();
    NettyServerBuilder host =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port));
    PeerNode node = builder(few()).advertise(new Endpoint("127.0.0.1", port)).attachTo(host);
    open.add(node);
    Server server = host.build().start();
    open.add(() -> server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS));
    node.join();
    for (String method : CallKinds.inHost(PeerServiceGrpc.getServiceDescriptor()).methods()) {
      flood(anotherStranger(port), method).assertNoMoreThan(3, method);
    }
    assertThat(flood(stranger(port), "no.Such/Method").refused()).isZero();
  }

  /**
   * A probe is another caller than the flood, and the node's only one where that is all there is.
   */
  @Test
  void health_isAnsweredToOthers_howeverMuchThereIsToDo() throws Exception {
    PeerNode node = start(builder(few().callsPerSecond(5)));
    ManagedChannel flooder = stranger(node.port());
    ManagedChannel probe = connect("127.0.0.1", node.port());
    String health = HealthGrpc.getCheckMethod().getFullMethodName();
    String ping = PeerServiceGrpc.getPingMethod().getFullMethodName();
    flood(flooder, health);
    flood(flooder, ping);
    for (int i = 0; i < 3; i++) {
      assertThat(
              HealthGrpc.newBlockingStub(probe)
                  .check(HealthCheckRequest.getDefaultInstance())
                  .getStatus())
          .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
    }
  }

  @Test
  void applicationsOfThisMachine_askMoreThanStrangersMay() throws Exception {
    PeerNode node = start(builder(few().resetsPerWindow(10)));
    ManagedChannel application = application(node.port());
    String resolve = DiscoveryServiceGrpc.getResolveMethod().getFullMethodName();
    assertThat(flood(application, resolve).refused()).isZero();
    // Each watch is cancelled at its first message: more resets than a stranger may have.
    byte[] orders = WatchRequest.newBuilder().setService("orders").build().toByteArray();
    String watch = DiscoveryServiceGrpc.getWatchMethod().getFullMethodName();
    for (int i = 0; i < 30; i++) {
      call(application, watch, OPTIONS, orders).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
    assertThat(application.getState(false)).isEqualTo(ConnectivityState.READY);
  }

  @Test
  void strangerThatResetsTooMany_losesItsConnection_andIsToldWhy() throws Exception {
    PeerNode node = start(builder(Limits.builder().resetsPerWindow(10)));
    ManagedChannel stranger = stranger(node.port());
    String watch = PeerServiceGrpc.getWatchProvidersMethod().getFullMethodName();
    CompletableFuture<byte[]> victim = begin(stranger, watch);
    for (int i = 0; i < 20; i++) {
      ClientCall<byte[], byte[]> call = started(stranger, watch, new CompletableFuture<>());
      call.cancel("reset", null);
    }
    Status end = statusOf(victim);
    assertThat(end.getCode()).isIn(Status.Code.UNAVAILABLE, Status.Code.RESOURCE_EXHAUSTED);
    assertThat(String.valueOf(end.getDescription()))
        .contains("too many streams of one connection reset within 30 s: at most 10");
  }

  /** Its call is never whole, and so never answered. */
  private static CompletableFuture<byte[]> begin(ManagedChannel channel, String method) {
    CompletableFuture<byte[]> end = new CompletableFuture<>();
    started(channel, method, end);
    return end;
  }

  private static ClientCall<byte[], byte[]> started(
      ManagedChannel channel, String method, CompletableFuture<byte[]> end) {
    ClientCall<byte[], byte[]> call =
        channel.newCall(
            MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                .setFullMethodName(method)
                .setRequestMarshaller(new OfBytes())
                .setResponseMarshaller(new OfBytes())
                .build(),
            CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            end.completeExceptionally(status.asRuntimeException(trailers));
          }
        },
        new Metadata());
    call.request(1);
    return call;
  }

  private static Status statusOf(CompletableFuture<?> end) {
    try {
      end.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      throw new AssertionError("answered");
    } catch (Exception e) {
      return Status.fromThrowable(e);
    }
  }

  /** What an application holds on this machine, and at the second listener, stays as it is. */
  @Test
  void oldConnection_isClosedOfAStrangerOnly_withTimeForCallsUnderWay() throws Exception {
    PeerNodeBuilder builder =
        builder(
            Limits.builder()
                .connectionAge(Duration.ofSeconds(1))
                .connectionGrace(Duration.ofSeconds(1)));
    PeerNode node = start(builder.api(ListenAddress.parse("127.0.0.1:0")));
    int api = node.apiPort().orElseThrow();
    List<Iterator<WatchResponse>> watches = new ArrayList<>();
    List<ManagedChannel> applications = List.of(application(api), stranger(api));
    for (ManagedChannel application : applications) {
      Iterator<WatchResponse> watch =
          DiscoveryServiceGrpc.newBlockingStub(application)
              .watch(WatchRequest.newBuilder().setService("orders").build());
      watch.next();
      watches.add(watch);
    }
    ManagedChannel peerHere = application(node.port());
    ManagedChannel stranger = stranger(node.port());
    String watch = PeerServiceGrpc.getWatchProvidersMethod().getFullMethodName();
    CompletableFuture<byte[]> held = begin(stranger, watch);
    CompletableFuture<byte[]> heldHere = begin(peerHere, watch);
    await().atMost(PATIENCE).until(() -> stranger.getState(false) == ConnectivityState.IDLE);
    // It may not open more calls, and what was under way has the grace.
    assertThat(held).isNotDone();
    assertThat(statusOf(held).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(heldHere).isNotDone();
    for (ManagedChannel application : applications) {
      assertThat(application.getState(false)).isEqualTo(ConnectivityState.READY);
    }
    assertThat(peerHere.getState(false)).isEqualTo(ConnectivityState.READY);
    assertThat(watches).as("still referred to").hasSize(2);
  }

  @Test
  void connectionThatWasOneTooMany_isAnswered_onceAnotherOneIsClosed() throws Exception {
    PeerNode node = start(builder(Limits.builder().connectionsPerAddress(2)));
    ManagedChannel first = stranger(node.port());
    stranger(node.port());
    ManagedChannel third = stranger(node.port());
    String ping = PeerServiceGrpc.getPingMethod().getFullMethodName();
    Status refused = statusOf(call(third, ping, OPTIONS, new byte[0]));
    assertThat(refused.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(refused.getDescription())
        .isEqualTo(
            "too many connections of one address: at most 2, set by --connections-per-address");
    first.shutdownNow();
    // It is the same connection, and now its request is read, which is an empty one.
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                statusOf(call(third, ping, OPTIONS, new byte[0])).getCode()
                    == Status.Code.INVALID_ARGUMENT);
    assertThat(third.getState(false)).isEqualTo(ConnectivityState.READY);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress("127.0.0.1", 0));
      return socket.getLocalPort();
    }
  }
}
