package dev.peerdiscovery.examples;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.util.List;
import java.util.Map;

/** A channel to whoever provides {@code orders}, and is healthy. */
public final class OrdersCaller {
  private static final Map<String, ?> CONFIG =
      Map.of(
          "loadBalancingConfig", List.of(Map.of("round_robin", Map.of())),
          "healthCheckConfig", Map.of("serviceName", ""));

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
}
