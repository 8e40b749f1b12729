package dev.peerdiscovery.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peerdiscovery.core.engine.Call;
import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.record.Endpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class VirtualNetworkTest {
  private static final EngineConfig CONFIG = EngineConfig.defaults();
  private static final Duration RTT = Duration.ofMillis(20);

  private final VirtualNetwork network = new VirtualNetwork(1);
  private final List<Outcome> outcomes = new ArrayList<>();
  private final List<Long> atNanos = new ArrayList<>();

  private VirtualPeer two() {
    network.join(NodeId.of(0), CONFIG);
    VirtualPeer asker = network.join(NodeId.of(1), CONFIG, network.addressOf(0));
    network.run(Duration.ofSeconds(5));
    network.observe(
        new Observer() {
          @Override
          public void completed(VirtualPeer from, Call call, Outcome outcome) {
            if (from == asker) {
              outcomes.add(outcome);
              atNanos.add(network.nowNanos());
            }
          }
        });
    return asker;
  }

  private VirtualPeer zero() {
    return network.at(network.addressOf(0)).orElseThrow();
  }

  /** The outcome of one FindNode, which has to come after that time. */
  private Outcome ask(VirtualPeer asker, Duration after) {
    long start = network.nowNanos();
    outcomes.clear();
    atNanos.clear();
    network.lookup(asker, NodeId.of(9));
    network.runUntil("outcome", Duration.ofSeconds(5), () -> !outcomes.isEmpty());
    assertThat(Duration.ofNanos(atNanos.get(0) - start)).isEqualTo(after);
    return outcomes.get(0);
  }

  private static Failure.Kind kind(Outcome outcome) {
    return ((Failure) outcome).kind();
  }

  @Test
  void stopped_isUnreachable_afterARoundTrip() {
    VirtualPeer asker = two();
    network.stop(zero());

    assertThat(kind(ask(asker, RTT))).isEqualTo(Failure.Kind.UNREACHABLE);
  }

  @Test
  void crashed_isSilent_untilTheDeadline() {
    VirtualPeer asker = two();
    network.crash(zero());

    assertThat(kind(ask(asker, CONFIG.callDeadline()))).isEqualTo(Failure.Kind.TIMEOUT);
  }

  @Test
  void islands_hearNothingOfEachOther() {
    VirtualPeer asker = two();
    network.weather().reach(Reach.ISLANDS);
    zero().island(1);

    assertThat(kind(ask(asker, CONFIG.callDeadline()))).isEqualTo(Failure.Kind.TIMEOUT);
  }

  @Test
  void allLost_isSilence() {
    VirtualPeer asker = two();
    network.weather().loss(1);

    assertThat(kind(ask(asker, CONFIG.callDeadline()))).isEqualTo(Failure.Kind.TIMEOUT);
  }

  @Test
  void slow_answersThatMuchLater_andBeyondTheDeadlineNotAtAll() {
    VirtualPeer asker = two();
    zero().slowness(Duration.ofMillis(300));
    assertThat(ask(asker, Duration.ofMillis(320))).isNotInstanceOf(Failure.class);
    network.run(Duration.ofSeconds(5));

    zero().slowness(Duration.ofSeconds(3));
    assertThat(kind(ask(asker, CONFIG.callDeadline()))).isEqualTo(Failure.Kind.TIMEOUT);
  }

  @Test
  void requestThatWouldArriveTooLate_isGivenUpAtTheDeadline() {
    VirtualPeer asker = two();
    network.weather().latency(Latency.constant(Duration.ofMinutes(1)));

    assertThat(kind(ask(asker, CONFIG.callDeadline()))).isEqualTo(Failure.Kind.TIMEOUT);
  }

  @Test
  void paused_answersWhenItGoesOn_ifThatIsInTime() {
    VirtualPeer asker = two();
    network.pause(zero(), Duration.ofMillis(500));
    assertThat(ask(asker, Duration.ofMillis(510))).isNotInstanceOf(Failure.class);
    network.run(Duration.ofSeconds(5));

    network.pause(zero(), Duration.ofSeconds(3));
    assertThat(kind(ask(asker, CONFIG.callDeadline()))).isEqualTo(Failure.Kind.TIMEOUT);
  }

  @Test
  void pausedCaller_hearsOfTheOutcomeWhenItGoesOn() {
    VirtualPeer asker = two();
    network.lookup(asker, NodeId.of(9));
    long start = network.nowNanos();
    network.pause(asker, Duration.ofMillis(700));
    network.run(Duration.ofSeconds(1));

    assertThat(Duration.ofNanos(atNanos.get(0) - start)).isEqualTo(Duration.ofMillis(700));
  }

  @Test
  void loss_isTheShareOfCallsThatIsAskedFor() {
    network.weather().loss(0.2);
    int[] counts = new int[2];
    network.observe(
        new Observer() {
          @Override
          public void completed(VirtualPeer from, Call call, Outcome outcome) {
            counts[0]++;
            counts[1] += outcome instanceof Failure ? 1 : 0;
          }
        });
    VirtualPeer first = network.start(NodeId.of(0), CONFIG);
    for (int i = 1; i < 30; i++) {
      network.start(NodeId.of(i), CONFIG, first.endpoint());
    }
    network.run(Duration.ofMinutes(30));

    assertThat(counts[0]).isGreaterThan(10_000);
    assertThat((double) counts[1] / counts[0]).isBetween(0.18, 0.22);
  }

  @Test
  void restarted_isAnotherRunAtTheSamePlace() {
    VirtualPeer asker = two();
    VirtualPeer before = zero();
    VirtualPeer after =
        network.start(Newcomer.of(NodeId.of(0), before.endpoint(), CONFIG).after(9));

    assertThat(before.isRunning()).isFalse();
    assertThat(after.place()).isEqualTo(before.place());
    assertThat(after.number()).isNotEqualTo(before.number());
    assertThat(ask(asker, RTT)).isNotInstanceOf(Failure.class);
  }

  @Test
  void contacts_areSharedByAllTables() {
    network.grow(40, CONFIG, new SplittableRandom(3));
    network.run(Duration.ofMinutes(1));
    Set<Integer> contacts = new HashSet<>();
    for (int i = 0; i < 40; i++) {
      network
          .at(network.addressOf(i))
          .orElseThrow()
          .engine()
          .contacts()
          .forEach(entry -> contacts.add(System.identityHashCode(entry.contact())));
    }

    assertThat(contacts).hasSizeLessThanOrEqualTo(40);
  }

  @Test
  void addresses_fillSubnetsInTurn() {
    Addresses three = new Addresses(3);

    assertThat(three.of(0)).isEqualTo(new Endpoint("10.0.0.1", 7400));
    assertThat(three.of(2)).isEqualTo(new Endpoint("10.0.0.3", 7400));
    assertThat(three.of(3)).isEqualTo(new Endpoint("10.0.1.1", 7400));
    assertThat(three.of(3 * (65_536 + 256))).isEqualTo(new Endpoint("11.1.0.1", 7400));
    assertThat(Addresses.DENSE.capacity()).isGreaterThan(1_000_000);
    assertThatThrownBy(() -> new Addresses(0)).hasMessageContaining("1 to 250");
    assertThatThrownBy(() -> three.of(-1)).hasMessageContaining("must be 0 to");
  }
}
