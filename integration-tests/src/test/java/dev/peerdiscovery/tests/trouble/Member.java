package dev.peerdiscovery.tests.trouble;

import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.node.PeerNodeBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One node at a fixed port, in this JVM or a process of its own, that is stopped and started again;
 * and the proxy through which applications reach it. Started and stopped by one thread at a time.
 */
final class Member implements AutoCloseable {
  private static final Duration READY = Duration.ofSeconds(30);

  private final String name;
  private final CuttingProxy proxy;
  private final Path directory;
  private final boolean keepsItsId;
  private final boolean isProcess;
  private final Patience patience;
  private final RunningTime time;

  /** The observer's; it is told one event at a time. */
  private final SplittableRandom random;

  private Optional<ScheduledThreadPoolExecutor> threads = Optional.empty();
  private Optional<Process> process = Optional.empty();
  private volatile Optional<PeerNode> node = Optional.empty();
  private volatile boolean up;
  private volatile long upSinceNanos;

  /** Does not run yet, and will listen where the proxy leads to. */
  Member(
      String name,
      CuttingProxy proxy,
      boolean keepsItsId,
      boolean isProcess,
      Path directory,
      Surroundings around,
      SplittableRandom random) {
    this.name = name;
    this.proxy = proxy;
    this.keepsItsId = keepsItsId;
    this.isProcess = isProcess;
    this.directory = directory.resolve(name);
    this.patience = around.patience();
    this.time = around.time();
    this.random = random;
  }

  String name() {
    return name;
  }

  CuttingProxy proxy() {
    return proxy;
  }

  Endpoint endpoint() {
    return new Endpoint("127.0.0.1", proxy.targetPort());
  }

  boolean isUp() {
    return up;
  }

  /** Since when it takes part; of no use while it is not up. */
  long upSinceNanos() {
    return upSinceNanos;
  }

  /** The node, where it is in this JVM and up. */
  Optional<PeerNode> node() {
    return up ? node : Optional.empty();
  }

  /** Starts it, and waits until it takes part. */
  void start(List<Endpoint> seeds) throws Exception {
    Patience.Act act = patience.blocking("node: start until ready", READY);
    try {
      if (isProcess) {
        process = Optional.of(startProcess(seeds));
      } else {
        startHere(seeds);
      }
      upSinceNanos = time.nanos();
      up = true;
      act.ended("ok");
    } catch (Exception e) {
      act.ended(e.getClass().getSimpleName());
      throw e;
    }
  }

  private void startHere(List<Endpoint> seeds) throws Exception {
    ScheduledThreadPoolExecutor pool = new ScheduledThreadPoolExecutor(2);
    pool.setRemoveOnCancelPolicy(true);
    threads = Optional.of(pool);
    PeerNodeBuilder builder =
        PeerNode.builder()
            .listen(endpoint().toString())
            .bootstrap(seeds.toArray(Endpoint[]::new))
            .executor(pool)
            .observe(this::trouble);
    if (keepsItsId) {
      builder.dataDirectory(directory);
    }
    PeerNode started = builder.start();
    node = Optional.of(started);
    started.ready().get(READY.toSeconds(), TimeUnit.SECONDS);
  }

  /** An observer that throws now and then, errors too, or takes its time. */
  private synchronized void trouble(Event event) {
    int drawn = random.nextInt(4_000);
    if (drawn == 0) {
      throw new IllegalStateException("an observer that throws, at " + event.getClass());
    } else if (drawn == 1) {
      throw new AssertionError("an observer that throws an error, at " + event.getClass());
    } else if (drawn == 2) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(300));
    }
  }

  private Process startProcess(List<Endpoint> seeds) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.peerdiscovery.node.cli.Main",
                "node",
                "--listen",
                endpoint().toString()));
    for (Endpoint seed : seeds) {
      command.addAll(List.of("--bootstrap", seed.toString()));
    }
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().keySet().removeIf(variable -> variable.startsWith("PEER_"));
    Process started = builder.start();
    String line = started.inputReader().readLine();
    if (line == null || !line.startsWith("READY ")) {
      started.destroyForcibly();
      throw new IOException("the process is not ready: " + line);
    }
    return started;
  }

  /** Ends it without a word: without threads, or by SIGKILL. */
  void kill() throws InterruptedException {
    stop("node: kill", true);
  }

  /** Ends it as its operator does. */
  @Override
  public void close() throws InterruptedException {
    stop("node: close", false);
  }

  private void stop(String kind, boolean abruptly) throws InterruptedException {
    up = false;
    // 2 s of farewell and 10 s for what is open.
    Patience.Act act = patience.blocking(kind, Duration.ofSeconds(12));
    if (process.isPresent()) {
      Process running = process.get();
      if (abruptly) {
        running.destroyForcibly();
      } else {
        running.destroy();
      }
      running.waitFor();
      process = Optional.empty();
    }
    if (abruptly) {
      threads.ifPresent(ScheduledThreadPoolExecutor::shutdownNow);
    }
    node.ifPresent(PeerNode::close);
    node = Optional.empty();
    threads.ifPresent(ScheduledThreadPoolExecutor::shutdownNow);
    threads = Optional.empty();
    act.ended("ok");
  }
}
