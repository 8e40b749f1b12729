package dev.peerdiscovery.tests.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * All nodes, and then all instances, are restarted one after another, while somebody calls {@code
 * peer:///orders} a hundred times a second, without retries.
 */
@NeedsDocker
@Tag("full")
@ResourceLock("processor")
class RollingRestartTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Pattern REPORT =
      Pattern.compile("taken=(\\d+) failed=(\\d+) by=\\{(.*)}", Pattern.MULTILINE);

  @Test
  void noCallFails_butThoseInFlightOnAStoppedInstance() {
    try (Cluster cluster = Cluster.of(10).start();
        Example first = new Example(cluster, 0, "OrdersService");
        Example second = new Example(cluster, 4, "OrdersService");
        Example third = new Example(cluster, 8, "OrdersService");
        Example caller = new Example(cluster, 2, "OrdersCaller")) {
      List<Example> instances = List.of(first, second, third);
      cluster.awaitTablesHave(cluster.members());
      instances.forEach(Example::start);
      caller.start();
      await("calls go to all instances")
          .atMost(PATIENCE)
          .until(() -> caller.report().taken > 100 && caller.report().instances == 3);
      System.out.println("at first: " + caller.report());

      for (Member member : cluster.members()) {
        assertThat(member.terminate()).isZero();
        cluster.start(List.of(member));
      }
      Report nodesRestarted = caller.next();
      System.out.println("all nodes restarted: " + nodesRestarted);
      assertThat(caller.failures()).isEmpty();
      assertThat(nodesRestarted.instances).isEqualTo(3);

      List<Stop> stops = new ArrayList<>();
      for (Example instance : instances) {
        Instant told = Instant.now();
        instance.restart();
        stops.add(new Stop(told, instance.goneAt()));
        await("calls go to all instances")
            .atMost(PATIENCE)
            .until(() -> caller.next().instances == 3);
      }
      Report end = caller.next();
      System.out.println("at the end: " + end + " " + caller.failures());
      assertInFlight(caller.failures(), stops);
      assertThat(end.taken).isGreaterThan(nodesRestarted.taken);
    }
  }

  /** From when an instance was told to stop until its process was gone. */
  private record Stop(Instant from, Instant to) {
    boolean isDuring(Instant at) {
      return !at.isBefore(from) && !at.isAfter(to.plusSeconds(1));
    }
  }

  /** One caller, so it has one call in flight at most on each when that ends: no more may fail. */
  private static void assertInFlight(List<Said> failures, List<Stop> stops) {
    for (Said failure : failures) {
      assertThat(failure.line()).contains("code=UNAVAILABLE");
      assertThat(stops).as("%s", failure).anyMatch(stop -> stop.isDuring(failure.at()));
    }
    for (Stop stop : stops) {
      assertThat(failures.stream().filter(failure -> stop.isDuring(failure.at())))
          .hasSizeLessThanOrEqualTo(1);
    }
  }

  /** What the caller printed last. */
  private record Report(int taken, int failed, int instances) {}

  /** The example service or its caller, in a container, with three nodes to ask. */
  private static final class Example implements AutoCloseable {
    private final GenericContainer<?> container;

    Example(Cluster cluster, int node, String main) {
      List<String> nodes = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        nodes.add(cluster.member((node + i) % 10).name() + ":" + Member.API);
      }
      container =
          new GenericContainer<>(DockerImageName.parse(Images.ofOrders()))
              .withImagePullPolicy(image -> false)
              .withNetwork(cluster.network())
              .withLabels(Labels.ofThisRun())
              .withEnv("PEER_NODE", String.join(",", nodes))
              .withEnv("JAVA_TOOL_OPTIONS", "-Xmx64m -XX:TieredStopAtLevel=1")
              .withCommand("dev.peerdiscovery.examples." + main)
              .waitingFor(new Nothing());
    }

    void start() {
      container.start();
    }

    /** SIGTERM, and the same container again. */
    void restart() {
      DockerClientFactory.instance()
          .client()
          .restartContainerCmd(container.getContainerId())
          .withTimeout(20)
          .exec();
    }

    Report report() {
      Matcher line = REPORT.matcher(container.getLogs());
      Report last = new Report(0, 0, 0);
      while (line.find()) {
        String by = line.group(3);
        last =
            new Report(
                Integer.parseInt(line.group(1)),
                Integer.parseInt(line.group(2)),
                by.isEmpty() ? 0 : by.split(",").length);
      }
      return last;
    }

    /** A report of a second that has begun from now on. */
    Report next() {
      int taken = report().taken;
      await().atMost(PATIENCE).until(() -> report().taken > taken + 100);
      return report();
    }

    List<Said> failures() {
      return Said.by(container.getContainerId()).stream()
          .filter(said -> said.line().startsWith("failed: "))
          .toList();
    }

    /** When its process ended last. */
    Instant goneAt() {
      return Instant.parse(
          String.valueOf(
              DockerClientFactory.instance()
                  .client()
                  .inspectContainerCmd(container.getContainerId())
                  .exec()
                  .getState()
                  .getFinishedAt()));
    }

    @Override
    public void close() {
      container.stop();
    }
  }
}
