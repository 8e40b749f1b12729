package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * Runs the examples in other languages, which have nothing of ours but the .proto files.
 *
 * <p>They need Python with {@code grpcio} ({@code -Dpolyglot.python=…}, or python3), {@code
 * grpcio-tools} or the compiler's plugin, grpc-js ({@code NODE_PATH}, or installed beside the
 * example), and buf ({@code -Dpolyglot.buf=…}, or buf). Where these are missing the test is skipped
 * and says so, unless {@code -Dpolyglot.required=true}.
 */
public final class Polyglot implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  private static final Path PROTOS = ROOT.resolve("proto/src/main/protobuf");
  private static final String PYTHON = System.getProperty("polyglot.python", "python3");

  private static final String BUF = System.getProperty("polyglot.buf", "buf");
  private static final String SERVICE = "/peerdiscovery.discovery.v1.DiscoveryService/";

  private final Path directory;
  private final List<Example> examples = new ArrayList<>();

  /**
   * None is started yet.
   *
   * @param directory for what has to be generated
   */
  public Polyglot(Path directory) {
    this.directory = directory;
  }

  /** The command of the example in Python, with its stubs generated. */
  public List<String> python() throws Exception {
    needs(PYTHON, "-c", "import grpc");
    needs(
        "sh",
        "-c",
        "command -v grpc_python_plugin || " + PYTHON + " -c 'import grpc_tools.protoc'");
    Path example = directory.resolve("discovery.py");
    Files.copy(ROOT.resolve("examples/python/discovery.py"), example);
    Example stubs =
        start(
            "sh",
            ROOT.resolve("examples/python/generate.sh").toString(),
            directory.resolve("generated").toString());
    assertThat(stubs.process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(stubs.process.exitValue()).as(String.join("\n", stubs.lines)).isZero();
    return List.of(PYTHON, example.toString());
  }

  /** The command of the example in JavaScript. */
  public List<String> javascript() throws Exception {
    Path example = ROOT.resolve("examples/node/discovery.js");
    needs(
        "sh", "-c", "cd " + example.getParent() + " && node -e 'require(\"@grpc/proto-loader\")'");
    return List.of("node", example.toString());
  }

  /**
   * What is registered at one node is found by others, and gone when the registering process is.
   *
   * @param endpoint of the instance; it need not be there
   * @param registerAt {@code HOST:PORT} of a node; the others may be the same
   */
  public void registersResolvesAndWatches(
      List<String> command, String endpoint, String registerAt, String resolveAt, String watchAt)
      throws IOException {
    Example watch = start(command, watchAt, "watch", "orders");
    await().atMost(PATIENCE).until(() -> watch.lines.contains("synced"));

    Example register = start(command, registerAt, "register", "orders", endpoint);
    await().atMost(PATIENCE).until(() -> register.lines.contains("published"));
    await().atMost(PATIENCE).until(() -> watch.lines.contains("+ " + endpoint));

    Example resolve = start(command, resolveAt, "resolve", "orders");
    await().atMost(PATIENCE).until(() -> !resolve.process.isAlive());
    await().atMost(PATIENCE).until(() -> resolve.lines.size() == 1);
    assertThat(resolve.lines)
        .allMatch(line -> line.startsWith(endpoint + " ") && line.contains("language"));

    register.kill();
    await().atMost(PATIENCE).until(() -> watch.lines.contains("- " + endpoint));
  }

  /** Whoever calls it wrongly learns how, and not where in the example that was noticed. */
  public void explainsItsUsage(List<String> command) throws Exception {
    for (List<String> wrong :
        List.of(
            List.<String>of(),
            List.of("127.0.0.1:1", "sell", "orders"),
            List.of("127.0.0.1:1", "resolve"),
            List.of("127.0.0.1:1", "register", "orders"),
            List.of("127.0.0.1:1", "register", "orders", "127.0.0.1"),
            List.of("127.0.0.1:1", "register", "orders", ":8080"),
            List.of("127.0.0.1:1", "register", "orders", "127.0.0.1:port"),
            List.of("127.0.0.1:1", "register", "orders", "127.0.0.1:65536"))) {
      Example example = start(command, wrong.toArray(String[]::new));
      assertThat(example.ended()).as(wrong + ": " + example.said()).isEqualTo(2);
      assertThat(example.said()).contains("usage: ").doesNotContain("Traceback", "    at ");
    }
  }

  /** The same from the command line, without stubs and files: a node says by reflection what is. */
  public void curlRegistersResolvesAndWatches(String node) throws Exception {
    needs(BUF, "--version");
    Example watch = curl(node, "Watch", "{'service': 'orders'}");
    await().atMost(PATIENCE).until(() -> watch.says("'synced': true"));

    String endpoint = "{'host': '127.0.0.1', 'port': 8080}";
    Example register =
        curl(
            node,
            "Register",
            "{'registration': {'service': 'orders', 'check': 'CHECK_NONE', 'endpoint': "
                + endpoint
                + "}, 'lease': '60s'}");
    assertThat(register.ended()).as(register.said()).isZero();
    await().atMost(PATIENCE).until(() -> watch.says("'port': 8080"));

    Example resolve = curl(node, "Resolve", "{'service': 'orders'}");
    assertThat(resolve.ended()).as(resolve.said()).isZero();
    assertThat(resolve.says("'port': 8080")).as(resolve.said()).isTrue();

    Example deregister =
        curl(node, "Deregister", "{'service': 'orders', 'endpoint': " + endpoint + "}");
    assertThat(deregister.ended()).as(deregister.said()).isZero();
    await().atMost(PATIENCE).until(() -> watch.says("'gone'"));
  }

  private Example curl(String node, String method, String message) throws IOException {
    return start(
        List.of(BUF, "curl", "--http2-prior-knowledge", "--protocol", "grpc"),
        "-d",
        message.replace('\'', '"'),
        "http://" + node + SERVICE + method);
  }

  private static void needs(String... command) throws Exception {
    boolean there;
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      there = process.waitFor() == 0;
    } catch (IOException e) {
      there = false;
    }
    if (!there && Boolean.getBoolean("polyglot.required")) {
      fail("needed, and not there: " + String.join(" ", command));
    }
    Assumptions.assumeTrue(there, "not there: " + String.join(" ", command));
  }

  private Example start(List<String> command, String... arguments) throws IOException {
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of(arguments));
    return start(all.toArray(String[]::new));
  }

  private Example start(String... command) throws IOException {
    Example example = new Example(command);
    examples.add(example);
    return example;
  }

  /** Ends them. */
  @Override
  public void close() {
    examples.forEach(Example::kill);
  }

  /** A process, and what it has printed. */
  private static final class Example {
    final List<String> lines = new CopyOnWriteArrayList<>();
    final Process process;
    private final Thread reader;

    Example(String... command) throws IOException {
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().put("PROTOS", PROTOS.toString());
      builder.environment().put("PYTHON", PYTHON);
      process = builder.start();
      reader =
          new Thread(
              () -> {
                try (BufferedReader in =
                    new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                  in.lines().forEach(lines::add);
                } catch (IOException | UncheckedIOException e) {
                  // The stream of a killed process may end in the middle.
                  lines.add(e.toString());
                }
              });
      reader.setDaemon(true);
      reader.start();
    }

    String said() {
      return String.join("\n", lines);
    }

    boolean says(String text) {
      return said().contains(text.replace('\'', '"'));
    }

    int ended() throws InterruptedException {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(said()).isTrue();
      // What it printed last may still be on its way.
      reader.join(TimeUnit.SECONDS.toMillis(60));
      return process.exitValue();
    }

    void kill() {
      process.destroyForcibly();
    }
  }
}
