package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.EngineConfig;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A share of all peers is gone at one instant, without a word; the survivors look up random ids
 * once a minute each, from that instant on. Two minutes later it is counted what tables are like.
 *
 * @param nodes how many peers there are before
 * @param share how many of them are gone, above 0 and below 1
 * @param latency how long messages take
 * @param loss the share of calls that are lost
 * @param warmUp how long the network is at rest before; at least two minutes, so that all may ask
 * @param lookups how many lookups are measured at least
 * @param config the numbers that engines go by
 * @param seed of the run
 */
public record CrashRun(
    int nodes,
    double share,
    Latency latency,
    double loss,
    Duration warmUp,
    int lookups,
    EngineConfig config,
    long seed) {
  private static final Duration STRETCH = Duration.ofSeconds(10);

  /** By then every peer has begun to ask. */
  private static final Duration SETTLED = Asking.MINUTE.multipliedBy(2);

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
    Experiment.check(nodes, warmUp);
    if (warmUp.compareTo(SETTLED) < 0) {
      throw new IllegalArgumentException(
          "warm-up: must be at least 2 minutes, so that all may look up; got " + warmUp);
    }
    Experiment.checkShare(share, nodes);
    if (lookups < 1) {
      throw new IllegalArgumentException("lookups: must be at least 1, got " + lookups);
    }
  }

  /** Runs it. */
  public Result run(Progress progress) {
    Experiment experiment = new Experiment(nodes, latency, loss, config, seed);
    SplittableRandom random = Dice.COURSE.of(seed);
    Probes probes = experiment.probes((asker, peer, startedNanos) -> true);
    Asking asking = new Asking(experiment.network(), probes, random.split());
    List<VirtualPeer> peers = experiment.fill(progress);
    experiment.run("warming up", warmUp, progress);
    // The first ones, which are as good as any.
    peers.subList(0, (int) Math.round(nodes * share)).forEach(experiment.network()::crash);
    Repair repair = new Repair(experiment);
    experiment.network().after(REPAIRED, repair);
    experiment.survey().begin();
    asking.begin();
    Duration longest = Asking.longest(lookups, experiment.oracle().size());
    List<Sample> samples = experiment.run(lookups, longest, STRETCH, probes, progress);
    asking.end();
    Report report = experiment.report(probes);
    progress.at("repairing", 0);
    experiment.network().runUntil("repair", REPAIRED.plus(STRETCH), () -> repair.isOver);
    return new Result(report, samples, repair.liveEntries, repair.isolated);
  }

  /** What tables are like when it is over. */
  private static final class Repair implements Runnable {
    private final Experiment experiment;
    private boolean isOver;
    private double liveEntries;
    private int isolated;

    Repair(Experiment experiment) {
      this.experiment = experiment;
    }

    @Override
    public void run() {
      Oracle oracle = experiment.oracle();
      for (VirtualPeer peer : experiment.peers()) {
        boolean alone =
            peer.engine().contacts().stream()
                .noneMatch(entry -> oracle.find(entry.contact().id()).isPresent());
        isolated += alone ? 1 : 0;
      }
      liveEntries = Experiment.liveEntries(oracle);
      isOver = true;
    }
  }
}
