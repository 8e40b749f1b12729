package dev.peerdiscovery.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.peerdiscovery.core.engine.EngineConfig;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Small versions of the attacks of {@code docs/benchmarks.md}. */
class AttackTest {
  private static final Latency LATENCY = Latency.constant(Duration.ofMillis(50));

  private static AdversaryRun adversaries(double share, int paths, int lookups) {
    EngineConfig config = EngineConfig.defaults().toBuilder().k(8).paths(paths).build();
    return new AdversaryRun(
        600, share, AdversaryRun.Kind.COLLUDING, lookups, config, LATENCY, 0, 1);
  }

  private static EclipseRun eclipse(int subnets, int ids) {
    return new EclipseRun(
        600, 2, subnets, ids, Duration.ofMinutes(2), 100, EngineConfig.defaults(), LATENCY, 0, 1);
  }

  @Test
  void morePaths_leadMoreLookupsPastAdversaries() {
    AdversaryRun.Result one = adversaries(0.4, 1, 500).run(Progress.NONE);
    AdversaryRun.Result eight = adversaries(0.4, 8, 500).run(Progress.NONE);

    assertThat(eight.touching())
        .as("is the same whatever the engines do")
        .isEqualTo(one.touching());
    List<Double> reached = one.touching().stream().map(t -> t.succeeded()).toList();
    assertThat(reached).as("1, 2, 4, 8 paths").isSorted();
    assertThat(reached.get(0)).isLessThan(0.65);
    assertThat(reached.get(2)).isGreaterThan(0.88);
    assertThat(reached.get(3)).isGreaterThan(0.97);
    assertThat(one.report().found()).isBetween(0.87, 0.95);
    assertThat(eight.report().found()).isGreaterThan(0.97);
  }

  @Test
  void fewSubnets_areFewContacts_howeverManyIdsTheyHave() {
    EclipseRun.Result result = eclipse(2, 300).run(Progress.NONE);

    for (EclipseRun.Victim victim : List.of(result.before(), result.after())) {
      String of = result.toString();
      assertThat(victim.mostOfSubnet()).as(of).isLessThanOrEqualTo(10);
      assertThat(victim.contacts()).as(of).isGreaterThan(120);
      assertThat(victim.honest()).as(of).isGreaterThan(0.84);
      assertThat(victim.report().lookups()).isEqualTo(100);
      assertThat(victim.report().found()).as(of).isGreaterThanOrEqualTo(0.99);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 0", "-0.1, 0", "NaN, 0", "0.999, 0", "0.2, 1"})
  void adversaries_areBounded(double share, int lookups) {
    // Where the share is as it should be, it is the lookups that are not.
    assertThatIllegalArgumentException()
        .isThrownBy(() -> adversaries(share, 1, 1 - lookups))
        .withMessageContaining(lookups == 0 ? "share: must be" : "lookups: must be");
  }

  @ParameterizedTest
  @CsvSource({"0, 10, subnets", "201, 10, subnets", "2, 0, ids", "2, 1000001, ids"})
  void anEclipse_isBounded(int subnets, int ids, String what) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> eclipse(subnets, ids))
        .withMessageContaining(what + ": must be");
  }
}
