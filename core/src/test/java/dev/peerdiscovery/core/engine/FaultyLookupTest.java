package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.simulation.Latency;
import dev.peerdiscovery.core.simulation.Observer;
import dev.peerdiscovery.core.simulation.Oracle;
import dev.peerdiscovery.core.simulation.VirtualNetwork;
import dev.peerdiscovery.core.simulation.VirtualPeer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What holds for every lookup in networks where, from one moment to the next, peers are late,
 * silent, busy or gone, and nobody knows yet.
 */
class FaultyLookupTest {
  private static final int PEERS = 100;
  private static final int LOOKUPS = 50;
  private static final int K = 8;
  private static final EngineConfig CONFIG = EngineConfig.defaults().toBuilder().k(K).build();

  private record Key(NodeId asker, LookupId id) {}

  /** One lookup as it was seen from outside. */
  private static final class Seen {
    NodeId target;
    long startedNanos;
    final List<NodeId> answered = new ArrayList<>();
    final Map<NodeId, Integer> asked = new HashMap<>();
    Event.LookupEnded ended;
    long endedNanos;
  }

  private final Map<Key, Seen> lookups = new LinkedHashMap<>();

  /** Watches the lookups that are asked for; their targets are unique. */
  private Observer watching(VirtualNetwork network) {
    return new Observer() {
      @Override
      public void told(VirtualPeer peer, Event event) {
        if (event instanceof Event.LookupStarted started
            && started.purpose() == Event.Purpose.REQUESTED) {
          Seen seen = new Seen();
          seen.target = started.target();
          seen.startedNanos = network.nowNanos();
          lookups.put(new Key(peer.id(), started.id()), seen);
        } else if (event instanceof Event.LookupStep step) {
          Seen seen = lookups.get(new Key(peer.id(), step.id()));
          if (seen != null) {
            assertThat(seen.ended).as("a step after the end").isNull();
            seen.answered.add(step.from().id());
          }
        } else if (event instanceof Event.LookupEnded ended) {
          Seen seen = lookups.get(new Key(peer.id(), ended.id()));
          if (seen != null) {
            assertThat(seen.ended).as("a second end").isNull();
            seen.ended = ended;
            seen.endedNanos = network.nowNanos();
          }
        }
      }

      @Override
      public void completed(VirtualPeer from, Call call, Outcome outcome) {
        if (call.request() instanceof FindNodeRequest find) {
          lookups.values().stream()
              .filter(seen -> seen.target.equals(find.target()))
              .forEach(seen -> seen.asked.merge(find.wantedId().orElseThrow(), 1, Integer::sum));
        }
      }
    };
  }

  @Tag("slow")
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void lookups_keepTheirPromises_amongLateSilentAndFailingPeers(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    VirtualNetwork network = new VirtualNetwork(seed);
    network
        .weather()
        .latency(
            Latency.uniform(Duration.ofMillis(20), Duration.ofMillis(80), Latency.Draw.MESSAGE));
    Oracle oracle = new Oracle();
    network.observe(oracle);
    List<VirtualPeer> peers = network.grow(PEERS, CONFIG, random);
    network.run(Duration.ofSeconds(5));
    Set<NodeId> late = new HashSet<>();
    Set<NodeId> silent = new HashSet<>();
    List<VirtualPeer> prompt = new ArrayList<>();
    for (VirtualPeer peer : peers) {
      switch (random.nextInt(12)) {
        case 0, 1 -> {
          peer.slowness(Duration.ofMillis(random.nextLong(200, 1_800)));
          late.add(peer.id());
        }
        case 2 -> silent.add(peer.id());
        case 3 -> peer.busy(true);
        case 4 -> network.stop(peer);
        default -> prompt.add(peer);
      }
    }
    network.weather().reach((from, to) -> !silent.contains(from.id()) && !silent.contains(to.id()));
    network.observe(watching(network));
    for (int i = 0; i < LOOKUPS; i++) {
      VirtualPeer asker = prompt.get(random.nextInt(prompt.size()));
      network.lookup(asker, NodeId.random(random));
    }
    network.run(CONFIG.lookupDeadline().plus(CONFIG.callDeadline()));

    assertThat(lookups).hasSize(LOOKUPS);
    int closest = 0;
    double recall = 0;
    for (Map.Entry<Key, Seen> lookup : lookups.entrySet()) {
      List<NodeId> result = checkPromises(seed, lookup.getKey(), lookup.getValue());
      List<NodeId> truth =
          oracle
              .closest(
                  lookup.getValue().target,
                  K,
                  peer -> prompt.contains(peer) && !peer.id().equals(lookup.getKey().asker))
              .stream()
              .map(VirtualPeer::id)
              .toList();
      // Late ones may be among the result or not.
      result.removeIf(late::contains);
      assertThat(truth.size()).isEqualTo(K);
      closest += !result.isEmpty() && result.get(0).equals(truth.get(0)) ? 1 : 0;
      List<NodeId> due = truth.subList(0, Math.min(K, result.size()));
      recall += due.stream().filter(result::contains).count() / (double) due.size();
    }
    assertThat(closest).as("seed " + seed).isGreaterThanOrEqualTo(LOOKUPS - 1);
    // Those that nobody knows to be gone take the places of others in the answers.
    assertThat(recall / LOOKUPS).as("seed " + seed).isGreaterThan(0.8);
  }

  private static List<NodeId> checkPromises(long seed, Key key, Seen seen) {
    String name = "seed " + seed + ", " + key;
    assertThat(seen.ended).as(name).isNotNull();
    assertThat(seen.endedNanos - seen.startedNanos)
        .as(name)
        .isLessThanOrEqualTo(CONFIG.lookupDeadline().toNanos());
    List<NodeId> result =
        new ArrayList<>(seen.ended.result().stream().map(contact -> contact.id()).toList());
    assertThat(result).as(name).hasSizeLessThanOrEqualTo(K).doesNotHaveDuplicates();
    assertThat(result).as(name).isSortedAccordingTo(seen.target::compareDistances);
    assertThat(result).as(name).doesNotContain(key.asker);
    // Responders only, and the nearest of them.
    assertThat(result)
        .as(name)
        .isEqualTo(seen.answered.stream().sorted(seen.target::compareDistances).limit(K).toList());
    assertThat(seen.asked.values()).as(name).allMatch(times -> times <= 2);
    assertThat(seen.asked).as(name).doesNotContainKey(key.asker);
    int calls = seen.asked.values().stream().mapToInt(Integer::intValue).sum();
    assertThat(seen.ended.calls()).as(name).isEqualTo(calls).isLessThanOrEqualTo(16 * K);
    return result;
  }
}
