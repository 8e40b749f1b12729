package dev.peerdiscovery.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.id.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OracleTest {
  /** Small ids lie so densely that all agree in most of their bits. */
  @ParameterizedTest(name = "seed {0}, ids below {1}")
  @CsvSource({"1,0", "2,0", "3,3000", "4,40"})
  void closest_isWhatSortingEverybodyGives(long seed, int below) {
    SplittableRandom random = new SplittableRandom(seed);
    VirtualNetwork network = new VirtualNetwork(seed);
    Oracle oracle = new Oracle();
    network.observe(oracle);
    List<VirtualPeer> there = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      there.add(network.start(id(random, below), EngineConfig.defaults()));
      if (random.nextInt(4) == 0) {
        network.stop(there.remove(random.nextInt(there.size())));
      }
    }
    assertThat(oracle.size()).isEqualTo(there.size());
    for (int i = 0; i < 300; i++) {
      NodeId target = random.nextInt(8) == 0 ? NodeId.random(random) : id(random, below);
      int count = 1 + random.nextInt(30);
      boolean odd = random.nextBoolean();
      List<NodeId> expected =
          there.stream()
              .filter(peer -> odd || peer.number() % 2 == 0)
              .map(VirtualPeer::id)
              .sorted(target::compareDistances)
              .limit(count)
              .toList();

      assertThat(oracle.closest(target, count, peer -> odd || peer.number() % 2 == 0))
          .extracting(VirtualPeer::id)
          .as("seed " + seed + ", " + target)
          .isEqualTo(expected);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @CsvSource({"5", "6"})
  void addAll_andAdd_giveTheSameOrder(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    VirtualNetwork network = new VirtualNetwork(seed);
    Oracle oneByOne = new Oracle();
    network.observe(oneByOne);
    List<VirtualPeer> all = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      all.add(network.start(NodeId.random(random), EngineConfig.defaults()));
    }
    Oracle atOnce = new Oracle();
    atOnce.addAll(all);
    for (int i = 0; i < 200; i++) {
      assertThat(atOnce.at(i)).isSameAs(oneByOne.at(i));
      assertThat(atOnce.find(all.get(i).id())).contains(all.get(i));
    }
    assertThat(atOnce.find(NodeId.of(7))).isEmpty();
  }

  private static NodeId id(SplittableRandom random, int below) {
    return below == 0 ? NodeId.random(random) : NodeId.of(random.nextInt(below));
  }
}
