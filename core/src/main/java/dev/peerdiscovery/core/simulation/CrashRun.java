package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.EngineConfig;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A share of all peers is gone at one instant, without a word; the survivors look up random ids
 * once a minute each, from that instant on.
 *
 * @param nodes how many peers there are before
 * @param share how many of them are gone, above 0 and below 1
 * @param latency how long messages take
 * @param loss the share of calls that are lost
 * @param warmUp how long the network is at rest before; at least two minutes, so that all may ask
 * @param measured for how long lookups are begun
 * @param config the numbers that engines go by
 * @param seed of the run
 */
public record CrashRun(
    int nodes,
    double share,
    Latency latency,
    double loss,
    Duration warmUp,
    Duration measured,
    EngineConfig config,
    long seed) {
  private static final Duration STRETCH = Duration.ofSeconds(10);

  /** When it is counted how many entries are live. */
  private static final Duration REPAIRED = Duration.ofMinutes(2);

  /**
   * What came of it.
   *
   * @param report over the time in which lookups were begun
   * @param samples the same time in stretches
   * @param liveEntries the share of entries whose peers are there, two minutes after the crash
   * @param isolated survivors with nobody who is there in their table, then
   */
  public record Result(Report report, List<Sample> samples, double liveEntries, int isolated) {
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
  public CrashRun {
    Experiment.check(nodes, warmUp, measured);
    if (!(share > 0 && share < 1) || Math.round(nodes * share) > nodes - 2) {
      throw new IllegalArgumentException(
          "share: must be above 0 and below 1 and leave two peers, got " + share);
    }
  }

  /** Runs it. */
  public Result run(Progress progress) {
    Experiment experiment = new Experiment(nodes, latency, loss, config, seed);
    SplittableRandom random = new SplittableRandom(seed + 2);
    Probes probes = experiment.probes((asker, peer, startedNanos) -> true);
    Asking asking = new Asking(experiment.network(), probes, random.split());
    List<VirtualPeer> peers = experiment.fill(progress);
    experiment.run("warming up", warmUp, progress);
    // The first ones: their ids and their contacts were drawn, so they are as good as any.
    peers.subList(0, (int) Math.round(nodes * share)).forEach(experiment.network()::crash);
    experiment.survey().begin();
    asking.begin();
    List<Sample> samples = experiment.run("looking up", measured, STRETCH, probes, progress);
    asking.end();
    Report report = experiment.report(probes);
    Duration left = REPAIRED.minus(report.virtualTime());
    if (!left.isNegative()) {
      experiment.run("repairing", left, progress);
    }
    Oracle oracle = experiment.oracle();
    int isolated = 0;
    for (VirtualPeer peer : experiment.peers()) {
      boolean alone =
          peer.engine().contacts().stream()
              .noneMatch(entry -> oracle.find(entry.contact().id()).isPresent());
      isolated += alone ? 1 : 0;
    }
    return new Result(report, samples, Experiment.liveEntries(oracle), isolated);
  }
}
