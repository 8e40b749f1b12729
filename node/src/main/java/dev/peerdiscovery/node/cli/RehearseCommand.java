package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.client.DiscoveryClient;
import dev.peerdiscovery.client.Lease;
import dev.peerdiscovery.client.Registration;
import dev.peerdiscovery.client.Watch;
import dev.peerdiscovery.client.tls.PeerTls;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.proto.admin.v1.AdminServiceGrpc;
import dev.peerdiscovery.proto.admin.v1.GetStatusRequest;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/**
 * Has two nodes do once what nodes do, and ends: for those who make an archive of the classes that
 * a JVM then has in memory from the start.
 */
@Command(
    name = "rehearse",
    hidden = true,
    description = "Do once what a node does, for archives of classes (AppCDS).",
    footer = "  java -XX:ArchiveClassesAtExit=peer.jsa -jar peer.jar rehearse")
final class RehearseCommand implements Callable<Integer> {
  private static final long PATIENCE_SECONDS = 60;

  private final Console console;

  RehearseCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws Exception {
    Path directory = Files.createTempDirectory("peer-rehearsal");
    try (PeerNode first = start(Map.of("PEER_DATA_DIR", directory.toString()));
        PeerNode second = start(Map.of("PEER_BOOTSTRAP", "127.0.0.1:" + first.port()))) {
      first.ready().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      second.ready().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      perform(api(first), api(second), second);
    } finally {
      delete(directory);
    }
    return ExitCode.OK.code();
  }

  private PeerNode start(Map<String, String> more) throws Exception {
    Map<String, String> environment =
        new HashMap<>(
            Map.of("PEER_LISTEN", "127.0.0.1:0", "PEER_API", "127.0.0.1:0", "PEER_TLS", "peer"));
    environment.putAll(more);
    Settings settings = Settings.of(Map.of(), environment);
    Logs.configure(console, settings.logLevel());
    return settings.toBuilder().observe(NodeRun::observe).start();
  }

  private static Endpoint api(PeerNode node) {
    return new Endpoint("127.0.0.1", node.apiPort().orElseThrow());
  }

  private static void perform(Endpoint one, Endpoint other, PeerNode target) throws Exception {
    Registration registration = Registration.of("rehearsal", other).withTtl(Duration.ofSeconds(10));
    try (DiscoveryClient client = DiscoveryClient.builder().via(one).build();
        Lease lease = client.register(registration);
        Watch watch = client.watch("rehearsal")) {
      client.lookup(target.id());
      client.resolve("rehearsal");
    }
    AdminClient.ask(
        one,
        PeerTls.off(),
        channel ->
            AdminServiceGrpc.newBlockingStub(channel)
                .getStatus(GetStatusRequest.getDefaultInstance()));
    AdminClient.ask(
        one,
        PeerTls.off(),
        channel ->
            HealthGrpc.newBlockingStub(channel).check(HealthCheckRequest.getDefaultInstance()));
  }

  private static void delete(Path directory) throws IOException {
    List<Path> all;
    try (Stream<Path> files = Files.walk(directory)) {
      all = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : all) {
      Files.delete(each);
    }
  }
}
