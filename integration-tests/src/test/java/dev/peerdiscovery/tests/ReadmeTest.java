package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.client.DiscoveryClient;
import dev.peerdiscovery.client.Lease;
import dev.peerdiscovery.client.LookupResult;
import dev.peerdiscovery.client.PeerClient;
import dev.peerdiscovery.client.Registration;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.node.PeerNode;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The examples of the README, as code that runs. {@code -Dreadme.update=true} writes them into it;
 * otherwise they are held against it.
 */
class ReadmeTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  private static final Path SOURCE =
      Path.of("src/test/java/dev/peerdiscovery/tests/ReadmeTest.java").toAbsolutePath();

  @TempDir Path directory;

  @Test
  void embeds() throws Exception {
    try (PeerNode seed = PeerNode.builder().listen("127.0.0.1:0").start()) {
      String bootstrap = "127.0.0.1:" + seed.port();
      Path dataDirectory = directory;
      // example: embed
      PeerNode node =
          PeerNode.builder()
              .listen("127.0.0.1:0") // 127.0.0.1:7400 unless set; 0.0.0.0 for other machines
              .bootstrap(bootstrap) // "host:port" of any peer; none for the first
              .dataDirectory(dataDirectory) // keeps the key and the contacts over restarts
              .start();
      node.ready().join(); // has joined, or is alone
      List<Contact> nearest = node.lookup(NodeId.parse("13")).join();
      nearest.forEach(peer -> System.out.println(peer.id() + " at " + peer.endpoint()));
      node.close(); // says farewell
      // end
      assertThat(nearest).extracting(Contact::id).containsExactly(seed.id());
    }
  }

  @Test
  void attaches() throws Exception {
    int port = freePort();
    HealthStatusManager yourService = new HealthStatusManager();
    // example: attach
    NettyServerBuilder yours = NettyServerBuilder.forPort(port);
    yours.addService(yourService.getHealthService());
    PeerNode node = PeerNode.builder().advertise("127.0.0.1:" + port).attachTo(yours);
    Server server = yours.build().start();
    node.join();
    // end
    node.ready().join();
    node.close();
    server.shutdownNow().awaitTermination();
  }

  @Test
  void asks() throws Exception {
    try (PeerNode seed = PeerNode.builder().id(NodeId.of(13)).listen("127.0.0.1:0").start()) {
      String entry = "127.0.0.1:" + seed.port();
      // example: client
      try (PeerClient client = PeerClient.builder().via(entry).build()) {
        LookupResult found = client.lookup(NodeId.parse("13"));
        found.exact().ifPresent(peer -> System.out.println("13 is at " + peer.endpoint()));
        found.closest().forEach(peer -> System.out.println(peer.id() + " at " + peer.endpoint()));
      }
      // end
      try (PeerClient client = PeerClient.builder().via(entry).build()) {
        assertThat(client.lookup(NodeId.of(13)).exact()).isPresent();
      }
    }
  }

  @Test
  void registersAndCalls() throws Exception {
    HealthStatusManager yours = new HealthStatusManager();
    Server server =
        NettyServerBuilder.forPort(0).addService(yours.getHealthService()).build().start();
    try (PeerNode node = PeerNode.builder().listen("127.0.0.1:0").start()) {
      String sidecar = "127.0.0.1:" + node.port();
      String endpoint = "127.0.0.1:" + server.getPort();
      // example: register
      DiscoveryClient discovery = DiscoveryClient.builder().via(sidecar).build();
      Lease lease = discovery.register(Registration.of("orders", endpoint)); // until lease.close()
      // end
      System.setProperty("peer.node", sidecar);
      // example: call
      ManagedChannel orders =
          NettyChannelBuilder.forTarget("peer:///orders") // or peer:///orders?via=host:port
              .defaultLoadBalancingPolicy("round_robin")
              .usePlaintext()
              .build();
      // end
      assertThat(
              HealthGrpc.newBlockingStub(orders)
                  .withDeadlineAfter(20, TimeUnit.SECONDS)
                  .check(HealthCheckRequest.getDefaultInstance())
                  .getStatus())
          .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
      orders.shutdownNow();
      assertThat(lease.state().published()).isTrue();
      discovery.close();
    } finally {
      System.clearProperty("peer.node");
      server.shutdownNow().awaitTermination();
    }
  }

  @Test
  void readme_showsTheseExamples() throws IOException {
    Path readme = ROOT.resolve("README.md");
    String text = Files.readString(readme);
    String updated = text;
    Matcher example =
        Pattern.compile("// example: (\\w+)\n(.*?)\n +// end", Pattern.DOTALL)
            .matcher(Files.readString(SOURCE));
    int count = 0;
    while (example.find()) {
      String code = example.group(2).lines().collect(Collectors.joining("\n")).stripIndent();
      String block = "<!-- example: " + example.group(1) + " -->\n```java\n";
      int at = updated.indexOf(block);
      assertThat(at).as("README has the example %s", example.group(1)).isNotNegative();
      int end = updated.indexOf("```\n", at + block.length());
      updated = updated.substring(0, at + block.length()) + code + "\n" + updated.substring(end);
      count++;
    }
    assertThat(count).isEqualTo(5);
    if (Boolean.getBoolean("readme.update")) {
      Files.writeString(readme, updated);
      return;
    }
    assertThat(text).as("run with -Dreadme.update=true").isEqualTo(updated);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
