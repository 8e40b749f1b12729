package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.ProviderRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Services in a network: peers publish them, others resolve and watch. Peers may come and go, a
 * service's key may be surrounded by Sybils that hide it, and the network may be cut in two for a
 * while.
 *
 * @param nodes how many peers there are at any time
 * @param services how many instances each service has
 * @param sessions how long peers stay, if they come and go
 * @param sybils how many peers, beside the others, take the places nearest to each service's key;
 *     they keep no records and name only one another
 * @param watchers how many peers watch a service, each the next one
 * @param cut for how long the network is cut in two before anything is measured; zero for never
 * @param latency how long messages take
 * @param loss the share of calls that are lost
 * @param ttl of the records
 * @param warmUp how long services are there before anything is measured
 * @param measured for how long they are resolved
 * @param resolvesPerSecond how often
 * @param config the numbers that engines go by
 * @param seed of the run
 */
public record ServiceRun(
    int nodes,
    List<Integer> services,
    Optional<Sessions> sessions,
    int sybils,
    int watchers,
    Duration cut,
    Latency latency,
    double loss,
    Duration ttl,
    Duration warmUp,
    Duration measured,
    double resolvesPerSecond,
    EngineConfig config,
    long seed) {
  /**
   * What came of one service.
   *
   * @param instances how many it has
   * @param resolves how many counted
   * @param found the share of them that found an instance whose publisher is there
   * @param complete the mean share of such instances that they found
   * @param stale the mean share of what they found whose publisher is gone
   * @param meanMillis how long they took, in the mean
   * @param watches how many of those who watch it are there at the end
   * @param watchesComplete the share of them that know all instances then, where these are at most
   *     64
   */
  public record Service(
      int instances,
      int resolves,
      double found,
      double complete,
      double stale,
      double meanMillis,
      int watches,
      double watchesComplete) {}

  /**
   * What came of it.
   *
   * @param services each service
   * @param publisherCallsPerSecond calls of those who publish, for services, an instance
   * @param publisherBytesPerSecond bytes of them, with what was answered
   * @param watchCallsPerSecond calls of those who watch, a watch
   * @param watchBytesPerSecond bytes of them, with what was answered and streamed
   * @param mostKept the most records that one peer keeps, at the end
   * @param report all traffic, over the time that was measured; it has no lookups
   */
  public record Result(
      List<Service> services,
      double publisherCallsPerSecond,
      double publisherBytesPerSecond,
      double watchCallsPerSecond,
      double watchBytesPerSecond,
      int mostKept,
      Report report) {
    /** Copies the list. */
    public Result {
      services = List.copyOf(services);
    }
  }

  /** After so many who are busy, nobody is drawn. */
  private static final int MOST_DRAWS = 10_000;

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException when a number is out of its bounds
   */
  public ServiceRun {
    services = List.copyOf(services);
    Experiment.check(nodes, cut, warmUp, measured);
    ProviderRecord.checkTtl(ttl);
    if (services.isEmpty() || services.size() > 100) {
      throw new IllegalArgumentException("services: must be 1 to 100");
    }
    long publishing = services.stream().mapToLong(Integer::longValue).sum();
    if (Collections.min(services) < 1 || publishing > nodes / 2) {
      // With those who watch, some have to be left to look services up.
      throw new IllegalArgumentException(
          "services: must have 1 instance each, and to one for two nodes in all, got " + services);
    }
    sessions.ifPresent(stay -> stay.checkOneStays(nodes, Asking.MINUTE));
    if (sybils < 0 || sybils > 1_000 || watchers < 0 || watchers > nodes / 4) {
      throw new IllegalArgumentException("sybils: 0 to 1000; watchers: to one for four nodes");
    }
    if (!(resolvesPerSecond > 0 && resolvesPerSecond <= 1_000)) {
      throw new IllegalArgumentException("resolvesPerSecond: must be above 0 and at most 1000");
    }
  }

  /** The longest that it takes, of virtual time. */
  public Duration longest() {
    return warmUp.plus(measured).plus(cut).plus(ttl).plus(Duration.ofMinutes(3));
  }

  /** Runs it. */
  public Result run(Progress progress) {
    return new Stage().run(progress);
  }

  /** One run. */
  private final class Stage implements Observer {
    private final Experiment experiment = new Experiment(nodes, latency, loss, config, seed);
    private final VirtualNetwork network = experiment.network();
    private final SplittableRandom random = Dice.COURSE.of(seed);
    private final Registry registry =
        new Registry(network, experiment.oracle(), ttl, random.split());
    private final ServiceProbes probes = new ServiceProbes(network, registry);
    private final Set<VirtualPeer> watching = new HashSet<>();
    private final List<List<VirtualPeer>> watchersOf = new ArrayList<>();
    private final ServiceTraffic publishing = new ServiceTraffic(this::onlyPublishes);
    private final ServiceTraffic watchTraffic = new ServiceTraffic(watching::contains);

    private long begunNanos;
    private double watchSeconds;

    @Override
    public void stopped(VirtualPeer peer) {
      if (watching.contains(peer)) {
        watchSeconds += (network.nowNanos() - begunNanos) / 1e9;
      }
    }

    private boolean onlyPublishes(VirtualPeer peer) {
      return registry.publishes(peer) && !watching.contains(peer);
    }

    Result run(Progress progress) {
      sessions.ifPresent(
          stay -> new Churn(network, experiment.oracle(), stay, config, random.split()));
      List<VirtualPeer> peers = experiment.fill(progress);
      surround(peers);
      services.forEach(registry::add);
      network.run(Duration.ofSeconds(10));
      watch();
      experiment.run("warming up", warmUp, progress);
      cutInTwo(progress);
      experiment.survey().begin();
      network.observe(publishing);
      network.observe(watchTraffic);
      network.observe(this);
      begunNanos = network.nowNanos();
      resolve(progress);
      return result();
    }

    /** Puts Sybils around each service's key: nearer than anybody, as far as one can be. */
    private void surround(List<VirtualPeer> peers) {
      for (int service = 0; service < services.size() && sybils > 0; service++) {
        NodeId key = Registry.name(service).key();
        List<VirtualPeer> accomplices = new ArrayList<>();
        NodeId nearest = experiment.oracle().closest(key, 1, VirtualPeer::isHonest).get(0).id();
        int bit = key.bucketOf(nearest);
        for (int i = 0; i < sybils; i++) {
          NodeId id = key;
          for (int low = 0; low < bit; low++) {
            id = random.nextBoolean() ? id.flip(low) : id;
          }
          VirtualPeer sybil =
              network.start(id, config, peers.get(random.nextInt(peers.size())).endpoint());
          sybil.behave(Adversaries.namingOnly(accomplices));
          accomplices.add(sybil);
        }
      }
      if (sybils > 0) {
        network.run(Duration.ofMinutes(2));
      }
    }

    private void watch() {
      for (int i = 0; i < watchers; i++) {
        VirtualPeer peer = draw().orElse(null);
        if (peer == null) {
          return;
        }
        watching.add(peer);
        int service = i % services.size();
        peer.engine().services().watch(Registry.name(service), network.nowNanos());
        network.settle(peer);
        while (watchersOf.size() <= service) {
          watchersOf.add(new ArrayList<>());
        }
        watchersOf.get(service).add(peer);
      }
    }

    /** Somebody with nothing to do yet, if there is anybody; not for sure where hardly any is. */
    private Optional<VirtualPeer> draw() {
      Oracle oracle = experiment.oracle();
      for (int i = 0; i < MOST_DRAWS && oracle.size() > 0; i++) {
        VirtualPeer peer = oracle.at(random.nextInt(oracle.size()));
        boolean isIdle = !registry.publishes(peer) && !watching.contains(peer);
        if (peer.isHonest() && peer.isJoined() && isIdle) {
          return Optional.of(peer);
        }
      }
      return Optional.empty();
    }

    private void cutInTwo(Progress progress) {
      if (cut.isZero()) {
        return;
      }
      int i = 0;
      for (VirtualPeer peer : experiment.peers()) {
        // Every other one by id, so that each region is cut, too.
        peer.island(i++ % 2);
      }
      network.weather().reach(Reach.ISLANDS);
      experiment.run("cut in two", cut, progress);
      network.weather().reach(Reach.EVERYBODY);
      experiment.run("healing", ttl, progress);
    }

    private void resolve(Progress progress) {
      long pause = (long) (1e9 / resolvesPerSecond);
      long end = network.nowNanos() + measured.toNanos();
      progress.at("looking up", 0);
      for (int i = 0; network.nowNanos() < end; i++) {
        int service = i % services.size();
        draw().ifPresent(asker -> probes.ask(asker, service));
        network.run(Duration.ofNanos(pause));
        double left = (double) (end - network.nowNanos()) / measured.toNanos();
        progress.at("looking up", Math.min(1, 1 - left));
      }
      network.runUntil("resolves", Duration.ofMinutes(1), () -> probes.underWay() == 0);
    }

    private Result result() {
      List<Service> results = new ArrayList<>();
      List<ServiceProbes.Result> judged = probes.take();
      for (int i = 0; i < services.size(); i++) {
        ServiceProbes.Result of = judged.get(i);
        List<VirtualPeer> watchers = watchers(i);
        results.add(
            new Service(
                services.get(i),
                of.asked(),
                of.share(),
                of.complete(),
                of.stale(),
                of.meanMillis(),
                watchers.size(),
                watchesComplete(i, watchers)));
      }
      Report report =
          experiment
              .survey()
              .report(experiment.peers(), experiment.probes((a, b, c) -> true).tally());
      double seconds = report.virtualTime().toNanos() / 1e9;
      int publishers = 0;
      int mostKept = 0;
      for (VirtualPeer peer : experiment.peers()) {
        publishers += onlyPublishes(peer) ? peer.engine().services().registrations().size() : 0;
        mostKept = Math.max(mostKept, peer.engine().services().kept().records());
      }
      double instanceSeconds = Math.max(1, publishers) * seconds;
      for (VirtualPeer peer : experiment.peers()) {
        if (watching.contains(peer)) {
          stopped(peer);
        }
      }
      return new Result(
          results,
          publishing.calls() / instanceSeconds,
          publishing.bytes() / instanceSeconds,
          watchTraffic.calls() / Math.max(1, watchSeconds),
          watchTraffic.bytes() / Math.max(1, watchSeconds),
          mostKept,
          report);
    }

    private List<VirtualPeer> watchers(int service) {
      return service < watchersOf.size()
          ? watchersOf.get(service).stream().filter(VirtualPeer::isRunning).toList()
          : List.of();
    }

    private double watchesComplete(int service, List<VirtualPeer> watchers) {
      long before = network.nowNanos() - Registry.KNOWN_AFTER.toNanos();
      List<VirtualPeer> truth = registry.since(service, before);
      int complete = 0;
      for (VirtualPeer peer : watchers) {
        Set<NodeId> known = new HashSet<>();
        peer.engine()
            .services()
            .view(Registry.name(service), network.nowNanos())
            .ifPresent(view -> view.providers().forEach(p -> known.add(p.publisher())));
        network.settle(peer);
        complete += truth.stream().allMatch(of -> known.contains(of.id())) ? 1 : 0;
      }
      return watchers.isEmpty() ? 0 : (double) complete / watchers.size();
    }
  }
}
