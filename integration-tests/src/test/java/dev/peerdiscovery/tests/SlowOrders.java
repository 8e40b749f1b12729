package dev.peerdiscovery.tests;

import dev.peerdiscovery.examples.OrdersService;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What an instance of {@code orders} serves in tests: gRPC's health service, each answer of which
 * takes a moment, so that calls are in flight at any time. As a process it is an instance of its
 * own, which can be killed.
 */
final class SlowOrders extends HealthGrpc.HealthImplBase implements AutoCloseable {
  private static final long WORK_MILLIS = 5;

  private static final HealthCheckResponse SERVING =
      HealthCheckResponse.newBuilder().setStatus(ServingStatus.SERVING).build();

  private final ScheduledExecutorService work = Executors.newSingleThreadScheduledExecutor();
  private final AtomicInteger calls = new AtomicInteger();

  @Override
  public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
    calls.incrementAndGet();
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

  int calls() {
    return calls.get();
  }

  /**
   * Serves and registers at the nodes that are given; prints a line, and ends when it is killed.
   */
  public static void main(String[] nodes) throws IOException {
    OrdersService service = new OrdersService(new SlowOrders(), nodes[0]);
    System.out.println("serving");
    // Until the process that has started this one is gone.
    while (System.in.read() >= 0) {}
    service.kill();
    System.exit(0);
  }

  @Override
  public void close() {
    work.shutdownNow();
  }
}
