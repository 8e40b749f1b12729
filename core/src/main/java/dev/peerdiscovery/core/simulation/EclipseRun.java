package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Somebody who has few subnets, and as many ids as he likes, tries to be all that a victim knows of
 * a network of strangers ({@link Scope#PUBLIC}). His ids are spread evenly over the victim's
 * buckets, down to where nobody but he is; they join like others do before the victim comes, call
 * it every second from the moment at which it is there, prove their ids when they are called, and
 * name one another. The victim joins under the attack, and after a while is started anew with what
 * it kept, under the attack again.
 *
 * @param nodes how many honest peers there are before the victim
 * @param perSubnet how many of these share a subnet
 * @param subnets how many subnets the attacker has, 1 to 200
 * @param ids how many ids he has
 * @param siege how long the victim is there before anything is measured, in either life
 * @param lookups how many lookups the victim makes, in either life
 * @param config the numbers that engines go by; only the victim has upkeep
 * @param latency how long messages take
 * @param loss the share of calls that are lost
 * @param seed of the run
 */
public record EclipseRun(
    int nodes,
    int perSubnet,
    int subnets,
    int ids,
    Duration siege,
    int lookups,
    EngineConfig config,
    Latency latency,
    double loss,
    long seed) {
  /**
   * How the victim is doing.
   *
   * @param contacts how many it has
   * @param honest the share of them that are not the attacker's
   * @param mostOfSubnet the most that are of one subnet of his
   * @param report how its lookups did that were made then
   */
  public record Victim(int contacts, double honest, int mostOfSubnet, Report report) {}

  /**
   * What came of it.
   *
   * @param before the victim that joined
   * @param after the one that was started anew
   */
  public record Result(Victim before, Victim after) {}

  private static final Network STRANGERS =
      new Network("test", IdentityMode.ASSIGNED, Scope.PUBLIC, Network.PROTOCOL_VERSION);

  private static final Duration SECOND = Duration.ofSeconds(1);

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException when a number is out of its bounds
   */
  public EclipseRun {
    Experiment.check(nodes, siege);
    if (subnets < 1 || subnets > 200) {
      throw new IllegalArgumentException("subnets: must be 1 to 200, got " + subnets);
    }
    if (ids < 1 || ids > 1_000_000) {
      throw new IllegalArgumentException("ids: must be 1 to 1000000, got " + ids);
    }
    if (lookups < 1) {
      throw new IllegalArgumentException("lookups: must be at least 1, got " + lookups);
    }
  }

  /** Runs it. */
  public Result run(Progress progress) {
    VirtualNetwork network = new VirtualNetwork(seed, Addresses.ofStrangers(perSubnet));
    Survey survey = new Survey(network, latency);
    network.weather().loss(loss);
    Oracle oracle = new Oracle();
    SplittableRandom random = Dice.MEMBERS.of(seed);
    EngineConfig quiet = StaticRun.quiet(config);
    List<VirtualPeer> honest =
        Fill.start(network, STRANGERS, nodes, quiet, random.split(), progress);
    oracle.addAll(honest);
    network.observe(oracle);
    Newcomer victim =
        Newcomer.of(
                NodeId.random(random),
                network.addressOf(nodes),
                config,
                honest.get(random.nextInt(nodes)).endpoint(),
                honest.get(random.nextInt(nodes)).endpoint(),
                honest.get(random.nextInt(nodes)).endpoint())
            .in(STRANGERS);
    Attacker attacker = new Attacker(network, subnets, victim, random.split());
    attacker.join(ids, quiet, honest, progress);
    Probes probes = Probes.ofAll(network, oracle);

    VirtualPeer first = network.start(victim);
    attacker.besiege(first);
    Victim before = measured("before", network, survey, probes, attacker, first, progress);
    List<SignedPeerRecord> kept = first.engine().worthKeeping();
    long sequence = first.engine().self().orElseThrow().content().sequence();
    network.stop(first);
    VirtualPeer second = network.start(victim.after(sequence).remembering(kept));
    attacker.besiege(second);
    return new Result(
        before, measured("after", network, survey, probes, attacker, second, progress));
  }

  private Victim measured(
      String stage,
      VirtualNetwork network,
      Survey survey,
      Probes probes,
      Attacker attacker,
      VirtualPeer victim,
      Progress progress) {
    int most = 0;
    long seconds = Math.max(1, siege.toSeconds());
    for (long i = 0; i < seconds; i++) {
      network.run(SECOND);
      most = Math.max(most, attacker.mostOfSubnet(victim));
      progress.at("besieged, " + stage, (double) (i + 1) / seconds);
    }
    survey.begin();
    SplittableRandom random = Dice.COURSE.of(seed);
    for (int i = 0; i < lookups; i++) {
      probes.ask(victim, NodeId.random(random));
      network.runUntil("lookup", Duration.ofMinutes(1), () -> probes.underWay() == 0);
      progress.at("looking up", (double) (i + 1) / lookups);
    }
    int contacts = victim.engine().contacts().size();
    return new Victim(
        contacts,
        contacts == 0 ? 0 : 1 - (double) attacker.contactsOf(victim) / contacts,
        Math.max(most, attacker.mostOfSubnet(victim)),
        survey.report(List.of(victim), probes.takeTally()));
  }
}
