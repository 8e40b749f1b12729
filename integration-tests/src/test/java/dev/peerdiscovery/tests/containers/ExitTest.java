package dev.peerdiscovery.tests.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.command.InspectImageResponse;
import dev.peerdiscovery.client.DiscoveryClient;
import dev.peerdiscovery.client.Lease;
import dev.peerdiscovery.client.Watch;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.images.builder.Transferable;

/** How the image begins and ends: signals, exit codes, and what it says. */
@NeedsDocker
@Isolated
class ExitTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Test
  void terminated_itSaysFarewell_andIsGone() {
    try (Cluster cluster = Cluster.of(3).start()) {
      cluster.awaitTablesHave(cluster.members());
      Member leaving = cluster.member(0);
      List<Member> rest = cluster.without(List.of(leaving));
      double seconds = secondsToEnd(leaving);
      System.out.printf("gone %.2f s after SIGTERM%n", seconds);
      // They were told: to find out takes three missed calls, each after the other.
      cluster.awaitTablesHave(rest);
      for (Member member : rest) {
        assertThat(member.counter("contacts.lost.LEFT")).isEqualTo(1);
      }
      assertThat(seconds).isLessThan(2);
      assertThat(leaving.logs()).contains("leaving").doesNotContain("without a farewell");
    }
  }

  /**
   * What applications keep open with a node it ends itself, so that they go to another one at once;
   * whatever else is open has ten seconds.
   */
  @Test
  void terminatedWithCallsOpen_itEndsItsOwn_andGivesOthersTenSeconds() {
    try (Cluster cluster = Cluster.of(2).start()) {
      Member first = cluster.member(0);
      try (DiscoveryClient client = first.client();
          Lease lease = client.register(TroubleTest.unchecked("open", "192.0.2.1:8080"));
          Watch watch = client.watch("open")) {
        await().atMost(PATIENCE).until(() -> !watch.instances().isEmpty());
        assertThat(lease.state().published()).isTrue();
        assertThat(secondsToEnd(first)).isLessThan(2);
      }

      Member second = cluster.member(1);
      try (HealthWatch open = new HealthWatch(second)) {
        await().atMost(PATIENCE).until(() -> open.last() == ServingStatus.SERVING);
        double seconds = secondsToEnd(second);
        System.out.printf("gone %.2f s after SIGTERM, with a call open%n", seconds);
        assertThat(seconds).isBetween(9.0, 13.0);
        assertThat(open.last()).isEqualTo(ServingStatus.NOT_SERVING);
      }
    }
  }

  private static double secondsToEnd(Member member) {
    long startedNanos = System.nanoTime();
    assertThat(member.terminate()).isZero();
    return (System.nanoTime() - startedNanos) / 1e9;
  }

  /**
   * From the start of its process to READY, by the engine's clock, beside what the same program
   * needs that has its classes from no archive, says its version and ends: the best of a few, by
   * turns.
   */
  @Test
  void asItIsShipped_itIsReadySoon_byTheMeasureOfTheMachine() {
    // With the image's own heap and compilers, which the other scenarios make smaller.
    try (Cluster cluster = Cluster.of(0).with("JAVA_TOOL_OPTIONS", "").start()) {
      List<Long> version = new ArrayList<>();
      List<Long> ready = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        version.add(millisToSayItsVersion(cluster.add()));
        ready.add(millisToReady(cluster, cluster.add(Map.of("PEER_BOOTSTRAP", ""))));
      }
      System.out.println("version after " + version + " ms, ready after " + ready + " ms");
      assertThat(Collections.min(ready)).isLessThan(5 * Collections.min(version) / 2);
    }
  }

  private static long millisToSayItsVersion(Member member) {
    member
        .container()
        .withCreateContainerCmdModifier(
            command ->
                command
                    .withEntrypoint(
                        "java", "-Xshare:off", "-XX:+UseSerialGC", "-jar", "/opt/peer/peer.jar")
                    .withCmd("--version"));
    member.start();
    assertThat(member.awaitExit()).isZero();
    return Duration.between(member.startedAt(), member.endedAt()).toMillis();
  }

  private static long millisToReady(Cluster cluster, Member member) {
    cluster.start(List.of(member));
    Said ready =
        member.said().stream().filter(s -> s.line().startsWith("READY ")).findFirst().orElseThrow();
    long millis = Duration.between(member.startedAt(), ready.at()).toMillis();
    member.kill();
    return millis;
  }

  @Test
  void interrupted_itEndsAsTheCommandLineDoes() {
    try (Cluster cluster = Cluster.of(1).start()) {
      cluster.member(0).signal("INT");
      assertThat(cluster.member(0).awaitExit()).isEqualTo(130);
    }
  }

  @Test
  void whatCannotBe_isSaidOnALine_andEndsWithItsCode() {
    try (Cluster cluster = Cluster.of(0).start()) {
      Member portTaken = cluster.add(Map.of("PEER_API", "0.0.0.0:7400"));
      portTaken.start();
      assertThat(portTaken.awaitExit()).isEqualTo(4);
      assertThat(portTaken.logs())
          .contains("cannot listen on 0.0.0.0:7400: address already in use");

      Member badKey = cluster.add();
      badKey
          .container()
          .withCopyToContainer(Transferable.of("no key", 0644), "/var/lib/peer/identity.key");
      badKey.start();
      assertThat(badKey.awaitExit()).isEqualTo(3);
      assertThat(badKey.logs())
          .contains("/var/lib/peer/identity.key: everybody may use it, mode rw-r--r--");

      Member misspelt = cluster.add(Map.of("PEER_BOOTSRAP", "peers:7400"));
      misspelt.start();
      assertThat(misspelt.awaitExit()).isEqualTo(2);
      assertThat(misspelt.logs()).contains("unknown variable 'PEER_BOOTSRAP'");
    }
  }

  @Test
  void withoutTheNetwork_itIsAloneAndTries() {
    try (Cluster cluster = Cluster.of(1).with("PEER_BOOTSTRAP", "nobody:7400").start()) {
      Member alone = cluster.member(0);
      await()
          .atMost(PATIENCE)
          .until(() -> alone.logs().contains("still alone, trying on seed=nobody:7400"));
      assertThat(alone.logs()).contains("the name cannot be resolved");
      assertThat(alone.isReady()).isTrue();
      // It goes on trying until it is told to stop; whoever wants to know now asks.
      assertThat(alone.terminate()).isZero();
      Member asking = cluster.add();
      asking.container().withCommand("ping", "nobody:7400");
      asking.start();
      assertThat(asking.awaitExit()).isEqualTo(5);
      assertThat(asking.logs())
          .contains("ping at nobody:7400 failed", "the name cannot be resolved");
    }
  }

  @Test
  void theImageIsWhatItShouldBe() {
    // With the image's own heap, which the other scenarios make smaller.
    try (Cluster cluster = Cluster.of(1).with("JAVA_TOOL_OPTIONS", "").start()) {
      Member member = cluster.member(0);
      assertThat(member.exec("id", "-u").strip()).isEqualTo("65532");
      assertThat(member.exec("java", "-jar", "/opt/peer/peer.jar", "health").strip())
          .isEqualTo("SERVING");
      assertThat(member.exec("java", "-jar", "/opt/peer/peer.jar", "status"))
          .contains("operators at", "0.0.0.0:7401");
      InspectImageResponse image =
          DockerClientFactory.instance().client().inspectImageCmd(Images.ofNode()).exec();
      List<String> check = image.getConfig().getHealthcheck().getTest();
      assertThat(check).startsWith("CMD");
      assertThat(member.exec(check.subList(1, check.size()).toArray(String[]::new)).strip())
          .isEqualTo("SERVING");
      // An archive of classes that does not fit is passed over in silence.
      List<String> start = new ArrayList<>(List.of(image.getConfig().getEntrypoint()));
      start.add(1, "-Xlog:class+load");
      start.add("--version");
      assertThat(member.exec(start.toArray(String[]::new)))
          .contains("dev.peerdiscovery.node.cli.Main source: shared objects file")
          // Whose classes are the first to be left out: of an old version, and of a signed jar.
          .contains("picocli.CommandLine source: shared objects file");
      // Where a base lacks what they are linked with, TLS and epoll would silently be Java's.
      assertThat(member.exec("cat", "/proc/1/maps")).contains("netty_tcnative", "native_epoll");
    }
  }
}
