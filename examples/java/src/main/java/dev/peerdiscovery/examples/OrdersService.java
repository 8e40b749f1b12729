package dev.peerdiscovery.examples;

import com.example.orders.v1.OrdersServiceGrpc;
import com.example.orders.v1.PlaceOrderRequest;
import com.example.orders.v1.PlaceOrderResponse;
import dev.peerdiscovery.client.DiscoveryClient;
import dev.peerdiscovery.client.Lease;
import dev.peerdiscovery.client.Registration;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** An instance of the service {@code orders}: a gRPC server, and a lease at a node beside it. */
public final class OrdersService implements AutoCloseable {
  private final Server server;
  private final DiscoveryClient discovery;
  private final Lease lease;

  /**
   * Serves on any free port of this machine alone, and registers there.
   *
   * @param yours what you serve
   * @param nodes {@code HOST:PORT,HOST:PORT} of the nodes to register at
   */
  public OrdersService(BindableService yours, String nodes) throws IOException {
    this(
        List.of(yours),
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        "127.0.0.1",
        nodes);
  }

  /**
   * Serves and registers.
   *
   * @param yours what you serve
   * @param listen where
   * @param host where callers reach that
   * @param nodes {@code HOST:PORT,HOST:PORT} of the nodes to register at
   */
  public OrdersService(
      List<BindableService> yours, InetSocketAddress listen, String host, String nodes)
      throws IOException {
    NettyServerBuilder builder = NettyServerBuilder.forAddress(listen);
    yours.forEach(builder::addService);
    server = builder.build().start();
    discovery = DiscoveryClient.builder().via(nodes).build();
    // It lasts until it is closed: nodes may be there later, and come and go.
    lease =
        discovery.register(
            Registration.of("orders", host + ":" + server.getPort())
                .withTtl(Duration.ofSeconds(10)),
            state -> {});
  }

  /** First nobody is sent here any more, then those who are have ten seconds for their answers. */
  @Override
  public void close() throws InterruptedException {
    lease.close();
    discovery.close();
    if (!server.shutdown().awaitTermination(10, TimeUnit.SECONDS)) {
      server.shutdownNow();
    }
  }

  /** As when its process ends without a word. */
  public void kill() {
    server.shutdownNow();
    discovery.close();
  }

  /** Takes orders, and says who took them. */
  private static final class Orders extends OrdersServiceGrpc.OrdersServiceImplBase {
    private final String name;

    Orders(String name) {
      this.name = name;
    }

    @Override
    public void placeOrder(PlaceOrderRequest request, StreamObserver<PlaceOrderResponse> observer) {
      observer.onNext(PlaceOrderResponse.newBuilder().setTakenBy(name).build());
      observer.onCompleted();
    }
  }

  /**
   * An instance in a container: {@code PEER_NODE} has the nodes to register at, and {@code
   * ORDERS_PORT} where to serve, 8080 unless set. It ends with SIGTERM.
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    String nodes = Optional.ofNullable(System.getenv("PEER_NODE")).orElse("127.0.0.1:7401");
    String port = Optional.ofNullable(System.getenv("ORDERS_PORT")).orElse("8080");
    InetAddress host = InetAddress.getLocalHost();
    OrdersService service =
        new OrdersService(
            List.of(new Orders(host.getHostName()), new HealthStatusManager().getHealthService()),
            new InetSocketAddress(Integer.parseInt(port)),
            host.getHostAddress(),
            nodes);
    System.out.println("orders are taken at " + host.getHostAddress() + ":" + port);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> closeQuietly(service)));
    // The server's threads are daemons.
    service.server.awaitTermination();
  }

  private static void closeQuietly(OrdersService service) {
    try {
      service.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
