package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Replays the scenarios of {@code src/test/resources/scenarios} and holds them against the traces
 * written there. With {@code -Dscenario.update=true} it writes the traces anew, to be reviewed as a
 * change like any other.
 */
@Tag("slow")
class ScenarioTest {
  private static final Path SCENARIOS = Path.of("src", "test", "resources", "scenarios");

  static List<String> scenarios() throws IOException {
    try (Stream<Path> files = Files.list(SCENARIOS)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("scenarios")
  void scenario_goesAsWritten(String name) throws IOException {
    Path file = SCENARIOS.resolve(name);
    String replayed = Scenario.replay(Files.readAllLines(file));
    if (Boolean.getBoolean("scenario.update")) {
      Files.writeString(file, replayed);
    }
    assertThat(Files.readString(file)).isEqualTo(replayed);
  }
}
