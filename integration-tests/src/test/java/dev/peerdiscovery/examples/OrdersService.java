package dev.peerdiscovery.examples;

import dev.peerdiscovery.client.DiscoveryClient;
import dev.peerdiscovery.client.Lease;
import dev.peerdiscovery.client.Registration;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;

/** An instance of the service {@code orders}: a gRPC server, and a lease at a node beside it. */
public final class OrdersService implements AutoCloseable {
  private final Server server;
  private final DiscoveryClient discovery;
  private final Lease lease;

  /**
   * Serves on any free port and registers there.
   *
   * @param yours what you serve
   * @param nodes {@code HOST:PORT,HOST:PORT} of the nodes to register at
   */
  public OrdersService(BindableService yours, String nodes) throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .addService(yours)
            .build()
            .start();
    discovery = DiscoveryClient.builder().via(nodes).build();
    lease =
        discovery.register(
            Registration.of("orders", "127.0.0.1:" + server.getPort())
                .withTtl(Duration.ofSeconds(10)));
  }

  /** First nobody is sent here any more, then those who are get their answers. */
  @Override
  public void close() throws InterruptedException {
    lease.close();
    discovery.close();
    server.shutdown().awaitTermination();
  }

  /** As when its process ends without a word. */
  public void kill() {
    server.shutdownNow();
    discovery.close();
  }
}
