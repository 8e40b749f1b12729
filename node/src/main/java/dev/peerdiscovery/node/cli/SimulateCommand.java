package dev.peerdiscovery.node.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs a network of simulated peers and says how it does. */
@Command(
    name = "simulate",
    description = {
      "Simulate a network, to plan your own.",
      "",
      "The peers are those of 'peer node', to the last line; time, transport and chance are"
          + " simulated, so that an hour of a large network passes within minutes, and the same"
          + " seed gives the same run on any machine.",
      "",
      "Without --churn, --crash, --partition or an attack nobody comes or goes: upkeep is off, tables are"
          + " filled as joining would have filled them, and what is left is what routing costs."
    },
    footer = {
      "  peer simulate --nodes 10000 --lookups 10000",
      "  peer simulate --churn exponential:5m --latency lognormal:50ms:0.5 --loss 0.01",
      "  peer simulate --crash 0.5 --json",
      "  peer simulate --partition 0.5:10m --plot healing.svg",
      "  peer simulate --adversaries 0.2:colluding --paths 4",
      "  peer simulate --eclipse 2:1000"
    })
final class SimulateCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private final SimulationOptions options = new SimulationOptions();

  @Option(
      names = "--plot",
      paramLabel = "FILE",
      description = "Draw latency, hops and success over time into an SVG file.")
  private @Nullable Path plot;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  SimulateCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    SimulationPlan plan = options.plan();
    HeapNeed.check(plan);
    if (plot != null) {
      if (!plan.isOfLookups()) {
        throw Spec.wrong("--plot", "draws lookups of peers, and not services or an eclipse");
      }
      SimulationPlot.checkWritable(plot);
    }
    StageProgress progress = new StageProgress(console);
    Effort effort = new Effort(progress);
    SimulationOutcome outcome;
    try {
      outcome = plan.run().apply(effort);
    } catch (OutOfMemoryError e) {
      progress.end();
      throw new CliException(
          ExitCode.UNEXPECTED,
          "out of memory; PEER_JAVA_OPTS=-Xmx… gives the JVM more than "
              + HeapNeed.size(Runtime.getRuntime().maxMemory()),
          e);
    }
    progress.end();
    SimulationReport report = new SimulationReport(plan, outcome, effort);
    console.out().print(json ? report.json() + System.lineSeparator() : report.text());
    console.out().flush();
    if (plot != null) {
      SimulationPlot.write(plan, outcome, plot);
      console.say("drawn into " + plot);
    }
    return ExitCode.OK.code();
  }
}
