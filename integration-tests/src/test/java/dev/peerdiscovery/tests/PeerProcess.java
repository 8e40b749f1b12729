package dev.peerdiscovery.tests;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/** The command line in a process of its own. */
final class PeerProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final List<String> out = new CopyOnWriteArrayList<>();
  private final List<String> err = new CopyOnWriteArrayList<>();
  private final List<Thread> readers = new ArrayList<>();

  private PeerProcess(List<String> arguments) throws IOException {
    this(List.of(), arguments);
  }

  private PeerProcess(List<String> launcher, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(launcher);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.peerdiscovery.node.cli.Main"));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith("PEER_"));
    this.process = builder.start();
    process.getOutputStream().close();
    readers.add(read(process.getInputStream(), out));
    readers.add(read(process.getErrorStream(), err));
  }

  private static Thread read(InputStream from, List<String> lines) {
    Thread reader =
        new Thread(
            () -> {
              try (BufferedReader in =
                  new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8))) {
                in.lines().forEach(lines::add);
              } catch (IOException | UncheckedIOException e) {
                // The stream of a killed process may end in the middle.
                lines.add(e.toString());
              }
            });
    reader.setDaemon(true);
    reader.start();
    return reader;
  }

  /** Starts any command. */
  static PeerProcess start(String... arguments) throws IOException {
    return new PeerProcess(Arrays.asList(arguments));
  }

  /** Starts a node on a free port of 127.0.0.1. */
  static PeerProcess node(String... options) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("node", "--listen", "127.0.0.1:0"));
    arguments.addAll(Arrays.asList(options));
    return new PeerProcess(arguments);
  }

  /** The same with so many files and connections at most. */
  static PeerProcess nodeWithFiles(int most) throws IOException {
    return new PeerProcess(
        List.of("sh", "-c", "ulimit -n " + most + " && exec \"$@\"", "sh"),
        List.of("node", "--listen", "127.0.0.1:0"));
  }

  /** The fields of the line that says that a node takes part. */
  Map<String, String> ready() {
    Awaitility.await("READY").atMost(PATIENCE).until(() -> !out.isEmpty() || !process.isAlive());
    if (out.isEmpty() || !out.get(0).startsWith("READY ")) {
      throw new AssertionError("not ready, out " + out + ", err " + err);
    }
    return Arrays.stream(out.get(0).substring("READY ".length()).split(" "))
        .map(field -> field.split("=", 2))
        .collect(Collectors.toMap(field -> field[0], field -> field[1]));
  }

  /** Where a node that is ready can be reached. */
  String address() {
    return ready().get("advertised");
  }

  int port() {
    return Integer.parseInt(address().replaceFirst(".*:", ""));
  }

  /** Waits for its end. */
  int exitCode() throws InterruptedException {
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("still running, out " + out + ", err " + err);
    }
    for (Thread reader : readers) {
      reader.join(PATIENCE.toMillis());
    }
    return process.exitValue();
  }

  /** SIGTERM. */
  void terminate() {
    process.destroy();
  }

  /** SIGKILL, and waits for the end. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    exitCode();
  }

  /**
   * SIGHUP, as of a terminal that closes. Under {@code nohup} this process ignores it, and so do
   * its children: then SIGTERM, which must have the same effect.
   */
  void hangUp() throws IOException, InterruptedException {
    signal(ignoresHangUps() ? "TERM" : "HUP");
  }

  private static boolean ignoresHangUps() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return false;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("SigIgn:"))
        .anyMatch(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16) % 2 == 1);
  }

  /** SIGSTOP: it is there, and says nothing. SIGKILL still ends it. */
  void freeze() throws IOException, InterruptedException {
    signal("STOP");
  }

  private void signal(String name) throws IOException, InterruptedException {
    String pid = String.valueOf(process.pid());
    int code = new ProcessBuilder("kill", "-" + name, pid).start().waitFor();
    if (code != 0) {
      throw new AssertionError("kill -" + name + ": " + code);
    }
  }

  String out() {
    return String.join("\n", out);
  }

  String err() {
    return String.join("\n", err);
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }
}
