package dev.peerdiscovery.tests.containers;

import dev.peerdiscovery.tests.Polyglot;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Python and JavaScript against a cluster: each registers, resolves and watches at another node.
 */
@NeedsDocker
class OtherLanguagesTest {
  /** Not on loopback, which from one container to another would be the other's own. */
  private static final String ENDPOINT = "192.0.2.1:8080";

  @TempDir Path directory;

  @Test
  void clientsOfOtherLanguages_findOneAnotherAcrossNodes() throws Exception {
    try (Cluster cluster = Cluster.of(3).start();
        Polyglot polyglot = new Polyglot(directory)) {
      cluster.awaitTablesHave(cluster.members());
      for (List<String> command : List.of(polyglot.python(), polyglot.javascript())) {
        polyglot.registersResolvesAndWatches(
            command,
            ENDPOINT,
            cluster.member(0).api(),
            cluster.member(1).api(),
            cluster.member(2).api());
      }
    }
  }
}
