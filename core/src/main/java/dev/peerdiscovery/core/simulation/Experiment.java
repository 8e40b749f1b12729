package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.routing.RoutingTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What experiments with a filled network have in common. */
final class Experiment {
  private final VirtualNetwork network;
  private final Oracle oracle = new Oracle();
  private final Survey survey;
  private final int nodes;
  private final EngineConfig config;
  private final long seed;

  Experiment(int nodes, Latency latency, double loss, EngineConfig config, long seed) {
    this.nodes = nodes;
    this.config = config;
    this.seed = seed;
    this.network = new VirtualNetwork(seed);
    this.survey = new Survey(network, latency);
    network.weather().loss(loss);
  }

  static void check(int nodes, Duration... durations) {
    if (nodes < 2) {
      throw new IllegalArgumentException("nodes: must be at least 2, got " + nodes);
    }
    for (Duration duration : durations) {
      if (duration.isNegative() || duration.compareTo(Duration.ofDays(365)) > 0) {
        throw new IllegalArgumentException("durations: must be 0 to 365 days, got " + duration);
      }
    }
  }

  /** Checks that a share of all is one peer at least, and leaves two. */
  static void checkShare(double share, int nodes) {
    if (!(share > 0 && share < 1)
        || Math.round(nodes * share) < 1
        || Math.round(nodes * share) > nodes - 2) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "share: must be one peer of %d at least and leave two, got %s",
              nodes,
              share));
    }
  }

  VirtualNetwork network() {
    return network;
  }

  Oracle oracle() {
    return oracle;
  }

  Survey survey() {
    return survey;
  }

  Probes probes(Probes.Electorate electorate) {
    return new Probes(network, oracle, electorate);
  }

  List<VirtualPeer> fill(Progress progress) {
    List<VirtualPeer> peers = Fill.start(network, nodes, config, Dice.MEMBERS.of(seed), progress);
    oracle.addAll(peers);
    network.observe(oracle);
    return peers;
  }

  /** Lets time pass. */
  void run(String stage, Duration duration, Progress progress) {
    progress.at(stage, 0);
    long steps = Math.max(1, duration.toSeconds());
    for (long i = 0; i < steps; i++) {
      network.run(duration.dividedBy(steps));
      progress.at(stage, (double) (i + 1) / steps);
    }
  }

  /**
   * Lets time pass while peers ask, and says how they did in each stretch of it.
   *
   * @param lookups ends it, after a whole stretch
   * @param longest ends it anyway
   */
  List<Sample> run(
      int lookups, Duration longest, Duration stretch, Probes probes, Progress progress) {
    List<Sample> samples = new ArrayList<>();
    Duration passed = Duration.ZERO;
    progress.at("looking up", 0);
    while (passed.compareTo(longest) < 0 && probes.tally().lookups() < lookups) {
      probes.tally().mark();
      network.run(stretch);
      passed = passed.plus(stretch);
      samples.add(probes.tally().sinceMark(passed));
      progress.at("looking up", Math.min(1, (double) probes.tally().lookups() / lookups));
    }
    return samples;
  }

  Report report(Probes probes) {
    return survey.report(peers(), probes.tally());
  }

  /** Those that run. */
  List<VirtualPeer> peers() {
    List<VirtualPeer> peers = new ArrayList<>(oracle.size());
    for (int i = 0; i < oracle.size(); i++) {
      peers.add(oracle.at(i));
    }
    return peers;
  }

  /** The share of all entries in tables whose peers run. */
  static double liveEntries(Oracle oracle) {
    long entries = 0;
    long live = 0;
    for (int i = 0; i < oracle.size(); i++) {
      for (RoutingTable.Entry entry : oracle.at(i).engine().contacts()) {
        entries++;
        live += oracle.find(entry.contact().id()).isPresent() ? 1 : 0;
      }
    }
    return entries == 0 ? 0 : (double) live / entries;
  }
}
