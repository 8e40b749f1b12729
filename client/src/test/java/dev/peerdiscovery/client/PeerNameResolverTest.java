package dev.peerdiscovery.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Channels to {@code peer:///…}, found by gRPC itself, over sockets. */
class PeerNameResolverTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final StandInNetwork network = new StandInNetwork();
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
    network.close();
  }

  private Echo echo() throws IOException {
    Echo echo = new Echo();
    opened.add(echo);
    return echo;
  }

  private ManagedChannel channel(String target, String policy) {
    ManagedChannel channel = Echo.channel(target, policy);
    opened.add(channel::shutdownNow);
    return channel;
  }

  private void put(Echo echo, String... metadata) {
    network.put("orders", echo.endpoint.toString(), 7, metadata);
  }

  private static Status failure(ManagedChannel channel) {
    StatusRuntimeException failed =
        catchThrowableOfType(StatusRuntimeException.class, () -> Echo.who(channel));
    assertThat(failed).isNotNull();
    return failed.getStatus();
  }

  @ParameterizedTest
  @ValueSource(strings = {"round_robin", "pick_first"})
  void callsGoToWhoeverProvidesIt_andFailAtOnceWhenNobodyDoes(String policy) throws Exception {
    StandInNetwork.Node node = network.listen(1, 0);
    ManagedChannel channel = channel("peer://" + node.endpoint + "/orders", policy);
    Status nobody = failure(channel);
    assertThat(nobody.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(nobody.getDescription()).contains("service orders: no instance is registered");

    Echo first = echo();
    put(first);
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> Echo.who(channel).startsWith(first.endpoint + " orders"));

    Echo second = echo();
    put(second);
    network.remove("orders", first.endpoint.toString(), 7);
    await().atMost(PATIENCE).until(() -> Echo.who(channel).startsWith(second.endpoint + " "));
    int calls = first.calls.get();
    Echo.who(channel);
    assertThat(first.calls).hasValue(calls);

    // It still answers, but is not to be called.
    network.remove("orders", second.endpoint.toString(), 7);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(failure(channel).getDescription())
                    .contains("no instance is registered"));

    put(second);
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> Echo.who(channel).startsWith(second.endpoint + " "));
  }

  @Test
  void anInstanceHasAnAuthorityOfItsOwn() throws Exception {
    StandInNetwork.Node node = network.listen(1, 0);
    Echo echo = echo();
    put(echo, "authority", "orders.example");
    ManagedChannel channel = channel("peer://" + node.endpoint + "/orders", "round_robin");
    assertThat(Echo.who(channel)).isEqualTo(echo.endpoint + " orders.example");
  }

  @Test
  void withoutANode_callsFailAtOnce_untilOneIsThere() throws Exception {
    StandInNetwork.Node gone = network.listen(1, 0);
    gone.kill();
    ManagedChannel channel = channel("peer://" + gone.endpoint + "/orders", "round_robin");
    assertThat(failure(channel).getDescription())
        .contains("service orders", gone.endpoint.toString());
    Echo echo = echo();
    put(echo);
    network.listen(1, gone.endpoint.port());
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> Echo.who(channel).startsWith(echo.endpoint + " "));
  }

  @Test
  void aSilentFirstNode_holdsUpNoCall() throws Exception {
    StandInNetwork.Node silent = network.listen(1, 0);
    silent.silent = true;
    StandInNetwork.Node good = network.listen(2, 0);
    Echo echo = echo();
    put(echo);
    String target = "peer:///orders?via=" + silent.endpoint + "," + good.endpoint;
    ManagedChannel channel = channel(target, "round_robin");
    assertThat(Echo.who(channel)).startsWith(echo.endpoint + " ");
  }

  @Test
  void onlyThoseWhoMayProvideIt() throws Exception {
    StandInNetwork.Node node = network.listen(1, 0);
    Echo good = echo();
    Echo stranger = echo();
    network.put("orders", stranger.endpoint.toString(), 9);
    put(good);
    ManagedChannel channel =
        channel("peer://" + node.endpoint + "/orders?providers=7,8", "round_robin");
    for (int i = 0; i < 10; i++) {
      assertThat(Echo.who(channel)).startsWith(good.endpoint + " ");
    }
    assertThat(stranger.calls).hasValue(0);
    network.remove("orders", good.endpoint.toString(), 7);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(failure(channel).getDescription())
                    .contains("by the nodes that may provide it"));
  }

  /** An application came back at another node: its metadata is new, and says where it serves. */
  @Test
  void ofTwoRecordsOfOneEndpoint_theLaterOneCounts() throws Exception {
    StandInNetwork.Node node = network.listen(1, 0);
    Echo echo = echo();
    String at = echo.endpoint.toString();
    network.putRegistered("orders", at, 9, 5, "old.example");
    ManagedChannel open = channel("peer://" + node.endpoint + "/orders", "round_robin");
    assertThat(Echo.who(open)).isEqualTo(at + " old.example");
    network.putRegistered("orders", at, 1, 6, "new.example");
    ManagedChannel later = channel("peer://" + node.endpoint + "/orders", "pick_first");
    assertThat(Echo.who(later)).isEqualTo(at + " new.example");
    try (DiscoveryClient client = DiscoveryClient.builder().via(node.endpoint.toString()).build()) {
      assertThat(client.resolve("orders"))
          .singleElement()
          .satisfies(it -> assertThat(it.authority()).contains("new.example"));
      assertThat(client.watch("orders").instances())
          .singleElement()
          .satisfies(it -> assertThat(it.authority()).contains("new.example"));
    }
    // A connection that is open keeps the authority that it began with: that is gRPC's.
    assertThat(Echo.who(open)).isEqualTo(at + " old.example");
    // Where only the first may provide it, the second is none.
    ManagedChannel first =
        channel("peer://" + node.endpoint + "/orders?providers=9", "round_robin");
    assertThat(Echo.who(first)).isEqualTo(at + " old.example");
  }

  @Test
  void nothingIsLeftOfAClosedChannel() throws Exception {
    StandInNetwork.Node node = network.listen(1, 0);
    Echo echo = echo();
    put(echo);
    ManagedChannel channel = channel("peer://" + node.endpoint + "/orders", "round_robin");
    Echo.who(channel);
    assertThat(node.watchers()).isOne();
    channel.shutdownNow();
    await().atMost(PATIENCE).until(() -> node.watchers() == 0);
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("peer-discovery-"));
  }

  /**
   * Calls all the time, without retries, while instances and nodes come and go. What may fail are
   * the calls in flight on an instance that is killed.
   */
  @Test
  void underLoad_onlyCallsInFlightOnAKilledInstanceFail() throws Exception {
    StandInNetwork.Node first = network.listen(1, 0);
    StandInNetwork.Node second = network.listen(2, 0);
    Echo[] echoes = {echo(), echo(), echo()};
    put(echoes[0]);
    put(echoes[1]);
    String target = "peer:///orders?via=" + first.endpoint + "," + second.endpoint;
    ManagedChannel channel = channel(target, "round_robin");
    Echo.who(channel);
    Load load = new Load(channel);

    put(echoes[2]);
    load.awaitCalls(echoes[2], 50);
    assertThat(load.failures).isEmpty();

    first.kill();
    load.awaitMore(100);
    assertThat(load.failures).isEmpty();
    Echo added = echo();
    put(added);
    load.awaitCalls(added, 50);
    assertThat(load.failures).isEmpty();

    second.kill();
    load.awaitMore(100);
    network.forgetAll();
    network.listen(2, second.endpoint.port());
    load.awaitMore(300);
    put(echoes[0]);
    put(echoes[1]);
    load.awaitCalls(echoes[0], 50);
    // The list from before is held for so long, and those that were not put again are gone.
    long heldUntil = System.nanoTime() + PeerNameResolver.EMPTY_HOLD.plusSeconds(1).toNanos();
    await().atMost(PATIENCE).until(() -> System.nanoTime() - heldUntil > 0);
    int gone = echoes[2].calls.get();
    load.awaitCalls(echoes[0], 50);
    assertThat(echoes[2].calls).hasValue(gone);
    assertThat(load.failures).isEmpty();

    echoes[1].holds = true;
    await().atMost(PATIENCE).until(() -> echoes[1].held.get() >= 2);
    echoes[1].close();
    load.awaitMore(400);
    load.close();
    // Those that were in flight there: at most one of each caller, and none that came later.
    assertThat(load.failures)
        .hasSizeBetween(2, Load.CALLERS)
        .allSatisfy(
            failed ->
                assertThat(failed.on())
                    .contains(new InetSocketAddress("127.0.0.1", echoes[1].endpoint.port())));
    assertThat(load.perSecond()).isGreaterThanOrEqualTo(200);
  }

  /** A call that failed, and the instance that it was on; nothing when it was on none. */
  private record Failed(Status status, Optional<SocketAddress> on) {}

  /** Callers, each with one call at a time, that make 320 calls a second; keeps what fails. */
  private static final class Load implements AutoCloseable {
    static final int CALLERS = 8;
    private static final long EACH_NANOS = TimeUnit.MILLISECONDS.toNanos(25);

    final AtomicInteger calls = new AtomicInteger();
    final List<Failed> failures = new CopyOnWriteArrayList<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final long startedNanos = System.nanoTime();
    private final List<Thread> threads = new ArrayList<>();
    private volatile long endedNanos;

    Load(ManagedChannel channel) {
      for (int i = 0; i < CALLERS; i++) {
        Thread thread = new Thread(() -> run(channel));
        threads.add(thread);
        thread.start();
      }
    }

    private void run(ManagedChannel channel) {
      for (long dueNanos = startedNanos; !closed.get(); ) {
        LockSupport.parkNanos(Math.max(0, dueNanos - System.nanoTime()));
        Tracer tracer = new Tracer();
        try {
          Echo.who(channel, CallOptions.DEFAULT.withStreamTracerFactory(tracer));
        } catch (StatusRuntimeException e) {
          failures.add(new Failed(e.getStatus(), Optional.ofNullable(tracer.on)));
        }
        calls.incrementAndGet();
        dueNanos += EACH_NANOS;
      }
    }

    /** Finds out where a call was sent. */
    private static final class Tracer extends ClientStreamTracer.Factory {
      volatile SocketAddress on;

      @Override
      public ClientStreamTracer newClientStreamTracer(
          ClientStreamTracer.StreamInfo info, Metadata headers) {
        return new ClientStreamTracer() {
          @Override
          public void streamCreated(Attributes transport, Metadata sent) {
            on = transport.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
          }
        };
      }
    }

    void awaitMore(int more) {
      int until = calls.get() + more;
      await().atMost(PATIENCE).until(() -> calls.get() >= until);
    }

    void awaitCalls(Echo echo, int more) {
      int until = echo.calls.get() + more;
      await().atMost(PATIENCE).until(() -> echo.calls.get() >= until);
    }

    double perSecond() {
      return calls.get() / ((endedNanos - startedNanos) / (double) TimeUnit.SECONDS.toNanos(1));
    }

    @Override
    public void close() throws InterruptedException {
      closed.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
      endedNanos = System.nanoTime();
    }
  }
}
