package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.proto.admin.v1.AdminServiceGrpc;
import dev.peerdiscovery.proto.admin.v1.GetStatusRequest;
import dev.peerdiscovery.proto.admin.v1.GetStatusResponse;
import dev.peerdiscovery.proto.admin.v1.ListContactsRequest;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import dev.peerdiscovery.proto.peer.v1.PingRequest;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The command line as people use it: real processes, their output, their signals, their ends. */
class NodeProcessTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path directory;

  private final List<PeerProcess> processes = new ArrayList<>();

  @AfterEach
  void killAll() throws InterruptedException {
    for (PeerProcess process : processes) {
      process.kill();
    }
  }

  private PeerProcess node(String... options) throws IOException {
    return kept(PeerProcess.node(options));
  }

  private PeerProcess start(String... arguments) throws IOException {
    return kept(PeerProcess.start(arguments));
  }

  private PeerProcess kept(PeerProcess process) {
    processes.add(process);
    return process;
  }

  @Row(64)
  @Test
  void threeNodes_findOneAnother_andDoWithoutTheFirst() throws Exception {
    String data = directory.resolve("one").toString();
    PeerProcess zero = node("--id", "0");
    assertThat(zero.ready())
        .containsEntry("id", "0")
        .containsEntry("network", "default")
        .containsEntry("state", "alone")
        .containsEntry("contacts", "0");
    PeerProcess one =
        node(
            "--id",
            "1",
            "--identity",
            "assigned",
            "--data-dir",
            data,
            "--bootstrap",
            zero.address());
    assertThat(one.ready()).containsEntry("state", "joined").containsEntry("contacts", "1");
    await().atMost(PATIENCE).until(() -> contacts(zero).equals(List.of("1")));
    PeerProcess two = node("--id", "2", "--bootstrap", one.address());
    assertThat(two.ready()).containsEntry("state", "joined").containsEntry("contacts", "2");
    await().atMost(PATIENCE).until(() -> contacts(one).containsAll(List.of("0", "2")));

    assertReadable(zero, one, two);

    zero.kill();
    assertLookup(one, "2", two);
    assertLookup(two, "1", one);

    // No bootstrap is given, and the one from before is gone.
    one.kill();
    PeerProcess again = node("--id", "1", "--data-dir", data);
    assertThat(again.ready()).containsEntry("state", "joined").containsEntry("id", "1");
    assertThat(contacts(again)).contains("2");
    assertLookup(again, "2", two);
    await().atMost(PATIENCE).until(() -> status(again).getContacts() == 1);

    // Its terminal closes.
    two.hangUp();
    assertThat(two.exitCode()).isZero();
    // Told, not found out: that would take three missed calls and several seconds.
    await().atMost(Duration.ofSeconds(2)).until(() -> contacts(again).isEmpty());

    again.terminate();
    assertThat(again.exitCode()).isZero();
  }

  /** What the commands say of a network of three, as JSON. */
  private void assertReadable(PeerProcess zero, PeerProcess one, PeerProcess two) throws Exception {
    PeerProcess status = ended(0, "status", "--via", zero.address(), "--json");
    JsonObject state = json(status).getAsJsonObject();
    assertThat(state.get("id").getAsString()).isEqualTo("0");
    assertThat(state.get("state").getAsString()).isEqualTo("joined");
    assertThat(state.get("contacts").getAsInt()).isEqualTo(2);
    assertThat(state.get("advertised").getAsJsonArray().get(0).getAsString())
        .isEqualTo(zero.address());

    PeerProcess contacts = ended(0, "contacts", "--via", one.address(), "--json");
    JsonArray known = json(contacts).getAsJsonArray();
    assertThat(known.asList().stream().map(c -> c.getAsJsonObject().get("id").getAsString()))
        .containsExactlyInAnyOrder("0", "2");

    PeerProcess ping = ended(0, "ping", two.address(), "--json");
    assertThat(json(ping).getAsJsonObject().get("id").getAsString()).isEqualTo("2");
    assertThat(json(ping).getAsJsonObject().get("proved").getAsBoolean()).isTrue();

    PeerProcess nobody = ended(6, "lookup", "--via", zero.address(), "99", "--json");
    assertThat(json(nobody).getAsJsonObject().get("found").getAsBoolean()).isFalse();
    assertThat(nobody.err()).contains("99").doesNotContain("\tat ");
  }

  /** One after another: a command has seconds for its calls, on however busy a machine. */
  private PeerProcess ended(int exitCode, String... command) throws Exception {
    PeerProcess process = start(command);
    assertThat(process.exitCode()).as(process.err()).isEqualTo(exitCode);
    return process;
  }

  private void assertLookup(PeerProcess via, String target, PeerProcess expected) throws Exception {
    PeerProcess lookup = ended(0, "lookup", "--via", via.address(), target, "--json");
    JsonObject found = json(lookup).getAsJsonObject();
    assertThat(found.get("found").getAsBoolean()).isTrue();
    JsonObject closest = found.get("closest").getAsJsonArray().get(0).getAsJsonObject();
    assertThat(closest.get("id").getAsString()).isEqualTo(target);
    assertThat(closest.get("endpoint").getAsString()).isEqualTo(expected.address());
  }

  private static JsonElement json(PeerProcess process) {
    return JsonParser.parseString(process.out());
  }

  @Row({34, 44})
  @Test
  void whatStrangersSend_isNotWorthATrace() throws Exception {
    PeerProcess node = node();
    for (String greeting : List.of("GET / HTTP/1.1\r\n\r\n", "\u0016\u0003\u0001 hello")) {
      try (Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), node.port())) {
        OutputStream out = socket.getOutputStream();
        out.write(greeting.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
        socket.setSoTimeout((int) PATIENCE.toMillis());
        socket.getInputStream().readAllBytes();
      }
    }
    assertThat(status(node).getContacts()).isZero();
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", node.port()).usePlaintext().build();
    try {
      PingRequest large = Wire.ping().setNonce(Wire.bytes(70 * 1024)).build();
      StatusRuntimeException refused =
          catchThrowableOfType(
              StatusRuntimeException.class,
              () -> PeerServiceGrpc.newBlockingStub(channel).ping(large));
      assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    } finally {
      channel.shutdownNow();
    }
    node.terminate();
    assertThat(node.exitCode()).isZero();
    assertThat(node.err()).doesNotContain("\tat ").doesNotContain("Exception in thread");
    // What is too large is refused, and each of a flood is not worth a line.
    assertThat(node.err()).doesNotContain("exceeds maximum size");
    assertThat(node.out().lines()).hasSize(1);
  }

  @Test
  void servicesOfANodeWithTls_areAskedForWithTls_andTheErrorSaysSo() throws Exception {
    PeerProcess node = node("--tls", "peer");
    String via = node.address();
    for (String command : List.of("resolve", "watch")) {
      PeerProcess plain = start(command, "orders", "--via", via);
      if (command.equals("resolve")) {
        assertThat(plain.exitCode()).isEqualTo(7);
      }
      await().atMost(PATIENCE).until(() -> plain.err().contains("set tls to peer or ca"));
    }
    start("register", "orders", "127.0.0.1:8080", "--check", "none", "--via", via, "--tls", "peer");
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              PeerProcess resolve = start("resolve", "orders", "--via", via, "--tls", "peer");
              assertThat(resolve.exitCode()).as(resolve.err()).isZero();
              assertThat(resolve.out()).contains("127.0.0.1:8080");
            });
    PeerProcess resolve = start("resolve", "orders", "--via", via, "--tls", "peer", "--json");
    assertThat(resolve.exitCode()).as(resolve.err()).isZero();
    JsonObject printed = json(resolve).getAsJsonObject();
    assertThat(printed.get("truncated").getAsBoolean()).isFalse();
    assertThat(printed.getAsJsonArray("instances")).hasSize(1);
  }

  /** Newcomers all the time make it save all the time. */
  @Row(64)
  @Test
  void endingInTheMiddleOfSaves_leavesAGoodSnapshot() throws Exception {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    Path data = directory.resolve("busy");
    EngineConfig config = EngineConfig.defaults();
    List<PeerNode> others = new ArrayList<>();
    try {
      for (boolean gently : new boolean[] {true, false, false}) {
        PeerProcess busy = node("--id", "7", "--data-dir", data.toString());
        Endpoint seedNode = Endpoint.parse(busy.address());
        int before = others.size();
        for (int i = 0; i < 4; i++) {
          others.add(
              PeerNode.builder()
                  .id(NodeId.random(random))
                  .engine(config)
                  .listen("127.0.0.1:0")
                  .bootstrap(seedNode)
                  .start());
        }
        await().atMost(PATIENCE).until(() -> status(busy).getContacts() > before);
        await().atMost(PATIENCE).until(() -> Files.exists(data.resolve("snapshot")));
        if (gently) {
          busy.terminate();
          assertThat(busy.exitCode()).isZero();
        } else {
          busy.kill();
        }
      }
      // Nobody knows yet where it is, so the way back is its own.
      PeerProcess last = node("--id", "7", "--data-dir", data.toString());
      assertThat(last.ready()).containsEntry("state", "joined");
      assertThat(names(data)).noneMatch(name -> name.contains("corrupt"));
    } finally {
      others.parallelStream().forEach(PeerNode::close);
    }
  }

  /** Everybody is away when it comes back, and it ends before anybody returns. */
  @Row(57)
  @Test
  void restartInAnEmptyNetwork_forgetsNobody() throws Exception {
    String data = directory.resolve("first").toString();
    String others = directory.resolve("second").toString();
    PeerProcess first = node("--id", "1", "--data-dir", data);
    PeerProcess second = node("--id", "2", "--data-dir", others, "--bootstrap", first.address());
    String address = second.address();
    await().atMost(PATIENCE).until(() -> contacts(first).equals(List.of("2")));
    first.terminate();
    assertThat(first.exitCode()).isZero();
    second.kill();

    for (int restart = 0; restart < 2; restart++) {
      PeerProcess alone = node("--id", "1", "--data-dir", data);
      assertThat(alone.ready()).containsEntry("state", "alone");
      alone.terminate();
      assertThat(alone.exitCode()).isZero();
    }

    PeerProcess back = node("--id", "1", "--data-dir", data);
    assertThat(back.ready()).containsEntry("state", "alone");
    // It returns where it was, and does not know where the other one is now.
    PeerProcess again = start("node", "--id", "2", "--listen", address);
    assertThat(again.ready()).containsEntry("id", "2");
    await().atMost(PATIENCE).until(() -> contacts(back).equals(List.of("2")));
  }

  @Row(59)
  @Test
  void unreadableSnapshot_isSetAside() throws Exception {
    Path data = directory.resolve("data");
    PeerProcess first = node("--data-dir", data.toString());
    String id = first.ready().get("id");
    first.terminate();
    assertThat(first.exitCode()).isZero();
    Path snapshot = data.resolve("snapshot");
    assertThat(snapshot).exists();
    try (RandomAccessFile file = new RandomAccessFile(snapshot.toFile(), "rw")) {
      file.setLength(1L << 30);
    }

    PeerProcess second = node("--data-dir", data.toString());

    assertThat(second.ready()).containsEntry("id", id);
    assertThat(data.resolve("snapshot.corrupt-1")).exists();
    assertThat(second.err()).contains("snapshot.corrupt-1").contains("larger than");
  }

  @Test
  void directoryOfAnotherNetworkOrNode_isNotTouched() throws Exception {
    String data = directory.resolve("data").toString();
    PeerProcess first = node("--id", "1", "--data-dir", data);
    first.ready();
    PeerProcess second = node("--id", "1", "--data-dir", data);
    assertThat(second.exitCode()).isEqualTo(3);
    assertThat(second.err()).contains("another node is using it");
    first.terminate();
    assertThat(first.exitCode()).isZero();

    PeerProcess network = node("--id", "1", "--data-dir", data, "--network", "other");
    assertThat(network.exitCode()).isEqualTo(3);
    PeerProcess identity = node("--id", "2", "--data-dir", data);
    assertThat(network.err()).contains("it belongs to network default");
    assertThat(identity.exitCode()).isEqualTo(3);
    assertThat(identity.err()).contains("it belongs to node 1");
    PeerProcess again = node("--id", "1", "--data-dir", data);
    assertThat(again.ready()).containsEntry("id", "1");
  }

  @Test
  void directoryThatCannotBe_endsWithThree() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "");
    PeerProcess below = node("--data-dir", file.resolve("data").toString());
    PeerProcess itself = node("--data-dir", file.toString());
    assertThat(below.exitCode()).isEqualTo(3);
    assertThat(below.err().lines().filter(line -> line.contains("data directory"))).hasSize(1);
    assertThat(itself.exitCode()).isEqualTo(3);
    assertThat(itself.err()).doesNotContain("\tat ");
  }

  @Row({51, 52})
  @Test
  void addressThatCannotBeListenedAt_endsWithFour() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      PeerProcess inUse = start("node", "--listen", address);
      PeerProcess api = node("--api", address);
      PeerProcess foreign = start("node", "--listen", "192.0.2.1:7400");
      assertThat(inUse.exitCode()).isEqualTo(4);
      assertThat(inUse.err())
          .contains("cannot listen on " + address + ": address already in use")
          .contains("--listen");
      assertThat(api.exitCode()).isEqualTo(4);
      assertThat(api.err()).contains(address).contains("--api");
      assertThat(foreign.exitCode()).isEqualTo(4);
      assertThat(foreign.err()).contains("192.0.2.1:7400").doesNotContain("\tat ");
    }
  }

  static Stream<Arguments> wrongUsage() {
    return Stream.of(
        arguments("did you mean '--bootstrap'", "node", "--bootsrap", "127.0.0.1:7400"),
        arguments("id", "node", "--id", "0x1" + "0".repeat(64)),
        arguments("port", "node", "--listen", "127.0.0.1:70000"),
        arguments("253", "node", "--bootstrap", "a".repeat(100_000) + ":7400"),
        arguments("negative", "offsets", "-1"));
  }

  private static Arguments arguments(String words, String... command) {
    return Arguments.of(words, List.of(command));
  }

  @Row({12, 68})
  @ParameterizedTest
  @MethodSource("wrongUsage")
  void wrongUsage_endsWithTwo(String words, List<String> command) throws Exception {
    PeerProcess process = start(command.toArray(String[]::new));
    assertThat(process.exitCode()).isEqualTo(2);
    assertThat(process.err()).contains(words).hasSizeLessThan(1000);
    assertThat(process.err().lines()).hasSize(1);
    assertThat(process.out()).isEmpty();
  }

  @Row({53, 54, 55})
  @Test
  void seedsThatAreNone_leaveTheNodeAloneAndReady() throws Exception {
    int nobody = closedPort();
    int own = closedPort();
    PeerProcess node =
        start(
            "node",
            "--listen",
            "127.0.0.1:" + own,
            "--bootstrap",
            "127.0.0.1:" + nobody,
            "--bootstrap",
            "no-such-host.invalid:7400,127.0.0.1:" + own);
    assertThat(node.ready()).containsEntry("state", "alone");
    GetStatusResponse status = status(node);
    assertThat(status.getSeedsList())
        .extracting(seed -> seed.getLastResult())
        .anyMatch(result -> result.contains("nobody could be reached"))
        .anyMatch(result -> result.contains("cannot be resolved"))
        .anyMatch(result -> result.contains("this node itself"));
    await().atMost(PATIENCE).until(() -> node.err().contains("still alone"));
    await()
        .atMost(PATIENCE)
        .until(() -> node.err().contains("seed=127.0.0.1:" + own + " is this node itself"));

    assertThat(ended(5, "ping", "127.0.0.1:" + nobody).err().lines()).hasSize(1);
    assertThat(ended(5, "lookup", "--via", "no-such-host.invalid:7400", "13").err().lines())
        .hasSize(1);
    assertThat(ended(5, "status", "--via", "127.0.0.1:" + nobody).err().lines()).hasSize(1);
  }

  @Row(48)
  @Test
  void seedOfAnotherNetwork_isSaidClearly() throws Exception {
    PeerProcess node = node("--id", "0");
    PeerProcess stranger = node("--network", "other", "--bootstrap", node.address());
    assertThat(stranger.ready()).containsEntry("state", "alone").containsEntry("network", "other");
    assertThat(status(stranger).getSeeds(0).getLastResult())
        .contains("OTHER_NETWORK")
        .contains("another network");
    await().atMost(PATIENCE).until(() -> stranger.err().contains("OTHER_NETWORK"));
    assertThat(contacts(node)).isEmpty();

    PeerProcess ping = ended(7, "ping", node.address(), "--network", "other");
    assertThat(ping.err()).contains("another network");
  }

  private static List<String> names(Path data) throws IOException {
    try (Stream<Path> files = Files.list(data)) {
      return files.map(path -> path.getFileName().toString()).toList();
    }
  }

  private static GetStatusResponse status(PeerProcess node) {
    return admin(node, stub -> stub.getStatus(GetStatusRequest.getDefaultInstance()));
  }

  private static List<String> contacts(PeerProcess node) {
    return admin(
        node,
        stub ->
            stub.listContacts(ListContactsRequest.getDefaultInstance()).getContactsList().stream()
                .map(contact -> HostilePeer.idOf(contact.getRecord()).toString())
                .toList());
  }

  private static <T> T admin(
      PeerProcess node, Function<AdminServiceGrpc.AdminServiceBlockingStub, T> question) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", node.port()).usePlaintext().build();
    try {
      return question.apply(
          AdminServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    } finally {
      channel.shutdownNow();
    }
  }

  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  /** More connect than it can take; when they are gone it goes on as if nothing had been. */
  @Row(65)
  @Test
  void nodeThatRunsOutOfFiles_recovers() throws Exception {
    PeerProcess node = kept(PeerProcess.nodeWithFiles(160));
    int port = node.port();
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < 300; i++) {
        Socket socket = new Socket();
        sockets.add(socket);
        socket.connect(new InetSocketAddress("127.0.0.1", port), 2_000);
      }
    } catch (IOException e) {
      // The queue of those that wait to be taken is full, too: enough of them.
      assertThat(sockets).hasSizeGreaterThan(160);
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
    await().atMost(PATIENCE).until(() -> start("ping", node.address()).exitCode() == 0);
    node.terminate();
    assertThat(node.exitCode()).isZero();
  }
}
