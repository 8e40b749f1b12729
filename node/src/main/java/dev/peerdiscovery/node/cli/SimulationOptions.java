package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.simulation.Latency;
import dev.peerdiscovery.core.simulation.Progress;
import dev.peerdiscovery.core.simulation.StaticRun;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is simulated, as it was asked for. */
final class SimulationOptions {
  private static final int MOST_LOOKUPS = 10_000_000;
  private static final int MOST_NEWCOMERS = 100;
  private static final double MOST_LOSS = 0.99;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      defaultValue = "1000",
      description = "How many peers there are (default: ${DEFAULT-VALUE}).")
  private int nodes;

  @Option(
      names = "--lookups",
      paramLabel = "N",
      defaultValue = "1000",
      description = {
        "How many lookups are measured (default: ${DEFAULT-VALUE}). With --churn and --crash"
            + " every peer looks up once a minute, for as long as that takes."
      })
  private int lookups;

  @Mixin private final EventOptions events = new EventOptions();

  @Mixin private final AttackOptions attacks = new AttackOptions();

  @Mixin private final SimulatedServices services = new SimulatedServices();

  @Option(
      names = "--latency",
      paramLabel = "SPEC",
      description = {
        "Round trips of pairs of peers: constant:50ms, uniform:20ms:80ms, lognormal:MEDIAN:SIGMA or"
            + " measured:FILE with milliseconds, one a line (default: constant:50ms where nobody"
            + " comes or goes, so that rounds can be counted, else lognormal:50ms:0.5)."
      })
  private @Nullable String latency;

  @Option(
      names = "--loss",
      paramLabel = "SHARE",
      defaultValue = "0",
      description = "The share of calls that are lost (default: ${DEFAULT-VALUE}).")
  private String loss = "0";

  @Option(
      names = "--newcomers",
      paramLabel = "N",
      description = {
        "How many of the peers join for real, after the others, where nobody comes or goes"
            + " (default: a tenth, at most "
            + MOST_NEWCOMERS
            + ")."
      })
  private @Nullable Integer newcomers;

  @Option(
      names = "--k",
      paramLabel = "N",
      defaultValue = "20",
      description = "Contacts in a bucket and peers in an answer (default: ${DEFAULT-VALUE}).")
  private int k;

  @Option(
      names = "--alpha",
      paramLabel = "N",
      defaultValue = "3",
      description = "Calls of a lookup under way at once (default: ${DEFAULT-VALUE}).")
  private int alpha;

  @Option(
      names = "--paths",
      paramLabel = "N",
      defaultValue = "1",
      description = "Disjoint paths of a lookup, 1 to 16 (default: ${DEFAULT-VALUE}).")
  private int paths;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Another one is another run (default: ${DEFAULT-VALUE}).")
  private long seed;

  /**
   * Checks everything and puts it together.
   *
   * @throws CliException when something is wrong, or does not go together
   */
  SimulationPlan plan() {
    List<String> given = new ArrayList<>(events.given());
    given.addAll(attacks.given());
    if (given.size() > 1) {
      throw Spec.wrong(String.join(" and ", given), "a run has one of them; run each by itself");
    }
    if (nodes < 2) {
      throw Spec.wrong("--nodes", "must be at least 2, got " + nodes);
    }
    if (lookups < 1 || lookups > MOST_LOOKUPS) {
      throw Spec.wrong("--lookups", "must be 1 to " + MOST_LOOKUPS + ", got " + lookups);
    }
    services.check();
    List<String> others = services.areGiven() ? List.of("--services") : given;
    if (!others.isEmpty() && newcomers != null) {
      throw Spec.wrong(
          "--newcomers", "only where nothing else happens; leave out " + others.get(0));
    }
    if (services.areGiven()) {
      return services.plan(this, given);
    }
    if (!attacks.given().isEmpty()) {
      events.refuseDetails("only with --churn, --crash or --partition; leave out " + given.get(0));
      return attacks.plan(this);
    }
    return given.isEmpty() ? atRest() : events.plan(this);
  }

  private SimulationPlan atRest() {
    events.refuseDetails("upkeep is off where nobody comes or goes; add --churn or --crash");
    int joining = newcomers == null ? Math.min(MOST_NEWCOMERS, nodes / 10) : newcomers;
    if (joining < 0 || joining > nodes - 2) {
      throw Spec.wrong(
          "--newcomers", String.format(Locale.ROOT, "must be 0 to %d, got %d", nodes - 2, joining));
    }
    StaticRun run =
        new StaticRun(nodes - joining, joining, lookups, config(), latency(), loss(), seed);
    return plan(
        "static",
        String.format(
            Locale.ROOT,
            "nobody comes or goes; upkeep is off, tables are filled by a shortcut, %d peers joined",
            joining),
        nodes,
        0,
        List.of("--newcomers", String.valueOf(joining)),
        progress -> SimulationOutcome.of(run.run(progress)));
  }

  /** A plan of an experiment, with what all have in common. */
  SimulationPlan plan(
      String experiment,
      String about,
      long engines,
      double gone,
      List<String> own,
      Function<Progress, SimulationOutcome> run) {
    List<String> all =
        new ArrayList<>(
            List.of("--nodes", String.valueOf(nodes), "--lookups", String.valueOf(lookups)));
    all.addAll(own);
    all.addAll(List.of("--latency", latencyText(), "--loss", loss));
    all.addAll(List.of("--k", String.valueOf(k), "--alpha", String.valueOf(alpha)));
    all.addAll(List.of("--paths", String.valueOf(paths)));
    all.addAll(List.of("--seed", String.valueOf(seed)));
    return new SimulationPlan(
        experiment, about, nodes, engines, gone, lookups, config(), seed, all, run);
  }

  int nodes() {
    return nodes;
  }

  EventOptions events() {
    return events;
  }

  int lookups() {
    return lookups;
  }

  long seed() {
    return seed;
  }

  EngineConfig config() {
    EngineConfig.Builder config =
        Spec.read("--k", () -> EngineConfig.defaults().toBuilder().k(k).build().toBuilder());
    Spec.read("--alpha", () -> config.alpha(alpha).build());
    Spec.read("--paths", () -> config.paths(paths).build());
    return config.livenessInterval(events.livenessInterval()).build();
  }

  /** How many lookups there are to be, of so many peers that make one a minute each. */
  int lookupsWithinADay(int askers) {
    if (lookups / Duration.ofDays(1).toMinutes() >= askers) {
      throw Spec.wrong(
          "--lookups",
          String.format(
              Locale.ROOT, "at one a minute these take %d peers more than a day", askers));
    }
    return lookups;
  }

  Latency latency() {
    Latency parsed = LatencySpec.parse(latencyText());
    Duration median = parsed.median();
    Duration deadline = config().callDeadline();
    if (median.isZero() || median.compareTo(deadline) >= 0) {
      throw Spec.wrong(
          "--latency",
          String.format(
              Locale.ROOT,
              "half of the round trips must be below the %d s that a call may take, and above 0",
              deadline.toSeconds()));
    }
    return parsed;
  }

  private String latencyText() {
    String unlessGiven = events.given().isEmpty() ? "constant:50ms" : "lognormal:50ms:0.5";
    return latency != null ? latency : unlessGiven;
  }

  double loss() {
    double share = Spec.read("--loss", () -> Spec.share(loss));
    if (share > MOST_LOSS) {
      throw Spec.wrong(
          "--loss", String.format(Locale.ROOT, "must be 0 to %s, got %s", MOST_LOSS, loss));
    }
    return share;
  }
}
