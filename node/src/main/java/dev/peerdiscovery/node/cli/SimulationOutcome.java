package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.core.simulation.ChurnRun;
import dev.peerdiscovery.core.simulation.CrashRun;
import dev.peerdiscovery.core.simulation.PartitionRun;
import dev.peerdiscovery.core.simulation.Report;
import dev.peerdiscovery.core.simulation.Sample;
import dev.peerdiscovery.core.simulation.StaticRun;
import java.util.List;
import java.util.Map;

/**
 * What came of a simulation, whichever it was.
 *
 * @param report what was measured
 * @param newcomers how those joined who joined before that; the same report where nobody did
 * @param within lookups during a partition; the same report where there is none
 * @param samples how it went over time
 * @param more what only some experiments tell, by its name
 */
record SimulationOutcome(
    Report report,
    Report newcomers,
    Report within,
    List<Sample> samples,
    Map<String, Number> more) {
  SimulationOutcome {
    samples = List.copyOf(samples);
    more = Map.copyOf(more);
  }

  static SimulationOutcome of(StaticRun.Result result) {
    return new SimulationOutcome(
        result.lookups(), result.joins(), result.lookups(), result.samples(), Map.of());
  }

  static SimulationOutcome of(ChurnRun.Result result) {
    return alone(result.report(), result.samples(), Map.of("liveEntries", result.liveEntries()));
  }

  static SimulationOutcome of(CrashRun.Result result) {
    return alone(
        result.report(),
        result.samples(),
        Map.of("liveEntries", result.liveEntries(), "isolated", result.isolated()));
  }

  static SimulationOutcome of(PartitionRun.Result result) {
    return new SimulationOutcome(
        result.across(), result.across(), result.within(), result.healing(), Map.of());
  }

  private static SimulationOutcome alone(
      Report report, List<Sample> samples, Map<String, Number> more) {
    return new SimulationOutcome(report, report, report, samples, more);
  }

  /** How many lookups ended since measuring began, in all. */
  int lookups() {
    return within == report
        ? report.lookups()
        : report.lookups() + within.lookups() + samples.stream().mapToInt(Sample::lookups).sum();
  }
}
