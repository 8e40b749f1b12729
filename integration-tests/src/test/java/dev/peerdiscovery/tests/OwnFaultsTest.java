package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.node.PeerNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong with a node itself: its disk, its address. */
class OwnFaultsTest {
  @TempDir Path directory;

  private static PeerNode start(long id, int... seeds) throws Exception {
    var builder = PeerNode.builder().id(NodeId.of(id)).listen("127.0.0.1:0");
    Arrays.stream(seeds).forEach(port -> builder.bootstrap(new Endpoint("127.0.0.1", port)));
    PeerNode node = builder.start();
    node.ready().get(Victim.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    return node;
  }

  /** Where the new snapshot would be written there is a directory. */
  @Row(60)
  @Test
  void snapshotThatCannotBeWritten_leavesTheOldOne_andTheNodeGoesOn() throws Exception {
    Path snapshot = directory.resolve("snapshot");
    try (PeerNode first = start(1);
        PeerNode node =
            PeerNode.builder()
                .id(NodeId.of(7))
                .listen("127.0.0.1:0")
                .dataDirectory(directory)
                .bootstrap(new Endpoint("127.0.0.1", first.port()))
                .start()) {
      await().atMost(Victim.PATIENCE).until(() -> Files.exists(snapshot));
      await().atMost(Victim.PATIENCE).until(() -> !Files.exists(directory.resolve("snapshot.new")));
      Files.createDirectory(directory.resolve("snapshot.new"));
      byte[] old = Files.readAllBytes(snapshot);
      try (PeerNode second = start(2, node.port())) {
        await().atMost(Victim.PATIENCE).until(() -> node.status().get().contacts() == 2);
        assertThat(node.lookup(second.id()).get(Victim.PATIENCE.toSeconds(), TimeUnit.SECONDS))
            .first()
            .matches(contact -> contact.id().equals(second.id()));
      }
      assertThat(Files.readAllBytes(snapshot)).isEqualTo(old);
    }
    // It could not be written at the end either, and is good for the next start.
    Files.delete(directory.resolve("snapshot.new"));
    try (PeerNode again =
        PeerNode.builder()
            .identity(IdentityMode.ASSIGNED)
            .listen("127.0.0.1:0")
            .dataDirectory(directory)
            .start()) {
      assertThat(again.id()).isEqualTo(NodeId.of(7));
    }
  }

  /** It says where it cannot be reached; others hear of it and do not take it in. */
  @Row(67)
  @Test
  void advertisedAddressThatIsNotReached_isSaid_andIsNobodysContact() throws Exception {
    try (PeerNode first = start(1);
        PeerNode second = start(2, first.port());
        PeerNode node =
            PeerNode.builder()
                .id(NodeId.of(7))
                .listen("127.0.0.1:0")
                .advertise(new Endpoint("127.0.0.77", closedPort()))
                .bootstrap(
                    new Endpoint("127.0.0.1", first.port()),
                    new Endpoint("127.0.0.1", second.port()))
                .start()) {
      await()
          .atMost(Victim.PATIENCE)
          .until(
              () ->
                  node.status().get().warnings().stream()
                      .anyMatch(warning -> warning.startsWith("unverified-address: ")));
      await().atMost(Victim.PATIENCE).until(() -> first.status().get().callsUnderWay() == 0);
      assertThat(first.status().get().contacts()).isEqualTo(1);
      assertThat(second.status().get().contacts()).isEqualTo(1);
    }
  }

  /**
   * It listens at all addresses, so it learns its own from a call; and no seed answers any more.
   */
  @Test
  void nodeThatComesBackWithoutASeed_saysWhereItIs() throws Exception {
    int port;
    try (PeerNode other = start(2)) {
      try (PeerNode seed = start(1, other.port());
          PeerNode node = everywhere(seed.port(), 0)) {
        node.ready().get(Victim.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        port = node.port();
        await().atMost(Victim.PATIENCE).until(() -> node.status().get().contacts() == 2);
        await().atMost(Victim.PATIENCE).until(() -> other.status().get().contacts() == 2);
      }
      await().atMost(Victim.PATIENCE).until(() -> other.status().get().contacts() == 0);
      try (PeerNode again = everywhere(closedPort(), port)) {
        await()
            .atMost(Victim.PATIENCE)
            .untilAsserted(
                () ->
                    assertThat(other.lookup(again.id()).get(10, TimeUnit.SECONDS))
                        .anyMatch(contact -> contact.id().equals(again.id())));
      }
    }
  }

  private PeerNode everywhere(int seed, int port) throws Exception {
    return PeerNode.builder()
        .id(NodeId.of(7))
        .listen("0.0.0.0:" + port)
        .dataDirectory(directory)
        .bootstrap(new Endpoint("127.0.0.1", seed))
        .start();
  }

  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.77"))) {
      return socket.getLocalPort();
    }
  }
}
