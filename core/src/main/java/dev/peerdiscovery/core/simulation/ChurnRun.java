package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.EngineConfig;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Lookups while peers come and go ({@link Churn}): after a warm-up every peer that has been there
 * for a minute looks up a random id once a minute. A lookup has to find the k nearest of those who
 * were there from a minute before its start to its end.
 *
 * @param nodes how many peers there are at any time
 * @param sessions how long they stay
 * @param latency how long messages take
 * @param loss the share of calls that are lost
 * @param warmUp how long peers come and go before anything is measured
 * @param lookups how many lookups are measured at least, unless hardly anybody stays for a minute
 * @param config the numbers that engines go by
 * @param seed of the run
 */
public record ChurnRun(
    int nodes,
    Sessions sessions,
    Latency latency,
    double loss,
    Duration warmUp,
    int lookups,
    EngineConfig config,
    long seed) {
  private static final Duration STRETCH = Duration.ofSeconds(10);

  /**
   * What came of it.
   *
   * @param report over the time in which lookups were begun, and until the last was over
   * @param samples the same time in stretches
   * @param liveEntries the share of entries in the tables whose peers are there, at the end
   */
  public record Result(Report report, List<Sample> samples, double liveEntries) {
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
  public ChurnRun {
    Experiment.check(nodes, warmUp);
    sessions.checkOneStays(nodes, Asking.MINUTE);
    if (lookups < 1) {
      throw new IllegalArgumentException("lookups: must be at least 1, got " + lookups);
    }
  }

  /** The longest that lookups are begun. */
  public Duration longest() {
    return Asking.longest(lookups, nodes);
  }

  /** Runs it. */
  public Result run(Progress progress) {
    Experiment experiment = new Experiment(nodes, latency, loss, config, seed);
    SplittableRandom random = Dice.COURSE.of(seed);
    Probes probes =
        experiment.probes(
            (asker, peer, startedNanos) ->
                peer.sinceNanos() <= startedNanos - Asking.MINUTE.toNanos());
    Asking asking = new Asking(experiment.network(), probes, random.split());
    new Churn(experiment.network(), experiment.oracle(), sessions, config, random.split());
    experiment.fill(progress);
    experiment.run("warming up", warmUp, progress);
    experiment.survey().begin();
    asking.begin();
    List<Sample> samples = experiment.run(lookups, longest(), STRETCH, probes, progress);
    asking.end();
    return new Result(
        experiment.report(probes), samples, Experiment.liveEntries(experiment.oracle()));
  }
}
