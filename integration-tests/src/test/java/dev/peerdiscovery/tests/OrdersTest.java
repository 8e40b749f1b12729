package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.peerdiscovery.examples.OrdersCaller;
import dev.peerdiscovery.examples.OrdersService;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The example of a service and its caller, while instances and nodes, real processes, die. */
class OrdersTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  /** What the instances serve: here gRPC's health service, whose calls are counted. */
  private static final class Orders extends HealthGrpc.HealthImplBase {
    private static final HealthCheckResponse SERVING =
        HealthCheckResponse.newBuilder().setStatus(ServingStatus.SERVING).build();

    final AtomicInteger calls = new AtomicInteger();

    @Override
    public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
      calls.incrementAndGet();
      observer.onNext(SERVING);
      observer.onCompleted();
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
    serve(orders[1], two + "," + one);
    ManagedChannel channel = OrdersCaller.channel(nodes);
    opened.add(channel::shutdownNow);
    await().atMost(PATIENCE).ignoreExceptions().until(() -> call(channel));
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
    load.awaitMore(1000);
    assertThat(load.failures).isEmpty();

    victim.kill();
    load.awaitMore(400);
    // One thread calls: one call can be in flight.
    assertThat(load.failures.size()).as(load.failures.toString()).isLessThanOrEqualTo(1);
    load.stop();
    assertThat(load.perSecond()).isGreaterThanOrEqualTo(200);
  }

  private static boolean call(ManagedChannel channel) {
    return HealthGrpc.newBlockingStub(channel)
            .withDeadlineAfter(10, TimeUnit.SECONDS)
            .check(HealthCheckRequest.getDefaultInstance())
            .getStatus()
        == ServingStatus.SERVING;
  }

  /** A thread that makes 250 calls a second, and keeps what fails. */
  private static final class Load {
    final AtomicInteger calls = new AtomicInteger();
    final List<String> failures = new CopyOnWriteArrayList<>();
    private final long startedNanos = System.nanoTime();
    private final Thread thread;
    private volatile boolean stopped;
    private volatile long endedNanos;

    Load(ManagedChannel channel) {
      thread = new Thread(() -> run(channel));
      thread.start();
    }

    private void run(ManagedChannel channel) {
      for (int i = 0; !stopped; i++) {
        long due = startedNanos + TimeUnit.MILLISECONDS.toNanos(4L * i);
        LockSupport.parkNanos(Math.max(0, due - System.nanoTime()));
        try {
          call(channel);
        } catch (StatusRuntimeException e) {
          failures.add(e.getStatus().toString());
        }
        calls.incrementAndGet();
      }
      endedNanos = System.nanoTime();
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
      thread.join();
    }
  }
}
