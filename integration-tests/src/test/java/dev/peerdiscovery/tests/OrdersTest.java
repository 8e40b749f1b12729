package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.peerdiscovery.client.DiscoveryClient;
import dev.peerdiscovery.client.Instance;
import dev.peerdiscovery.client.Registration;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.examples.OrdersCaller;
import dev.peerdiscovery.examples.OrdersService;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The example of a service and its caller, while instances and nodes die: nodes are processes that
 * are killed, instances are gRPC servers in this one whose connections are cut.
 */
class OrdersTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** As long as an answer takes, so that several calls are in flight at any time. */
  private static final long WORK_MILLIS = 10;

  private final ScheduledExecutorService work = Executors.newSingleThreadScheduledExecutor();
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
    work.shutdownNow();
  }

  /** What the instances serve: here gRPC's health service, whose calls are counted. */
  private final class Orders extends HealthGrpc.HealthImplBase {
    private static final HealthCheckResponse SERVING =
        HealthCheckResponse.newBuilder().setStatus(ServingStatus.SERVING).build();

    final AtomicInteger calls = new AtomicInteger();

    /** Calls that are not answered, since it was told to hold them. */
    final AtomicInteger held = new AtomicInteger();

    volatile boolean holds;

    @Override
    public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
      calls.incrementAndGet();
      if (holds) {
        held.incrementAndGet();
        return;
      }
      Runnable answer =
          () -> {
            observer.onNext(SERVING);
            observer.onCompleted();
          };
      work.schedule(answer, WORK_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void watch(HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
      observer.onNext(SERVING);
    }

    void awaitCalls(int more) {
      int until = calls.get() + more;
      await().atMost(PATIENCE).until(() -> calls.get() >= until);
    }
  }

  private PeerProcess node(String... arguments) throws IOException {
    PeerProcess node = PeerProcess.start(arguments);
    opened.add(node::kill);
    node.ready();
    return node;
  }

  private OrdersService serve(Orders orders, String nodes) throws IOException {
    OrdersService service = new OrdersService(orders, nodes);
    opened.add(service::kill);
    return service;
  }

  @Test
  void callsSurvive_whateverDies() throws Exception {
    PeerProcess first = node("node", "--listen", "127.0.0.1:0");
    String one = first.address();
    PeerProcess second = node("node", "--listen", "127.0.0.1:0", "--bootstrap", one);
    String two = second.address();
    String nodes = one + "," + two;
    Orders[] orders = {new Orders(), new Orders(), new Orders(), new Orders()};
    OrdersService victim = serve(orders[0], nodes);
    Endpoint victimAt = onlyInstance(one).endpoint();
    serve(orders[1], two + "," + one);
    ManagedChannel channel = OrdersCaller.channel(nodes);
    opened.add(channel::shutdownNow);
    await().atMost(PATIENCE).ignoreExceptions().until(() -> works(channel));
    Load load = new Load(channel);
    opened.add(load::stop);

    serve(orders[2], nodes);
    orders[2].awaitCalls(50);
    assertThat(load.failures).isEmpty();

    first.kill();
    serve(orders[3], two);
    orders[3].awaitCalls(50);
    assertThat(load.failures).isEmpty();

    second.kill();
    load.awaitMore(200);
    node("node", "--listen", one);
    node("node", "--listen", two, "--bootstrap", one);
    for (String restarted : List.of(one, two)) {
      // All have registered anew. Calls must not live on the last list, which is held for 15 s.
      await().atMost(PATIENCE).until(() -> resolve(restarted).size() == orders.length);
    }
    long heldUntil = System.nanoTime() + Duration.ofSeconds(16).toNanos();
    await().atMost(PATIENCE).until(() -> System.nanoTime() - heldUntil > 0);
    for (Orders each : orders) {
      each.awaitCalls(50);
    }
    assertThat(load.failures).isEmpty();

    orders[0].holds = true;
    await().atMost(PATIENCE).until(() -> orders[0].held.get() >= 2);
    victim.kill();
    load.awaitMore(800);
    load.stop();
    // Those that were in flight there: at most one of each caller, and none that came later.
    assertThat(load.failures)
        .hasSizeBetween(2, Load.CALLERS)
        .allSatisfy(
            failed ->
                assertThat(failed.on())
                    .contains(new InetSocketAddress("127.0.0.1", victimAt.port())));
    assertThat(load.perSecond()).isGreaterThanOrEqualTo(200);
  }

  /** A process that is stopped has its connections still, and says nothing any more. */
  @Test
  void aFrozenNode_losesNoLease_andHoldsUpNobody() throws Exception {
    PeerProcess first = node("node", "--listen", "127.0.0.1:0");
    String one = first.address();
    PeerProcess second = node("node", "--listen", "127.0.0.1:0", "--bootstrap", one);
    String nodes = one + "," + second.address();
    // One more, that keeps the records of the second.
    node("node", "--listen", "127.0.0.1:0", "--bootstrap", second.address());
    serve(new Orders(), nodes);
    NodeId before = onlyInstance(second.address()).publisher();
    first.freeze();

    try (DiscoveryClient late = DiscoveryClient.builder().via(nodes).build()) {
      assertThat(late.watch("orders", change -> {}).synced().get(20, TimeUnit.SECONDS)).isNotNull();
      late.registerAsync(
              Registration.of("billing", "127.0.0.1:1").withCheck(Registration.Check.NONE))
          .get(20, TimeUnit.SECONDS);
    }
    // Keepalive takes 40 s at most; a lease of the usual 90 s holds for 54 s at least.
    await()
        .atMost(Duration.ofSeconds(54))
        .ignoreExceptions()
        .until(
            () ->
                resolve(second.address()).stream()
                    .anyMatch(instance -> !instance.publisher().equals(before)));
  }

  private static List<Instance> resolve(String at) {
    try (DiscoveryClient client = DiscoveryClient.builder().via(at).build()) {
      return client.resolve("orders");
    }
  }

  private static Instance onlyInstance(String at) {
    await().atMost(PATIENCE).until(() -> resolve(at).size() == 1);
    return resolve(at).get(0);
  }

  private static boolean works(ManagedChannel channel) {
    return HealthGrpc.newBlockingStub(channel)
            .withDeadlineAfter(10, TimeUnit.SECONDS)
            .check(HealthCheckRequest.getDefaultInstance())
            .getStatus()
        == ServingStatus.SERVING;
  }

  /** A call that failed, and the instance that it was on; nothing when it was on none. */
  private record Failed(Status status, Optional<SocketAddress> on) {}

  /** Callers, each with one call at a time, that make 320 calls a second; keeps what fails. */
  private static final class Load {
    static final int CALLERS = 8;
    private static final long EACH_MILLIS = 25;

    final AtomicInteger calls = new AtomicInteger();
    final List<Failed> failures = new CopyOnWriteArrayList<>();
    private final long startedNanos = System.nanoTime();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopped;
    private volatile long endedNanos;

    Load(ManagedChannel channel) {
      for (int i = 0; i < CALLERS; i++) {
        Thread thread = new Thread(() -> run(channel));
        threads.add(thread);
        thread.start();
      }
    }

    private void run(ManagedChannel channel) {
      for (long dueNanos = startedNanos; !stopped; ) {
        LockSupport.parkNanos(Math.max(0, dueNanos - System.nanoTime()));
        Tracer tracer = new Tracer();
        try {
          ClientCalls.blockingUnaryCall(
              channel,
              HealthGrpc.getCheckMethod(),
              CallOptions.DEFAULT
                  .withDeadlineAfter(10, TimeUnit.SECONDS)
                  .withStreamTracerFactory(tracer),
              HealthCheckRequest.getDefaultInstance());
        } catch (StatusRuntimeException e) {
          failures.add(new Failed(e.getStatus(), Optional.ofNullable(tracer.on)));
        }
        calls.incrementAndGet();
        dueNanos += TimeUnit.MILLISECONDS.toNanos(EACH_MILLIS);
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

    double perSecond() {
      return calls.get() / ((endedNanos - startedNanos) / 1e9);
    }

    void stop() throws InterruptedException {
      stopped = true;
      for (Thread thread : threads) {
        thread.join();
      }
      endedNanos = System.nanoTime();
    }
  }
}
