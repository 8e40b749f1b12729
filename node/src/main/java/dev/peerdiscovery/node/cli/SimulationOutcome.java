package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.core.simulation.AdversaryRun;
import dev.peerdiscovery.core.simulation.ChurnRun;
import dev.peerdiscovery.core.simulation.CrashRun;
import dev.peerdiscovery.core.simulation.EclipseRun;
import dev.peerdiscovery.core.simulation.PartitionRun;
import dev.peerdiscovery.core.simulation.Report;
import dev.peerdiscovery.core.simulation.Sample;
import dev.peerdiscovery.core.simulation.ServiceRun;
import dev.peerdiscovery.core.simulation.StaticRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What came of a simulation, whichever it was.
 *
 * @param report what was measured
 * @param newcomers how those joined who joined before that; the same report where nobody did
 * @param within lookups during a partition; the same report where there is none
 * @param samples how it went over time
 * @param lookups how many ended since measuring began, in all
 * @param more what only some experiments tell, by its name
 * @param details a table that only some experiments have
 */
record SimulationOutcome(
    Report report,
    Report newcomers,
    Report within,
    List<Sample> samples,
    int lookups,
    Map<String, Number> more,
    Optional<Details> details) {
  SimulationOutcome {
    samples = List.copyOf(samples);
    more = Map.copyOf(more);
  }

  /**
   * A table.
   *
   * @param name what programs know it by
   * @param rows what is in it, the same names in each
   * @param note what people should know of it, in lines
   */
  record Details(String name, List<Map<String, Object>> rows, String note) {
    private static final String ADVERSARIES =
        """
        reached: by the rule of S/Kademlia's evaluation, where a path that touches an adversary ends
        theory: 1 - (1 - (1 - share)^h)^paths, h peers being asked before the one that is sought
        """;

    private static final String ECLIPSE =
        """
        most of a subnet: at any second since it started
        """;

    private static final String SERVICES =
        """
        found: an instance at least whose publisher is there; complete: the share of such instances
        stale: the share of what was found whose publisher is gone
        watches: those that are there at the end; complete: the share that know all, of at most 64
        """;

    Details {
      rows = List.copyOf(rows);
    }
  }

  static SimulationOutcome of(StaticRun.Result result) {
    Report report = result.lookups();
    return new SimulationOutcome(
        report,
        result.joins(),
        report,
        result.samples(),
        report.lookups(),
        Map.of(),
        Optional.empty());
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
        Optional.empty());
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
        report,
        report,
        report,
        result.samples(),
        report.lookups(),
        Map.of(),
        Optional.of(new Details("attack", rows, Details.ADVERSARIES)));
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
        Optional.of(
            new Details(
                "attack",
                List.of(row("joined", result.before()), row("restarted", result.after())),
                Details.ECLIPSE)));
  }

  static SimulationOutcome of(ServiceRun.Result result) {
    List<Map<String, Object>> rows = new ArrayList<>();
    int resolves = 0;
    double found = 0;
    for (ServiceRun.Service service : result.services()) {
      resolves += service.resolves();
      found += service.found() * service.resolves();
      rows.add(
          new Json()
              .put("instances", service.instances())
              .put("resolves", service.resolves())
              .put("found", service.found())
              .put("complete", service.complete())
              .put("stale", service.stale())
              .put("millis", (int) Math.round(service.meanMillis()))
              .put("watches", service.watches())
              .put("watchesComplete", isWhole(service) ? service.watchesComplete() : "-")
              .fields());
    }
    Report report = result.report();
    return new SimulationOutcome(
        report,
        report,
        report,
        List.of(),
        resolves,
        Map.of(
            "found", resolves == 0 ? 0 : found / resolves,
            "publisherCalls", result.publisherCallsPerSecond(),
            "publisherBytes", result.publisherBytesPerSecond(),
            "watchCalls", result.watchCallsPerSecond(),
            "watchBytes", result.watchBytesPerSecond(),
            "mostKept", result.mostKept()),
        Optional.of(new Details("services", rows, Details.SERVICES)));
  }

  /** Of a larger service nobody is told of all. */
  private static boolean isWhole(ServiceRun.Service service) {
    return service.watches() > 0 && service.instances() <= 64;
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
        report, report, report, samples, report.lookups(), more, Optional.empty());
  }
}
