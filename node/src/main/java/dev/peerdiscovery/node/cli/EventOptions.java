package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.core.simulation.ChurnRun;
import dev.peerdiscovery.core.simulation.CrashRun;
import dev.peerdiscovery.core.simulation.PartitionRun;
import dev.peerdiscovery.core.simulation.Sessions;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What happens to a network that is simulated, if anything does. */
final class EventOptions {
  private static final double MOST_UPKEEP = 1_000;

  private static final TreeMap<String, String> CHURN_FORMS =
      new TreeMap<>(Map.of("exponential", "exponential:5m", "weibull", "weibull:5m:0.4"));

  @Option(
      names = "--churn",
      paramLabel = "SPEC",
      description = {
        // One line each: picocli would break them at a colon.
        "Peers come and go; their sessions are exponential:MEDIAN or",
        "weibull:MEDIAN:SHAPE, such as exponential:5m or weibull:5m:0.4."
      })
  private @Nullable String churn;

  @Option(
      names = "--crash",
      paramLabel = "SHARE",
      description = "That share of all peers is gone at one instant, such as 0.5.")
  private @Nullable String crash;

  @Option(
      names = "--partition",
      paramLabel = "SPEC",
      description = {
        "The network is cut in two: SHARE:TIME[:HEALING], such as 0.5:10m. Lookups across are"
            + " measured HEALING (1m unless given) after the end."
      })
  private @Nullable String partition;

  @Option(
      names = "--warm-up",
      paramLabel = "TIME",
      description = {
        "How long peers come and go before lookups are measured, or are at rest before a crash, or"
            + " publish services before these are resolved (default: 10m, 2m and 5m)."
      })
  private @Nullable String warmUp;

  @Option(
      names = "--upkeep",
      paramLabel = "RATE",
      description = {
        "How many contacts a peer checks each second, such as 0.5 (default); 0.001 to 1000, but"
            + " none that has answered within 15 seconds."
      })
  private @Nullable String upkeep;

  @Nullable String churn() {
    return churn;
  }

  @Nullable String partition() {
    return partition;
  }

  /** The names of those that are given; a run has one of them. */
  List<String> given() {
    return given("--churn", churn, "--crash", crash, "--partition", partition);
  }

  /** Refuses what only says how something goes that is not given. */
  void refuseDetails(String why) {
    for (String option : given("--warm-up", warmUp, "--upkeep", upkeep)) {
      throw Spec.wrong(option, why);
    }
  }

  /**
   * Checks the one that is given and puts it together.
   *
   * @throws CliException when something is wrong
   */
  SimulationPlan plan(SimulationOptions common) {
    if (churn != null) {
      return churn(common, churn);
    }
    return crash != null ? crash(common, crash) : partition(common, String.valueOf(partition));
  }

  private SimulationPlan churn(SimulationOptions common, String text) {
    Sessions sessions = sessions(text);
    ChurnRun run =
        Spec.read(
            "--churn",
            () ->
                new ChurnRun(
                    common.nodes(),
                    sessions,
                    common.latency(),
                    common.loss(),
                    warmUp("10m"),
                    common.lookupsWithinADay(common.nodes()),
                    common.config(),
                    common.seed()));
    return common.plan(
        "churn",
        "peers come and go, sessions " + text + ", measured after " + warmUpText("10m"),
        common.nodes(),
        common.nodes() * sessionsWithin(sessions, run.warmUp().plus(run.longest())),
        List.of("--churn", text, "--warm-up", warmUpText("10m"), "--upkeep", upkeepText()),
        progress -> churned(run.run(progress)));
  }

  private static SimulationOutcome churned(ChurnRun.Result result) {
    if (result.report().lookups() == 0) {
      throw new CliException(
          ExitCode.UNEXPECTED,
          "nobody looked anything up: peers do when they have stayed for a minute; give --churn longer sessions");
    }
    return SimulationOutcome.of(result);
  }

  static Sessions sessions(String text) {
    Spec spec = Spec.parse("--churn", text, CHURN_FORMS);
    return Spec.read(
        "--churn", () -> new Sessions(spec.time(0), spec.parts().size() == 1 ? 1 : spec.number(1)));
  }

  /** How many sessions follow one another in a time, about. */
  static double sessionsWithin(Sessions sessions, Duration time) {
    return (double) time.toSeconds() / sessions.median().toSeconds();
  }

  private SimulationPlan crash(SimulationOptions common, String text) {
    double share = Spec.read("--crash", () -> Spec.share(text));
    CrashRun run =
        Spec.read(
            "--crash",
            () ->
                new CrashRun(
                    common.nodes(),
                    share,
                    common.latency(),
                    common.loss(),
                    warmUp("2m"),
                    common.lookupsWithinADay((int) Math.max(1, common.nodes() * (1 - share))),
                    common.config(),
                    common.seed()));
    return common.plan(
        "crash",
        String.format(
            Locale.ROOT, "a share of %s is gone at one instant, measured from then on", text),
        common.nodes(),
        0,
        List.of("--crash", text, "--warm-up", warmUpText("2m"), "--upkeep", upkeepText()),
        progress -> SimulationOutcome.of(run.run(progress)));
  }

  private SimulationPlan partition(SimulationOptions common, String text) {
    if (warmUp != null) {
      throw Spec.wrong("--warm-up", "a partition always begins after 2m; leave it out");
    }
    String[] parts = text.split(":", -1);
    if (parts.length < 2 || parts.length > 3) {
      throw Spec.wrong("--partition", "must look like 0.5:10m or 0.5:24h:5m, got '" + text + "'");
    }
    PartitionRun run =
        Spec.read(
            "--partition",
            () ->
                new PartitionRun(
                    common.nodes(),
                    Spec.share(parts[0]),
                    Times.parse(parts[1]),
                    Times.parse(parts.length == 3 ? parts[2] : "1m"),
                    common.lookups(),
                    common.latency(),
                    common.loss(),
                    common.config(),
                    common.seed()));
    return common.plan(
        "partition",
        String.format(
            Locale.ROOT,
            "cut in two, a share of %s on one side, for %s; measured across %s after its end",
            parts[0],
            parts[1],
            parts.length == 3 ? parts[2] : "1m"),
        common.nodes(),
        0,
        List.of("--partition", text, "--upkeep", upkeepText()),
        progress -> SimulationOutcome.of(run.run(progress)));
  }

  Duration warmUp(String unlessGiven) {
    return Spec.read("--warm-up", () -> Times.parse(warmUpText(unlessGiven)));
  }

  String warmUpText(String unlessGiven) {
    return warmUp == null ? unlessGiven : warmUp;
  }

  Duration livenessInterval() {
    double rate = Spec.read("--upkeep", () -> Spec.number(upkeepText()));
    if (!(rate >= 1 / MOST_UPKEEP && rate <= MOST_UPKEEP)) {
      throw Spec.wrong("--upkeep", "must be 0.001 to 1000, got " + upkeep);
    }
    return Duration.ofNanos((long) (1e9 / rate));
  }

  String upkeepText() {
    return upkeep == null ? "0.5" : upkeep;
  }

  /** The names of those that were given, of names and values in turn. */
  static List<String> given(@Nullable String... namesAndValues) {
    return Stream.iterate(0, i -> i < namesAndValues.length, i -> i + 2)
        .filter(i -> namesAndValues[i + 1] != null)
        .map(i -> String.valueOf(namesAndValues[i]))
        .toList();
  }
}
