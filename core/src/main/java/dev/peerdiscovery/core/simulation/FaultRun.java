package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Runs one {@link FaultSchedule} with all {@link Invariants} on, then takes the faults away and
 * demands that before long every lookup is exact; where k is 1, that nobody is isolated.
 */
public final class FaultRun {
  /** What came of a run that found no fault. */
  public record Result(long calls, long checks, Duration convergedAfter, String traceHash) {}

  /** The first so many addresses are everybody's seeds. */
  private static final int SEEDS = 3;

  /** In which lookups have to be exact again. */
  private static final Duration LIMIT = Duration.ofMinutes(5);

  /** Whoever was hostile is left alone by those whom it answered for as long as this. */
  private static final Duration LIMIT_AFTER_HOSTILITY = LIMIT.plus(Refusal.MAX_RETRY_AFTER);

  private static final Duration GLANCE = Duration.ofSeconds(10);

  private final FaultSchedule schedule;
  private final EngineConfig config;
  private final SplittableRandom random;
  private final VirtualNetwork network;
  private final Oracle oracle = new Oracle();
  private final Invariants invariants;

  /** By place, whoever was there last. */
  private final List<VirtualPeer> peers = new ArrayList<>();

  private final List<VirtualPeer> hostile = new ArrayList<>();

  private FaultRun(FaultSchedule schedule) {
    this.schedule = schedule;
    this.config = schedule.config();
    this.random = Dice.FAULTS.of(schedule.seed());
    this.network = new VirtualNetwork(schedule.seed(), new Addresses(1 + random.nextInt(8)));
    this.invariants = new Invariants(network, schedule.toString());
    network.observe(oracle);
    network.observe(invariants);
    network.weather().reach(Reach.ISLANDS);
    network
        .weather()
        .latency(
            Latency.lognormal(
                Duration.ofMillis(schedule.roundTripMillis()),
                schedule.sigma(),
                Latency.Draw.MESSAGE));
  }

  /**
   * Runs a schedule.
   *
   * @throws IllegalStateException when an invariant breaks, an engine spins, or lookups are not
   *     exact in time; the message begins with the schedule
   */
  public static Result run(FaultSchedule schedule) {
    FaultRun run = new FaultRun(schedule);
    try {
      return run.run();
    } catch (RuntimeException e) {
      throw e.getMessage() != null && e.getMessage().startsWith(schedule.toString())
          ? e
          : new IllegalStateException(schedule + ": " + e, e);
    }
  }

  private Result run() {
    for (int place = 0; place < schedule.peers(); place++) {
      peers.add(start(place, newId(), List.of()));
      network.run(upTo(500));
    }
    for (int i = 0; i < schedule.steps(); i++) {
      step();
      network.run(upTo(2 * schedule.paceMillis()));
    }
    heal();
    Duration converged = converge();
    return new Result(
        network.calls(), invariants.checks(), converged, network.traceHash().toString());
  }

  private Duration upTo(int millis) {
    return Duration.ofNanos(random.nextLong(millis * 1_000_000L));
  }

  private NodeId newId() {
    while (true) {
      NodeId id = schedule.smallIds() ? NodeId.of(random.nextInt(200)) : NodeId.random(random);
      if (oracle.find(id).isEmpty()) {
        return id;
      }
    }
  }

  private VirtualPeer start(int place, NodeId id, List<SignedPeerRecord> remembered) {
    Endpoint[] seeds = new Endpoint[SEEDS];
    for (int i = 0; i < SEEDS; i++) {
      seeds[i] = network.addressOf(i);
    }
    return network.start(
        Newcomer.of(id, network.addressOf(place), config, seeds)
            .after(random.nextInt(1_000))
            .remembering(remembered));
  }

  private VirtualPeer anybody() {
    return peers.get(random.nextInt(peers.size()));
  }

  private void step() {
    VirtualPeer peer = anybody();
    if (!peer.isRunning()) {
      comeBack(peer);
    } else if (schedule.faults().isEmpty() || random.nextInt(3) == 0) {
      network.lookup(peer, NodeId.random(random));
    } else {
      happen(schedule.faults().get(random.nextInt(schedule.faults().size())), peer);
    }
  }

  /** It comes back as it was, with what it had kept or without, or another takes its place. */
  private void comeBack(VirtualPeer peer) {
    boolean same = random.nextInt(3) > 0 && oracle.find(peer.id()).isEmpty();
    boolean remembers = same && random.nextBoolean();
    peers.set(
        peer.place(),
        start(
            peer.place(),
            same ? peer.id() : newId(),
            remembers ? peer.engine().worthKeeping() : List.of()));
  }

  private void happen(Fault fault, VirtualPeer peer) {
    switch (fault) {
      case STOP -> network.stop(peer);
      case CRASH -> network.crash(peer);
      case LEAVE -> {
        network.leave(peer);
        network.run(upTo(2_000));
        network.stop(peer);
      }
      case PARTITION -> {
        if (random.nextInt(4) == 0) {
          peers.forEach(other -> other.island(0));
        } else {
          peer.island(random.nextInt(3));
        }
      }
      case SLOW -> peer.slowness(random.nextBoolean() ? Duration.ZERO : upTo(3_000));
      case BUSY -> peer.busy(random.nextInt(3) > 0);
      case PAUSE -> network.pause(peer, upTo(8_000));
      case HOSTILE -> turn(peer);
      case LIE -> lie(peer);
      case LOSS -> network.weather().loss(random.nextInt(5) / 10.0);
    }
  }

  /** Half of those that are hostile stay so; never more than a quarter of all are. */
  private void turn(VirtualPeer peer) {
    if (!peer.isHonest()) {
      peer.behaveWell();
      hostile.remove(peer);
      return;
    }
    hostile.removeIf(other -> !other.isRunning());
    if (hostile.size() < schedule.peers() / 4) {
      hostile.add(peer);
      List<SignedPeerRecord> past =
          peers.stream().flatMap(other -> other.engine().self().stream()).toList();
      peer.behave(
          switch (random.nextInt(9)) {
            case 0 -> Adversaries.SILENT;
            case 1 -> Adversaries.REFUSING;
            case 2 -> Adversaries.NAMING_NOBODY;
            case 3 -> Adversaries.OVERSIZE;
            case 4 -> Adversaries.WRONG_ID;
            case 5 -> Adversaries.namingOnly(List.copyOf(hostile));
            case 6 -> Adversaries.namingInvented();
            case 7 -> Adversaries.namingThese(past);
            default -> Adversaries.namingTheCallerAndItself();
          });
    }
  }

  private void lie(VirtualPeer deceived) {
    VirtualPeer victim = anybody();
    List<Endpoint> elsewhere =
        random.nextBoolean()
            ? List.of()
            : List.of(network.addressOf(random.nextInt(schedule.peers() + 5)));
    long sequence = random.nextInt(20) == 0 ? -1L : random.nextInt(2_000);
    PeerRecord lie = new PeerRecord(victim.id(), elsewhere, sequence, Newcomer.NETWORK.name());
    network.receive(
        deceived,
        new PingRequest(
            Newcomer.NETWORK,
            Optional.of(Wire.sign(lie)),
            Optional.of(deceived.id()),
            deceived.endpoint(),
            Bytes.EMPTY),
        Optional.of(network.addressOf(schedule.peers() + 9)));
  }

  /** From now on all goes well, and all seeds are there to be found. */
  private void heal() {
    network.weather().loss(0);
    network.weather().reach(Reach.EVERYBODY);
    // Where round trips scatter widely, a lookup may rightly give up on somebody.
    network.weather().latency(Latency.constant(Duration.ofMillis(20)));
    for (int place = 0; place < peers.size(); place++) {
      VirtualPeer peer = peers.get(place);
      peer.slowness(Duration.ZERO);
      peer.busy(false);
      peer.behaveWell();
      if (place < SEEDS && !peer.isRunning()) {
        comeBack(peer);
      }
    }
  }

  /** Runs until each peer finds exactly whom it should, and says how long that took. */
  private Duration converge() {
    Probes probes = Probes.ofAll(network, oracle);
    long healedNanos = network.nowNanos();
    while (true) {
      network.run(GLANCE);
      for (int i = 0; i < oracle.size(); i++) {
        probes.ask(oracle.at(i), NodeId.random(random));
        probes.ask(oracle.at(i), oracle.at(random.nextInt(oracle.size())).id());
      }
      network.runUntil("lookups", Duration.ofMinutes(1), () -> probes.underWay() == 0);
      Tally tally = probes.takeTally();
      Duration passed = Duration.ofNanos(network.nowNanos() - healedNanos);
      if (schedule.k() == 1 ? nobodyIsIsolated() : tally.exact() == tally.lookups()) {
        return passed;
      }
      boolean hostility = schedule.faults().contains(Fault.HOSTILE);
      if (passed.compareTo(hostility ? LIMIT_AFTER_HOSTILITY : LIMIT) > 0) {
        throw new IllegalStateException(
            schedule
                + ": not healed after "
                + passed.toSeconds()
                + " s: "
                + tally
                + "; "
                + holes());
      }
    }
  }

  /**
   * With one contact for each range of ids, two ranges can come to know each other only through a
   * third, where no lookup goes that begins in one of them. So k = 1 promises no more than this.
   */
  private boolean nobodyIsIsolated() {
    for (int i = 0; i < oracle.size(); i++) {
      boolean isolated =
          oracle.at(i).engine().contacts().stream()
              .noneMatch(entry -> oracle.find(entry.contact().id()).isPresent());
      if (isolated) {
        return false;
      }
    }
    return true;
  }

  /**
   * Who has nobody in a bucket although somebody belongs there: what keeps lookups from healing.
   */
  private String holes() {
    List<String> holes = new ArrayList<>();
    for (int i = 0; i < oracle.size(); i++) {
      VirtualPeer peer = oracle.at(i);
      for (int j = 0; j < oracle.size(); j++) {
        int bucket = peer.id().bucketOf(oracle.at(j).id());
        if (bucket >= 0
            && peer.engine().contacts().stream().noneMatch(entry -> entry.bucket() == bucket)) {
          holes.add(peer.id().toShortString() + " lacks " + oracle.at(j).id().toShortString());
        }
      }
    }
    return holes.size() + " holes: " + holes.subList(0, Math.min(8, holes.size()));
  }
}
