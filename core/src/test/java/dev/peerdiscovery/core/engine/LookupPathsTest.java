package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.peerdiscovery.core.record.Scope;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How many disjoint paths which lookup has. */
class LookupPathsTest {
  @ParameterizedTest
  @CsvSource({
    "JOIN, PUBLIC, 1, 4",
    "JOIN, PUBLIC, 8, 8",
    "JOIN, PRIVATE, 1, 1",
    "JOIN, LOOPBACK, 2, 2",
    "REGION, PUBLIC, 1, 4",
    "REGION, PUBLIC, 8, 8",
    "REGION, PRIVATE, 1, 1",
    "REFRESH, PUBLIC, 1, 1",
    "REQUESTED, PUBLIC, 1, 1",
    "REQUESTED, PUBLIC, 3, 3"
  })
  void joiningAPublicNetwork_andLookingAtARegionThere_takesFourPathsAtLeast(
      Event.Purpose purpose, Scope scope, int configured, int paths) {
    EngineConfig config = EngineConfig.defaults().toBuilder().paths(configured).build();

    assertThat(Lookups.paths(purpose, scope, config)).isEqualTo(paths);
    assertThat(config.toBuilder().build()).isEqualTo(config);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 17})
  void paths_areBounded(int paths) {
    EngineConfig.Builder builder = EngineConfig.defaults().toBuilder().paths(paths);

    assertThatIllegalArgumentException()
        .isThrownBy(builder::build)
        .withMessage("paths: must be 1 to 16, got " + paths);
  }
}
