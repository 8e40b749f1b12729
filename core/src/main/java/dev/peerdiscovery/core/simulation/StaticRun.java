package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.id.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Lookups, one after the other, in a network in which nobody comes or goes: what routing costs, and
 * nothing else. Its timers are off: the engines' upkeep is set to begin after {@link #OFF}, so that
 * nothing is woken but the soft timeouts of lookups and joins.
 *
 * @param nodes how many peers there are before the newcomers, their tables {@linkplain Fill filled}
 * @param newcomers how many join for real after them, through random peers
 * @param lookups how many lookups are measured
 * @param config the numbers that engines go by; its timers are ignored
 * @param latency how long messages take; where it is constant, {@link Report#rounds} counts rounds
 * @param loss the share of calls that are lost
 * @param seed of the run
 */
public record StaticRun(
    int nodes,
    int newcomers,
    int lookups,
    EngineConfig config,
    Latency latency,
    double loss,
    long seed) {
  private static final int STRETCHES = 20;

  /** When upkeep would begin: after any run. */
  public static final Duration OFF = Duration.ofDays(365);

  /**
   * What came of it.
   *
   * @param joins what the newcomers' joins took; its lookups are none
   * @param lookups how lookups did afterwards
   * @param samples the same in twenty stretches
   */
  public record Result(Report joins, Report lookups, List<Sample> samples) {
    /** Copies the list. */
    public Result {
      samples = List.copyOf(samples);
    }
  }

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException when a number is out of its bounds
   */
  public StaticRun {
    if (nodes < 2 || newcomers < 0 || lookups < 0) {
      throw new IllegalArgumentException(
          "nodes must be at least 2, newcomers and lookups not negative");
    }
  }

  /** Runs it. */
  public Result run(Progress progress) {
    VirtualNetwork network = new VirtualNetwork(seed);
    SplittableRandom random = Dice.MEMBERS.of(seed);
    Survey survey = new Survey(network, latency);
    network.weather().loss(loss);
    List<VirtualPeer> peers =
        new ArrayList<>(Fill.start(network, nodes, quiet(), random, progress));
    survey.begin();
    for (int i = 0; i < newcomers; i++) {
      VirtualPeer via = peers.get(random.nextInt(peers.size()));
      told(progress, "joining", i, newcomers);
      peers.add(network.join(NodeId.random(random), quiet(), via.endpoint()));
    }
    network.run(Duration.ofSeconds(5));
    Report joins = survey.report(peers, new Tally());
    Oracle oracle = new Oracle();
    oracle.addAll(peers);
    Probes probes = Probes.ofAll(network, oracle);
    survey.begin();
    List<Sample> samples = new ArrayList<>();
    long beganNanos = network.nowNanos();
    for (int i = 0; i < lookups; i++) {
      told(progress, "looking up", i, lookups);
      probes.ask(peers.get(random.nextInt(peers.size())), NodeId.random(random));
      network.runUntil("lookup", Duration.ofMinutes(1), () -> probes.underWay() == 0);
      if ((i + 1L) * STRETCHES / lookups > (long) i * STRETCHES / lookups) {
        samples.add(probes.tally().sinceMark(Duration.ofNanos(network.nowNanos() - beganNanos)));
        probes.tally().mark();
      }
    }
    return new Result(joins, survey.report(peers, probes.tally()), samples);
  }

  private EngineConfig quiet() {
    return quiet(config);
  }

  /** The same numbers, but for upkeep, which is off. */
  static EngineConfig quiet(EngineConfig config) {
    return config.toBuilder()
        .livenessInterval(OFF)
        .refreshInterval(OFF)
        .bootstrapFewInterval(OFF)
        .bootstrapInterval(OFF)
        .build();
  }

  private static void told(Progress progress, String stage, int done, int all) {
    if (done % 256 == 0) {
      progress.at(stage, (double) done / all);
    }
  }
}
