package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.id.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A network is cut into halves for a while and then made whole. Shortly before that, peers look up
 * random ids and have to find those of their half; afterwards they look up peers of the other half.
 *
 * @param nodes how many peers there are
 * @param cut for how long there are halves, more than two minutes
 * @param healing how long after the end of that lookups across are begun
 * @param lookups how many, in all, are begun in each half and afterwards
 * @param latency how long messages take
 * @param loss the share of calls that are lost
 * @param config the numbers that engines go by
 * @param seed of the run
 */
public record PartitionRun(
    int nodes,
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
   * @param within lookups in the halves, at the end of the cut
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
    if (nodes < 4 || lookups < 1 || cut.compareTo(Duration.ofMinutes(2)) < 0) {
      throw new IllegalArgumentException(
          "a partition takes at least 4 nodes, 1 lookup, and 2 minutes");
    }
  }

  /** Runs it. */
  public Result run(Progress progress) {
    Experiment experiment = new Experiment(nodes, latency, loss, config, seed);
    VirtualNetwork network = experiment.network();
    SplittableRandom random = new SplittableRandom(seed + 2);
    Probes probes =
        experiment.probes((asker, peer, startedNanos) -> network.weather().passes(asker, peer));
    List<VirtualPeer> peers = experiment.fill(progress);
    experiment.run("warming up", WARM_UP, progress);
    for (int i = 0; i < nodes; i++) {
      peers.get(i).island(i % 2);
    }
    network.weather().reach(Reach.ISLANDS);
    experiment.run("cut in halves", cut.minus(SPREAD), progress);
    experiment.survey().begin();
    ask(network, probes, peers, lookups, true, random);
    Report within = experiment.survey().report(peers, probes.takeTally());
    network.weather().reach(Reach.EVERYBODY);

    long healedNanos = network.nowNanos();
    List<Sample> samples = new ArrayList<>();
    for (Duration passed = SPREAD; passed.compareTo(healing) <= 0; passed = passed.plus(SPREAD)) {
      ask(network, probes, peers, Math.min(GLANCE, lookups), false, random);
      samples.add(probes.takeTally().sinceMark(passed));
      network.run(
          Duration.ofNanos(Math.max(0, healedNanos + passed.toNanos() - network.nowNanos())));
      progress.at("healing", (double) passed.toNanos() / healing.toNanos());
    }
    experiment.survey().begin();
    ask(network, probes, peers, lookups, false, random);
    return new Result(within, samples, experiment.report(probes));
  }

  /** Begins lookups, evenly spread, and runs until all are over. */
  private static void ask(
      VirtualNetwork network,
      Probes probes,
      List<VirtualPeer> peers,
      int lookups,
      boolean within,
      SplittableRandom random) {
    for (int i = 0; i < lookups; i++) {
      int asker = random.nextInt(peers.size());
      int other = random.nextInt(peers.size());
      int across = (other & ~1) + 1 - asker % 2;
      NodeId target =
          within ? NodeId.random(random) : peers.get(Math.min(across, peers.size() - 1)).id();
      network.after(
          SPREAD.multipliedBy(i).dividedBy(lookups), () -> probes.ask(peers.get(asker), target));
    }
    network.run(SPREAD);
    network.runUntil("lookups", Duration.ofMinutes(5), () -> probes.underWay() == 0);
  }
}
