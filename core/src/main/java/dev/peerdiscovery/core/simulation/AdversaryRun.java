package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.id.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Lookups in a network at rest of which a share are adversaries, who have their places in the
 * tables as all others do. First by the rule of S/Kademlia's evaluation ({@link TouchModel}), with
 * several numbers of paths, then by the rule that ships: there nobody can tell who is an adversary,
 * and lookups have to find the nearest of those who are none.
 *
 * @param nodes how many peers there are
 * @param share how many of them are adversaries
 * @param kind how these answer
 * @param lookups how many lookups there are by each rule
 * @param config the numbers that engines go by; its timers are ignored
 * @param latency how long messages take
 * @param loss the share of calls that are lost
 * @param seed of the run
 */
public record AdversaryRun(
    int nodes,
    double share,
    Kind kind,
    int lookups,
    EngineConfig config,
    Latency latency,
    double loss,
    long seed) {
  /** How adversaries answer. */
  public enum Kind {
    /** They name those of them that are nearest to the target. */
    COLLUDING,
    /** They name nobody. */
    NAMING_NOBODY,
    /** They do not answer. */
    SILENT
  }

  /** The numbers of paths that S/Kademlia was judged with. */
  private static final int[] PATHS = {1, 2, 4, 8};

  private static final int STRETCHES = 20;

  /**
   * How lookups did by S/Kademlia's rule.
   *
   * @param paths how many paths they had
   * @param succeeded the share that reached the peer they were for
   * @param theory what would have, were paths as long as they are without adversaries, and the
   *     chances of any two independent: 1 − (1 − (1 − share)^h)^d
   */
  public record Touching(int paths, double succeeded, double theory) {}

  /**
   * What came of it.
   *
   * @param report of the lookups by the rule that ships
   * @param samples the same, in stretches
   * @param touching by S/Kademlia's rule
   */
  public record Result(Report report, List<Sample> samples, List<Touching> touching) {
    /** Copies the lists. */
    public Result {
      samples = List.copyOf(samples);
      touching = List.copyOf(touching);
    }
  }

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException when a number is out of its bounds
   */
  public AdversaryRun {
    Experiment.check(nodes);
    Experiment.checkShare(share, nodes);
    if (lookups < 1) {
      throw new IllegalArgumentException("lookups: must be at least 1, got " + lookups);
    }
  }

  /** Runs it. */
  public Result run(Progress progress) {
    Experiment experiment = new Experiment(nodes, latency, loss, StaticRun.quiet(config), seed);
    List<VirtualPeer> peers = experiment.fill(progress);
    // The first ones, which are as good as any.
    int bad = (int) Math.round(nodes * share);
    List<VirtualPeer> honest = peers.subList(bad, nodes);
    Behaviour behaviour = behaviour(peers.subList(0, bad));
    peers.subList(0, bad).forEach(peer -> peer.behave(behaviour));
    List<Touching> touching = touching(experiment, honest, progress);
    SplittableRandom random = Dice.COURSE.of(seed);
    Probes probes = Probes.ofAll(experiment.network(), experiment.oracle());
    experiment.survey().begin();
    List<Sample> samples = new ArrayList<>();
    long beganNanos = experiment.network().nowNanos();
    progress.at("looking up", 0);
    for (int i = 0; i < lookups; i++) {
      probes.ask(honest.get(random.nextInt(honest.size())), NodeId.random(random));
      experiment.network().runUntil("lookup", Duration.ofMinutes(1), () -> probes.underWay() == 0);
      if ((i + 1L) * STRETCHES / lookups > (long) i * STRETCHES / lookups) {
        long passed = experiment.network().nowNanos() - beganNanos;
        samples.add(probes.tally().sinceMark(Duration.ofNanos(passed)));
        probes.tally().mark();
        progress.at("looking up", (i + 1.0) / lookups);
      }
    }
    return new Result(experiment.report(probes), samples, touching);
  }

  private Behaviour behaviour(List<VirtualPeer> all) {
    return switch (kind) {
      case COLLUDING -> {
        Oracle accomplices = new Oracle();
        accomplices.addAll(all);
        yield Adversaries.colluding(accomplices);
      }
      case NAMING_NOBODY -> Adversaries.NAMING_NOBODY;
      case SILENT -> Adversaries.SILENT;
    };
  }

  /** Honest peers look honest peers up. */
  private List<Touching> touching(
      Experiment experiment, List<VirtualPeer> honest, Progress progress) {
    TouchModel model = new TouchModel(experiment.network(), experiment.oracle(), config.k());
    double length = 0;
    List<Touching> all = new ArrayList<>();
    for (int paths : PATHS) {
      // The same pairs each time.
      SplittableRandom random = Dice.PAIRS.of(seed);
      int succeeded = 0;
      for (int i = 0; i < lookups; i++) {
        int asker = random.nextInt(honest.size());
        int other = random.nextInt(honest.size() - 1);
        VirtualPeer sought = honest.get(other < asker ? other : other + 1);
        int asked = model.asked(honest.get(asker), sought, paths, peer -> !peer.isHonest());
        succeeded += asked >= 0 ? 1 : 0;
        if (paths == 1) {
          length += model.asked(honest.get(asker), sought, 1, peer -> false) / (double) lookups;
        }
      }
      double fails = 1 - StrictMath.pow(1 - share, length);
      all.add(new Touching(paths, succeeded / (double) lookups, 1 - StrictMath.pow(fails, paths)));
      progress.at("touching", (double) all.size() / PATHS.length);
    }
    return all;
  }
}
