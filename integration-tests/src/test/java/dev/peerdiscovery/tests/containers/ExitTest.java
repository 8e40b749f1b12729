package dev.peerdiscovery.tests.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.command.InspectImageResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.images.builder.Transferable;

/** How the image begins and ends: signals, exit codes, and what it says. */
@NeedsDocker
class ExitTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Test
  void terminated_itSaysFarewell_andIsGone() {
    try (Cluster cluster = Cluster.of(3).start()) {
      cluster.awaitTablesHave(cluster.members());
      Member leaving = cluster.member(0);
      List<Member> rest = cluster.without(List.of(leaving));
      long startedNanos = System.nanoTime();
      assertThat(leaving.terminate()).isZero();
      double seconds = (System.nanoTime() - startedNanos) / 1e9;
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
      assertThat(badKey.logs()).contains("identity.key");

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
          .contains("dev.peerdiscovery.node.cli.Main source: shared objects file (top)");
    }
  }
}
