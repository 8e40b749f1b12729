package dev.peerdiscovery.tests.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The load benchmarks run, and count what they do. How fast that is nobody asks here. */
class LoadSmokeTest {
  @TempDir Path directory;

  @Test
  void findNode_beside_anEcho() throws Exception {
    assertThat(FindNodeLoad.run("plaintext", Optional.empty(), 0, 1, 20))
        .isNotEmpty()
        .allMatch(row -> row.calls > 0);
  }

  @Test
  void flood_costsTheOthersNoAnswer() throws Exception {
    assertThat(FloodLoad.run(2, 1))
        .hasSize(4)
        .allMatch(phase -> phase.honest().started() > 0)
        .allMatch(phase -> phase.honest().answered() == phase.honest().started());
  }

  @Test
  void lookups_besideEchoes() throws Exception {
    try (LookupLoad load = new LookupLoad(8)) {
      assertThat(load.run(1, 20)).isPositive();
    }
  }

  @Test
  void trust_besideNone() throws Exception {
    try (TrustLoad load = new TrustLoad(4)) {
      assertThat(load.run(0, 1, 20)).hasSize(6).allMatch(lookups -> lookups > 0);
    }
  }

  @Test
  void connections_overTls() throws Exception {
    Path store = directory.resolve("server.p12");
    Certificate.make(store);
    assertThat(ConnectionLoad.run("TLS", Optional.of(store), 1, 3)).isEqualTo(3 + 30);
    assertThat(ConnectionLoad.contactBytes(100, true)).isPositive();
  }
}
