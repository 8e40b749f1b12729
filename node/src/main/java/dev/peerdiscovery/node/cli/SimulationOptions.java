package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.simulation.ChurnRun;
import dev.peerdiscovery.core.simulation.CrashRun;
import dev.peerdiscovery.core.simulation.Latency;
import dev.peerdiscovery.core.simulation.PartitionRun;
import dev.peerdiscovery.core.simulation.Progress;
import dev.peerdiscovery.core.simulation.Sessions;
import dev.peerdiscovery.core.simulation.StaticRun;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is simulated, as it was asked for. */
final class SimulationOptions {
  private static final int MOST_LOOKUPS = 10_000_000;
  private static final int MOST_NEWCOMERS = 100;
  private static final double MOST_UPKEEP = 1_000;

  private static final TreeMap<String, String> CHURN_FORMS =
      new TreeMap<>(Map.of("exponential", "exponential:5m", "weibull", "weibull:5m:0.4"));

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

  @Option(
      names = "--churn",
      paramLabel = "SPEC",
      description = {
        "Peers come and go; their sessions are exponential:MEDIAN or weibull:MEDIAN:SHAPE, such as"
            + " exponential:5m or weibull:5m:0.4."
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
      names = "--warm-up",
      paramLabel = "TIME",
      description = {
        "How long peers come and go before lookups are measured, or are at rest before a crash"
            + " (default: 10m, and 2m)."
      })
  private @Nullable String warmUp;

  @Option(
      names = "--upkeep",
      paramLabel = "RATE",
      description = {
        "How many contacts a peer checks each second, such as 0.5 (default); 0.001 to 1000."
      })
  private @Nullable String upkeep;

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
    List<String> events =
        given(
            "--churn",
            churn,
            "--crash",
            crash,
            "--partition",
            partition,
            "--adversaries",
            attacks.adversaries(),
            "--eclipse",
            attacks.eclipse());
    if (events.size() > 1) {
      throw Spec.wrong(String.join(" and ", events), "a run has one of them; run each by itself");
    }
    if (nodes < 2) {
      throw Spec.wrong("--nodes", "must be at least 2, got " + nodes);
    }
    if (lookups < 1 || lookups > MOST_LOOKUPS) {
      throw Spec.wrong("--lookups", "must be 1 to " + MOST_LOOKUPS + ", got " + lookups);
    }
    if (!events.isEmpty() && newcomers != null) {
      throw Spec.wrong(
          "--newcomers", "only where nothing else happens; leave out " + events.get(0));
    }
    services.check();
    if (services.areGiven()) {
      return services.plan(this, events);
    }
    if (attacks.areGiven()) {
      for (String other : given("--warm-up", warmUp, "--upkeep", upkeep)) {
        throw Spec.wrong(
            other, "only with --churn, --crash or --partition; leave out " + events.get(0));
      }
      return attacks.plan(this);
    }
    return events.isEmpty() ? atRest() : withEvents();
  }

  private SimulationPlan atRest() {
    for (String option : given("--warm-up", warmUp, "--upkeep", upkeep)) {
      throw Spec.wrong(option, "upkeep is off where nobody comes or goes; add --churn or --crash");
    }
    int joining = newcomers == null ? Math.min(MOST_NEWCOMERS, nodes / 10) : newcomers;
    if (joining < 0 || joining > nodes - 2) {
      throw Spec.wrong("--newcomers", "must be 0 to %d, got %d".formatted(nodes - 2, joining));
    }
    StaticRun run =
        new StaticRun(
            nodes - joining,
            StaticRun.Start.FILLED,
            joining,
            lookups,
            config(),
            latency(),
            loss(),
            seed);
    return plan(
        "static",
        "nobody comes or goes; upkeep is off, tables are filled by a shortcut, %d peers joined"
            .formatted(joining),
        nodes,
        List.of("--newcomers", String.valueOf(joining)),
        progress -> SimulationOutcome.of(run.run(progress)));
  }

  private SimulationPlan withEvents() {
    if (churn != null) {
      return churn(churn);
    }
    return crash != null ? crash(crash) : partition(String.valueOf(partition));
  }

  private SimulationPlan churn(String text) {
    Sessions sessions = sessions(text);
    ChurnRun run =
        Spec.read(
            "--churn",
            () ->
                new ChurnRun(
                    nodes,
                    sessions,
                    latency(),
                    loss(),
                    warmUp("10m"),
                    timeFor(nodes),
                    config(),
                    seed));
    return plan(
        "churn",
        "peers come and go, sessions " + text + ", measured after " + warmUpText("10m"),
        Math.round(nodes * (1 + sessionsWithin(run))),
        List.of("--churn", text, "--warm-up", warmUpText("10m"), "--upkeep", upkeepText()),
        progress -> SimulationOutcome.of(run.run(progress)));
  }

  static Sessions sessions(String text) {
    Spec spec = Spec.parse("--churn", text, CHURN_FORMS);
    return Spec.read(
        "--churn", () -> new Sessions(spec.time(0), spec.parts().size() == 1 ? 1 : spec.number(1)));
  }

  private static double sessionsWithin(ChurnRun run) {
    double nanos = run.warmUp().plus(run.measured()).toNanos();
    return nanos / run.sessions().median().toNanos();
  }

  private SimulationPlan crash(String text) {
    double share = Spec.read("--crash", () -> Spec.share(text));
    CrashRun run =
        Spec.read(
            "--crash",
            () ->
                new CrashRun(
                    nodes,
                    share,
                    latency(),
                    loss(),
                    warmUp("2m"),
                    timeFor((int) Math.max(1, nodes * (1 - share))),
                    config(),
                    seed));
    return plan(
        "crash",
        "a share of %s is gone at one instant, measured from then on".formatted(text),
        nodes,
        List.of("--crash", text, "--warm-up", warmUpText("2m"), "--upkeep", upkeepText()),
        progress -> SimulationOutcome.of(run.run(progress)));
  }

  private SimulationPlan partition(String text) {
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
                    nodes,
                    Spec.share(parts[0]),
                    Times.parse(parts[1]),
                    Times.parse(parts.length == 3 ? parts[2] : "1m"),
                    lookups,
                    latency(),
                    loss(),
                    config(),
                    seed));
    return plan(
        "partition",
        "cut in two, a share of %s on one side, for %s; measured across %s after its end"
            .formatted(parts[0], parts[1], parts.length == 3 ? parts[2] : "1m"),
        nodes,
        List.of("--partition", text, "--upkeep", upkeepText()),
        progress -> SimulationOutcome.of(run.run(progress)));
  }

  /** A plan of an experiment, with what all have in common. */
  SimulationPlan plan(
      String experiment,
      String about,
      long peersEver,
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
    return new SimulationPlan(experiment, about, nodes, peersEver, config(), seed, all, run);
  }

  int nodes() {
    return nodes;
  }

  @Nullable String churn() {
    return churn;
  }

  @Nullable String partition() {
    return partition;
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
    double rate = Spec.read("--upkeep", () -> Spec.number(upkeepText()));
    if (!(rate >= 1 / MOST_UPKEEP && rate <= MOST_UPKEEP)) {
      throw Spec.wrong("--upkeep", "must be 0.001 to 1000, got " + upkeep);
    }
    return config.livenessInterval(Duration.ofNanos((long) (1e9 / rate))).build();
  }

  /** At one lookup of each peer a minute, so many take so long. */
  private Duration timeFor(int askers) {
    double minutes = (double) lookups / askers;
    if (minutes > Duration.ofDays(1).toMinutes()) {
      throw Spec.wrong(
          "--lookups", "at one a minute these take %d peers more than a day".formatted(askers));
    }
    return Duration.ofSeconds(Math.max(1, Math.round(minutes * 60)));
  }

  Latency latency() {
    return LatencySpec.parse(latencyText());
  }

  private String latencyText() {
    boolean rest = churn == null && crash == null && partition == null;
    return latency != null ? latency : rest ? "constant:50ms" : "lognormal:50ms:0.5";
  }

  double loss() {
    return Spec.read("--loss", () -> Spec.share(loss));
  }

  Duration warmUp(String unlessGiven) {
    return Spec.read("--warm-up", () -> Times.parse(warmUpText(unlessGiven)));
  }

  String warmUpText(String unlessGiven) {
    return warmUp == null ? unlessGiven : warmUp;
  }

  String upkeepText() {
    return upkeep == null ? "0.5" : upkeep;
  }

  /** The names of those that were given, of names and values in turn. */
  private static List<String> given(@Nullable String... namesAndValues) {
    return Stream.iterate(0, i -> i < namesAndValues.length, i -> i + 2)
        .filter(i -> namesAndValues[i + 1] != null)
        .map(i -> String.valueOf(namesAndValues[i]))
        .toList();
  }
}
