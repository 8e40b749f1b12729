package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.id.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A network is cut in two for a while and then made whole. Shortly before that, peers look up
 * random ids and have to find those of their part; afterwards they look up peers of the other part.
 *
 * @param nodes how many peers there are
 * @param share how many of them are on one side of the cut
 * @param cut for how long there are two parts, more than two minutes
 * @param healing how long after the end of that lookups across are begun
 * @param lookups how many, in all, are begun before the cut heals and afterwards
 * @param latency how long messages take
 * @param loss the share of calls that are lost
 * @param config the numbers that engines go by
 * @param seed of the run
 */
public record PartitionRun(
    int nodes,
    double share,
    Duration cut,
    Duration healing,
    int lookups,
    Latency latency,
    double loss,
    EngineConfig config,
    long seed) {
  /** Lookups are begun over this time. */
  private static final Duration SPREAD = Duration.ofSeconds(10);

  /** How many lookups look how it goes, in each stretch of the healing. */
  private static final int GLANCE = 200;

  private static final Duration WARM_UP = Duration.ofMinutes(2);

  /**
   * What came of it.
   *
   * @param within lookups in the parts, at the end of the cut
   * @param healing lookups across while it heals, in stretches
   * @param across lookups across after that
   */
  public record Result(Report within, List<Sample> healing, Report across) {
    /** Copies the list. */
    public Result {
      healing = List.copyOf(healing);
    }
  }

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException when a number is out of its bounds
   */
  public PartitionRun {
    Experiment.check(nodes, cut, healing);
    if (!(share > 0 && share < 1)
        || oneSide(nodes, share) < 2
        || nodes - oneSide(nodes, share) < 2) {
      throw new IllegalArgumentException(
          "share: must be above 0 and below 1 and leave two peers on each side, got " + share);
    }
    if (lookups < 1 || cut.compareTo(Duration.ofMinutes(2)) < 0) {
      throw new IllegalArgumentException("a partition takes at least 1 lookup and 2 minutes");
    }
  }

  private static int oneSide(int nodes, double share) {
    return (int) Math.round(nodes * share);
  }

  /** Runs it. */
  public Result run(Progress progress) {
    Experiment experiment = new Experiment(nodes, latency, loss, config, seed);
    VirtualNetwork network = experiment.network();
    SplittableRandom random = Dice.COURSE.of(seed);
    Probes probes =
        experiment.probes((asker, peer, startedNanos) -> network.weather().passes(asker, peer));
    List<VirtualPeer> peers = experiment.fill(progress);
    experiment.run("warming up", WARM_UP, progress);
    // The first ones, which are as good as any.
    int oneSide = oneSide(nodes, share);
    for (int i = 0; i < nodes; i++) {
      peers.get(i).island(i < oneSide ? 0 : 1);
    }
    network.weather().reach(Reach.ISLANDS);
    experiment.run("cut in two", cut.minus(SPREAD), progress);
    progress.at("looking up", 0);
    experiment.survey().begin();
    ask(network, probes, peers, lookups, true, oneSide, random);
    Report within = experiment.survey().report(peers, probes.takeTally());
    network.weather().reach(Reach.EVERYBODY);

    long healedNanos = network.nowNanos();
    List<Sample> samples = new ArrayList<>();
    long measuredNanos = healedNanos + healing.toNanos();
    long glanceNanos = SPREAD.plus(config.lookupDeadline()).toNanos();
    while (network.nowNanos() + glanceNanos <= measuredNanos) {
      ask(network, probes, peers, Math.min(GLANCE, lookups), false, oneSide, random);
      long passed = network.nowNanos() - healedNanos;
      samples.add(probes.takeTally().sinceMark(Duration.ofNanos(passed)));
      progress.at("healing", (double) passed / healing.toNanos());
    }
    network.run(Duration.ofNanos(measuredNanos - network.nowNanos()));
    experiment.survey().begin();
    ask(network, probes, peers, lookups, false, oneSide, random);
    return new Result(within, samples, experiment.report(probes));
  }

  /** Begins lookups, evenly spread, and runs until all are over. */
  private static void ask(
      VirtualNetwork network,
      Probes probes,
      List<VirtualPeer> peers,
      int lookups,
      boolean within,
      int oneSide,
      SplittableRandom random) {
    for (int i = 0; i < lookups; i++) {
      int asker = random.nextInt(peers.size());
      int across =
          asker < oneSide
              ? oneSide + random.nextInt(peers.size() - oneSide)
              : random.nextInt(oneSide);
      NodeId target = within ? NodeId.random(random) : peers.get(across).id();
      network.after(
          SPREAD.multipliedBy(i).dividedBy(lookups), () -> probes.ask(peers.get(asker), target));
    }
    network.run(SPREAD);
    network.runUntil("lookups", Duration.ofMinutes(5), () -> probes.underWay() == 0);
  }
}
