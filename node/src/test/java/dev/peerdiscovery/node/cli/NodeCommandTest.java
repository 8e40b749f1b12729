package dev.peerdiscovery.node.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes on the command line, and those who ask them: in this process, one thread for each. */
class NodeCommandTest {
  private static final Pattern READY =
      Pattern.compile(
          "READY id=(\\S+) advertised=(\\S+) network=(\\S+) state=(alone|joined) contacts=(\\d+)\n");
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final List<Running> running = new ArrayList<>();

  @TempDir private Path directory;

  /** A node that runs until it is interrupted. */
  private static final class Running {
    final Cli cli;
    private final Thread thread;
    private volatile int exitCode = -1;

    Running(Cli cli, String... arguments) {
      this.cli = cli;
      thread = new Thread(() -> exitCode = cli.run(arguments));
      thread.start();
    }

    Matcher ready() {
      Matcher line = READY.matcher("");
      await().atMost(PATIENCE).until(() -> line.reset(cli.out()).matches());
      return line;
    }

    int stop() throws InterruptedException {
      thread.interrupt();
      thread.join(PATIENCE.toMillis());
      return exitCode;
    }
  }

  private Running start(String... arguments) {
    return start(new Cli(), arguments);
  }

  private Running start(Cli cli, String... arguments) {
    Running node = new Running(cli, arguments);
    running.add(node);
    return node;
  }

  @AfterEach
  void stopAll() throws InterruptedException {
    for (Running node : running) {
      node.stop();
    }
  }

  @Test
  void saysThatItIsReadyOnOneLineAndLogsElsewhere() throws InterruptedException {
    Running node = start("node", "--id", "13", "--listen", "127.0.0.1:0");
    Matcher ready = node.ready();
    assertThat(ready.group(1)).isEqualTo("13");
    assertThat(ready.group(2)).matches("127\\.0\\.0\\.1:[0-9]+");
    assertThat(ready.group(3)).isEqualTo("default");
    assertThat(ready.group(4)).isEqualTo("alone");
    assertThat(node.cli.errLines()).anyMatch(line -> line.contains("INFO  id=13 listening port="));
    assertThat(node.stop()).isEqualTo(130);
    assertThat(node.cli.err()).contains("id=13 leaving");
    assertThat(node.cli.out().lines()).hasSize(1);
  }

  @Test
  void answersWhoeverAsks() {
    Running first = start("node", "--id", "0", "--listen", "127.0.0.1:0", "--network", "test");
    String via = first.ready().group(2);
    Running second =
        start(
            "node",
            "--id",
            "13",
            "--listen",
            "127.0.0.1:0",
            "--network",
            "test",
            "--bootstrap",
            via,
            "--require-peer");
    assertThat(second.ready().group(4)).isEqualTo("joined");

    Cli ping = new Cli();
    assertThat(ping.run("ping", via, "--network", "test", "--json")).as(ping.err()).isZero();
    JsonObject pong = JsonParser.parseString(ping.out()).getAsJsonObject();
    assertThat(pong.get("id").getAsString()).isEqualTo("0");
    assertThat(pong.get("proved").getAsBoolean()).isTrue();

    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              Cli lookup = new Cli();
              assertThat(lookup.run("lookup", "--via", via, "--network", "test", "13")).isZero();
              assertThat(lookup.out()).contains("hop 0  0 at " + via, "found 13 at ");
            });
    Cli missed = new Cli();
    assertThat(missed.run("lookup", "--via", via, "--network", "test", "14")).isEqualTo(6);
    assertThat(missed.err()).contains("no peer with id 14 answered");
    Cli nearest = new Cli();
    assertThat(
            nearest.run("lookup", "--via", via, "--network", "test", "14", "--nearest", "--json"))
        .isZero();
    JsonObject found = JsonParser.parseString(nearest.out()).getAsJsonObject();
    assertThat(found.get("found").getAsBoolean()).isFalse();
    assertThat(found.getAsJsonArray("closest")).hasSize(2);

    Cli status = new Cli();
    assertThat(status.run("status", "--via", via, "--counters")).as(status.err()).isZero();
    assertThat(status.out())
        .contains("joined", "test (assigned ids, private addresses)", "served.");
    Cli json = new Cli();
    assertThat(json.run("status", "--via", via, "--json")).isZero();
    assertThat(JsonParser.parseString(json.out()).getAsJsonObject().get("contacts").getAsInt())
        .isEqualTo(1);
    Cli contacts = new Cli();
    assertThat(contacts.run("contacts", "--via", via)).isZero();
    assertThat(contacts.out().lines().skip(1)).singleElement().asString().startsWith("13 ");
    Cli contactsJson = new Cli();
    assertThat(contactsJson.run("contacts", "--via", via, "--json")).isZero();
    assertThat(JsonParser.parseString(contactsJson.out()).getAsJsonArray()).hasSize(1);
  }

  @Test
  void refusalsAndUnreachablePeersHaveTheirCodes() throws IOException {
    String via = start("node", "--listen", "127.0.0.1:0").ready().group(2);
    for (String[] arguments :
        List.of(
            new String[] {"ping", via, "--network", "other"},
            new String[] {"lookup", "--via", via, "--network", "other", "13"},
            new String[] {"ping", via, "--scope", "public"})) {
      Cli refused = new Cli();
      assertThat(refused.run(arguments)).isEqualTo(7);
      assertThat(refused.errLines()).hasSize(1);
    }
    String nobody;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = "127.0.0.1:" + socket.getLocalPort();
    }
    for (String[] arguments :
        List.of(
            new String[] {"ping", nobody},
            new String[] {"lookup", "--via", nobody + "," + nobody, "13"},
            new String[] {"status", "--via", nobody},
            new String[] {"contacts", "--via", nobody})) {
      Cli unreachable = new Cli();
      assertThat(unreachable.run(arguments)).isEqualTo(5);
      assertThat(unreachable.errLines()).hasSize(1);
      assertThat(unreachable.out()).isEmpty();
    }
    Cli second = new Cli();
    assertThat(second.run("lookup", "--via", nobody + "," + via, "13")).isEqualTo(6);
  }

  @Test
  void operatorsAreAnsweredAtTheirOwnAddress() {
    Running node = start("node", "--listen", "127.0.0.1:0", "--api", "127.0.0.1:0");
    String via = node.ready().group(2);
    Cli wrong = new Cli();
    assertThat(wrong.run("status", "--via", via)).isEqualTo(7);
    assertThat(wrong.err()).contains("--api address");
    Matcher port = Pattern.compile("api_port=([0-9]+)").matcher(node.cli.err());
    assertThat(port.find()).isTrue();
    Cli right = new Cli();
    assertThat(right.run("status", "--via", "127.0.0.1:" + port.group(1))).isZero();
    assertThat(right.out()).contains("operators at");
  }

  @Test
  void healthIsAskedWhereTheEnvironmentSaysTheNodeIs() {
    Running node =
        start(
            "node",
            "--listen",
            "127.0.0.1:0",
            "--tls",
            "peer",
            "--api",
            "127.0.0.1:0",
            "--require-peer");
    await().atMost(PATIENCE).until(() -> node.cli.err().contains("alone"));
    Matcher port = Pattern.compile("api_port=([0-9]+)").matcher(node.cli.err());
    assertThat(port.find()).isTrue();
    String api = "127.0.0.1:" + port.group(1);

    Cli process = health(api);
    assertThat(process.run("health")).as(process.err()).isZero();
    assertThat(process.out()).isEqualTo("SERVING\n");
    Cli joined = health(api);
    assertThat(joined.run("health", "--service", "peerdiscovery.peer.v1.PeerService")).isEqualTo(6);
    assertThat(joined.out()).isEqualTo("NOT_SERVING\n");
    assertThat(health(api).run("health", "--service", "no.such.Service")).isEqualTo(7);
    assertThat(health(api).run("status")).isZero();
    assertThat(health("127.0.0.1:1").run("health")).isEqualTo(5);
    assertThat(health("127.0.0.1:0").run("health")).isEqualTo(2);
  }

  @Test
  void aRehearsalEnds() {
    Cli cli = new Cli();
    assertThat(cli.run("rehearse")).as(cli.err()).isZero();
    assertThat(cli.err()).contains("joined contacts=1").doesNotContain("WARN");
  }

  /** Where the peers' own port speaks TLS, and the other does not. */
  private static Cli health(String api) {
    return new Cli().with("PEER_TLS", "peer").with("PEER_API", api);
  }

  @Test
  void aPortInUseAndAnUnusableDirectoryHaveTheirCodes() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Cli cli = new Cli();
      assertThat(cli.run("node", "--listen", "127.0.0.1:" + taken.getLocalPort())).isEqualTo(4);
      assertThat(cli.errLines()).hasSize(1);
      assertThat(cli.err()).startsWith("peer: cannot listen on 127.0.0.1:");
    }
    Path file = Files.writeString(directory.resolve("file"), "");
    Cli cli = new Cli();
    assertThat(cli.run("node", "--listen", "127.0.0.1:0", "--data-dir", file + "/x")).isEqualTo(3);
    assertThat(cli.errLines()).hasSize(1);
  }

  @Test
  void settingsThatDoNotGoTogetherAreRefused() {
    Cli cli = new Cli();
    assertThat(
            cli.run(
                "node",
                "--listen",
                "127.0.0.1:0",
                "--scope",
                "public",
                "--advertise",
                "10.0.0.1:7400"))
        .isEqualTo(2);
    assertThat(cli.errLines()).hasSize(1);
    assertThat(cli.err()).contains("is not allowed in scope");
  }

  @Test
  void readsFileAndEnvironment() throws IOException {
    Path file = directory.resolve("node.conf");
    Files.writeString(file, "peer { id = 7, listen = \"127.0.0.1:0\", network = a }");
    Cli cli = new Cli().with("PEER_NETWORK", "b").with("PEER_CONFIG", file.toString());
    Running configured = start(cli, "node");
    Matcher ready = configured.ready();
    assertThat(ready.group(1)).isEqualTo("7");
    assertThat(ready.group(3)).isEqualTo("b");
  }

  @Test
  void keepsTryingWhenNobodyIsThere() {
    Running node = start("node", "--listen", "127.0.0.1:0", "--bootstrap", "127.0.0.1:1");
    assertThat(node.ready().group(4)).isEqualTo("alone");
    await()
        .atMost(PATIENCE)
        .until(() -> node.cli.err().contains("still alone, trying on seed=127.0.0.1:1"));
  }
}
