package dev.peerdiscovery.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.peerdiscovery.core.engine.EngineConfig;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What the network has to show, in runs of some hundred peers; larger ones by the same runs. */
class RunsTest {
  private static final Latency SCATTERED =
      Latency.lognormal(Duration.ofMillis(50), 0.5, Latency.Draw.MESSAGE);
  private static final Progress SILENT = (stage, done) -> {};

  private static EngineConfig defaults() {
    return EngineConfig.defaults();
  }

  @Test
  void atRest_lookupsAreExact_andCostWhatTheModelSays() {
    Latency constant = Latency.constant(Duration.ofMillis(50));

    StaticRun.Result result =
        new StaticRun(1_000, 20, 1_000, defaults(), constant, 0, 1).run(SILENT);

    Report report = result.lookups();
    assertThat(report.found()).isEqualTo(1);
    assertThat(report.recall()).isEqualTo(1);
    // Of the classic rule with alpha = 3, computed apart: 1.89 hops and 21.5 calls in 7.5 rounds.
    assertThat(report.hops()).isLessThanOrEqualTo(1.05 * 1.89);
    assertThat(report.calls()).isLessThanOrEqualTo(22.5);
    assertThat(report.rounds()).as("a sweep of the k in the end saves rounds").isLessThan(3.2);
    assertThat(result.joins().joins()).isEqualTo(20);
  }

  @Test
  void whilePeersComeAndGo_theNearestAreFound_forTwoCallsASecond() {
    Duration fiveMinutes = Duration.ofMinutes(5);
    Sessions sessions = Sessions.exponential(fiveMinutes);

    ChurnRun.Result result =
        new ChurnRun(400, sessions, SCATTERED, 0.01, fiveMinutes, 1_000, defaults(), 1).run(SILENT);

    Report report = result.report();
    assertThat(report.lookups()).isGreaterThanOrEqualTo(1_000);
    assertThat(report.found()).isGreaterThanOrEqualTo(0.998);
    assertThat(report.recall()).isGreaterThanOrEqualTo(0.99);
    assertThat(report.toFinish().p99()).isLessThan(Duration.ofSeconds(2));
    assertThat(report.upkeepCallsPerNodeAndSecond()).isLessThanOrEqualTo(2);
    assertThat(report.joins()).isPositive();
  }

  @Test
  void nobodyStaysForAMinute_nobodyLooksUp_andTheRunEnds() {
    Sessions brief = Sessions.exponential(Duration.ofMinutes(1));

    // One of two is expected to stay, and does not.
    ChurnRun.Result result =
        new ChurnRun(2, brief, SCATTERED, 0, Duration.ZERO, 1, defaults(), 2).run(SILENT);

    assertThat(result.report().lookups()).isZero();
  }

  @Test
  void whereHardlyAnybodyWouldStayForAMinute_thereIsNoRun() {
    Sessions brief = Sessions.exponential(Duration.ofSeconds(1));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ChurnRun(20, brief, SCATTERED, 0, Duration.ZERO, 5, defaults(), 1))
        .withMessageContaining("of 20 peers not one stays");
  }

  @Test
  void halfIsGoneAtOnce_theRestFindOneAnother_andTablesAreGoodAgainInTwoMinutes() {
    CrashRun.Result result =
        new CrashRun(600, 0.5, SCATTERED, 0, Duration.ofMinutes(2), 1_000, defaults(), 1)
            .run(SILENT);

    assertThat(result.report().lookups()).isGreaterThanOrEqualTo(1_000);
    assertThat(result.report().found()).isGreaterThanOrEqualTo(0.998);
    assertThat(result.isolated()).isZero();
    assertThat(result.liveEntries()).isGreaterThanOrEqualTo(0.95);
  }

  @Test
  void cutInHalves_eachGoesOn_andBothAreOneAgainInAMinute() {
    PartitionRun.Result result =
        new PartitionRun(
                300,
                0.5,
                Duration.ofMinutes(10),
                Duration.ofMinutes(1),
                500,
                SCATTERED,
                0,
                defaults(),
                1)
            .run(SILENT);

    assertThat(result.within().found()).isGreaterThanOrEqualTo(0.998);
    assertThat(result.across().found()).isGreaterThanOrEqualTo(0.998);
  }
}
