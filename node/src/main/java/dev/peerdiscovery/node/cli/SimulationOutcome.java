package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.core.simulation.AdversaryRun;
import dev.peerdiscovery.core.simulation.ChurnRun;
import dev.peerdiscovery.core.simulation.CrashRun;
import dev.peerdiscovery.core.simulation.EclipseRun;
import dev.peerdiscovery.core.simulation.PartitionRun;
import dev.peerdiscovery.core.simulation.Report;
import dev.peerdiscovery.core.simulation.Sample;
import dev.peerdiscovery.core.simulation.StaticRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What came of a simulation, whichever it was.
 *
 * @param report what was measured
 * @param newcomers how those joined who joined before that; the same report where nobody did
 * @param within lookups during a partition; the same report where there is none
 * @param samples how it went over time
 * @param lookups how many ended since measuring began, in all
 * @param more what only some experiments tell, by its name
 * @param attack the rows of a table of how an attack went; none where there is none
 */
record SimulationOutcome(
    Report report,
    Report newcomers,
    Report within,
    List<Sample> samples,
    int lookups,
    Map<String, Number> more,
    List<Map<String, Object>> attack) {
  SimulationOutcome {
    samples = List.copyOf(samples);
    attack = List.copyOf(attack);
    more = Map.copyOf(more);
  }

  static SimulationOutcome of(StaticRun.Result result) {
    Report report = result.lookups();
    return new SimulationOutcome(
        report, result.joins(), report, result.samples(), report.lookups(), Map.of(), List.of());
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
    Report across = result.across();
    Report within = result.within();
    int healing = result.healing().stream().mapToInt(Sample::lookups).sum();
    return new SimulationOutcome(
        across,
        across,
        within,
        result.healing(),
        across.lookups() + within.lookups() + healing,
        Map.of(),
        List.of());
  }

  static SimulationOutcome of(AdversaryRun.Result result) {
    Report report = result.report();
    List<Map<String, Object>> rows = new ArrayList<>();
    for (AdversaryRun.Touching touching : result.touching()) {
      rows.add(
          new Json()
              .put("paths", touching.paths())
              .put("reached", touching.succeeded())
              .put("theory", touching.theory())
              .fields());
    }
    return new SimulationOutcome(
        report, report, report, result.samples(), report.lookups(), Map.of(), rows);
  }

  static SimulationOutcome of(EclipseRun.Result result) {
    Report after = result.after().report();
    Report before = result.before().report();
    return new SimulationOutcome(
        after,
        after,
        before,
        List.of(),
        after.lookups() + before.lookups(),
        Map.of(),
        List.of(row("joined", result.before()), row("restarted", result.after())));
  }

  private static Map<String, Object> row(String victim, EclipseRun.Victim is) {
    return new Json()
        .put("victim", victim)
        .put("contacts", is.contacts())
        .put("honest", is.honest())
        .put("mostOfSubnet", is.mostOfSubnet())
        .put("found", is.report().found())
        .put("recall", is.report().recall())
        .fields();
  }

  private static SimulationOutcome alone(
      Report report, List<Sample> samples, Map<String, Number> more) {
    return new SimulationOutcome(
        report, report, report, samples, report.lookups(), more, List.of());
  }
}
