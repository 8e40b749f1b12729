package dev.peerdiscovery.examples;

import com.example.orders.v1.OrdersServiceGrpc;
import com.example.orders.v1.PlaceOrderRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A channel to whoever provides {@code orders}, and is healthy. */
public final class OrdersCaller {
  private static final Map<String, ?> CONFIG =
      Map.of(
          "loadBalancingConfig", List.of(Map.of("round_robin", Map.of())),
          "healthCheckConfig", Map.of("serviceName", ""));

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long REPORT_NANOS = TimeUnit.SECONDS.toNanos(1);

  private OrdersCaller() {}

  /**
   * The channel.
   *
   * @param nodes {@code HOST:PORT,HOST:PORT} of the nodes to ask
   */
  public static ManagedChannel channel(String nodes) {
    return NettyChannelBuilder.forTarget("peer:///orders?via=" + nodes)
        .defaultServiceConfig(CONFIG)
        .usePlaintext()
        .disableRetry()
        .build();
  }

  /**
   * Places orders in a container, a hundred a second, and prints every second how that went: {@code
   * PEER_NODE} has the nodes to ask. What fails before the first is taken counts as waiting.
   */
  public static void main(String[] arguments) {
    String nodes = Optional.ofNullable(System.getenv("PEER_NODE")).orElse("127.0.0.1:7401");
    ManagedChannel channel = channel(nodes);
    OrdersServiceGrpc.OrdersServiceBlockingStub orders = OrdersServiceGrpc.newBlockingStub(channel);
    Map<String, Integer> takenBy = new TreeMap<>();
    long calls = 0;
    long failed = 0;
    long reportNanos = System.nanoTime();
    while (true) {
      try {
        String by =
            orders
                .withDeadlineAfter(5, TimeUnit.SECONDS)
                .placeOrder(PlaceOrderRequest.newBuilder().setItem("tea").build())
                .getTakenBy();
        calls++;
        takenBy.merge(by, 1, Integer::sum);
      } catch (StatusRuntimeException e) {
        boolean isWaiting = calls == 0;
        failed += isWaiting ? 0 : 1;
        System.out.println((isWaiting ? "waiting: " : "failed: ") + e.getStatus());
        LockSupport.parkNanos(isWaiting ? REPORT_NANOS / 2 : 0);
      }
      if (System.nanoTime() - reportNanos >= REPORT_NANOS) {
        System.out.printf(Locale.ROOT, "taken=%d failed=%d by=%s%n", calls, failed, takenBy);
        reportNanos = System.nanoTime();
        takenBy.clear();
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}
