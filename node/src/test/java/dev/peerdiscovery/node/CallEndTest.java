package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.proto.discovery.v1.DiscoveryServiceGrpc;
import dev.peerdiscovery.proto.discovery.v1.RegisterStreamRequest;
import dev.peerdiscovery.proto.discovery.v1.RegisterStreamResponse;
import dev.peerdiscovery.proto.discovery.v1.WatchRequest;
import dev.peerdiscovery.proto.discovery.v1.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What gRPC's transports say about the end of a call, on which the grace of a lease depends. */
class CallEndTest {
  private final BlockingQueue<Boolean> ends = new LinkedBlockingQueue<>();
  private final BlockingQueue<Boolean> begun = new LinkedBlockingQueue<>();
  private Server server;
  private ManagedChannel channel;

  @AfterEach
  void close() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  /** Tells of each call whether it was lost, from the handler that is told that it is cancelled. */
  private final class Service extends DiscoveryServiceGrpc.DiscoveryServiceImplBase {
    @Override
    public void registerStream(
        RegisterStreamRequest request, StreamObserver<RegisterStreamResponse> observer) {
      note(observer);
    }

    @Override
    public void watch(WatchRequest request, StreamObserver<WatchResponse> observer) {
      note(observer);
    }

    private void note(StreamObserver<?> observer) {
      CallEnd end = CallEnd.current();
      ((ServerCallStreamObserver<?>) observer).setOnCancelHandler(() -> ends.add(end.wasLost()));
      begun.add(true);
    }
  }

  private void overTcp() throws Exception {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .maxConnectionAge(1, TimeUnit.SECONDS)
            .maxConnectionAgeGrace(0, TimeUnit.SECONDS);
    serve(builder);
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
  }

  private void inProcess() throws Exception {
    String name = InProcessServerBuilder.generateName();
    serve(InProcessServerBuilder.forName(name));
    channel = InProcessChannelBuilder.forName(name).build();
  }

  private void serve(ServerBuilder<?> builder) throws Exception {
    server =
        builder
            .directExecutor()
            .addStreamTracerFactory(Discovery.callEnds())
            .addService(new Service())
            .build()
            .start();
  }

  private ClientCall<?, ?> register() throws Exception {
    return begin(
        DiscoveryServiceGrpc.getRegisterStreamMethod(), RegisterStreamRequest.getDefaultInstance());
  }

  private <Q, A> ClientCall<?, ?> begin(MethodDescriptor<Q, A> method, Q request) throws Exception {
    ClientCall<Q, A> call = channel.newCall(method, CallOptions.DEFAULT);
    call.start(new ClientCall.Listener<>() {}, new Metadata());
    call.sendMessage(request);
    call.halfClose();
    call.request(1);
    assertThat(begun.poll(20, TimeUnit.SECONDS)).isNotNull();
    return call;
  }

  private boolean wasLost() throws Exception {
    Boolean lost = ends.poll(20, TimeUnit.SECONDS);
    assertThat(lost).as("the call has ended").isNotNull();
    return lost;
  }

  @Test
  void aCallThatItsCallerCancels_isNotLost() throws Exception {
    overTcp();
    register().cancel("as the test wants", null);
    assertThat(wasLost()).isFalse();
  }

  @Test
  void aCallWhoseChannelIsShutDown_isNotLost() throws Exception {
    overTcp();
    register();
    channel.shutdownNow();
    assertThat(wasLost()).isFalse();
  }

  @Test
  void aCallWhoseConnectionIsTooOld_isLost() throws Exception {
    overTcp();
    register();
    assertThat(wasLost()).isTrue();
  }

  @Test
  void aCallWhoseServerStops_isLost() throws Exception {
    overTcp();
    register();
    server.shutdownNow();
    assertThat(wasLost()).isTrue();
  }

  @Test
  void inProcess_aCallThatItsCallerCancels_isNotLost() throws Exception {
    inProcess();
    register().cancel("as the test wants", null);
    assertThat(wasLost()).isFalse();
  }

  @Test
  void callsOfOtherMethods_areNotNoted() throws Exception {
    overTcp();
    begin(DiscoveryServiceGrpc.getWatchMethod(), WatchRequest.getDefaultInstance());
    assertThat(wasLost()).isFalse();
  }
}
