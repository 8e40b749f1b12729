package dev.peerdiscovery.node.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The model, counted anew: a lookup by the classic rule in a network of full tables, with nothing
 * of the engine in it.
 */
class TheoryTest {
  private static final int K = 20;
  private static final int ALPHA = 3;
  private static final int LOOKUPS = 1_000;

  /** Ids of 63 bits, in order: nobody is negative. */
  private long[] ids = new long[0];

  private final SplittableRandom random = new SplittableRandom(1);

  @ParameterizedTest
  @ValueSource(ints = {1_000, 10_000, 100_000, 1_000_000})
  void modelIsWhatTheClassicRuleTakes(int nodes) {
    ids = random.longs(nodes, 0, Long.MAX_VALUE).sorted().toArray();
    double hops = 0;
    double calls = 0;
    double rounds = 0;
    for (int i = 0; i < LOOKUPS; i++) {
      Search search = new Search(random.nextLong(Long.MAX_VALUE));
      search.run(ids[random.nextInt(nodes)]);
      hops += search.hops();
      calls += search.calls;
      rounds += search.rounds;
    }
    System.out.printf(
        "%d peers: %.2f hops, %.1f calls, %.1f rounds%n",
        nodes, hops / LOOKUPS, calls / LOOKUPS, rounds / LOOKUPS);

    Theory model = Theory.model(nodes, K, ALPHA).orElseThrow();
    assertThat(hops / LOOKUPS).isCloseTo(model.hops(), Percentage.withPercentage(4));
    assertThat(calls / LOOKUPS).isCloseTo(model.calls(), Percentage.withPercentage(2));
    assertThat(rounds / LOOKUPS).isCloseTo(model.rounds(), within(0.3));
  }

  /** One lookup: three at a time, in rounds, until the k nearest that are known have answered. */
  private final class Search {
    private final long target;
    private final Map<Long, Integer> hopOf = new HashMap<>();
    private final List<Long> known = new ArrayList<>();
    private final List<Long> asked = new ArrayList<>();
    int calls;
    int rounds;

    Search(long target) {
      this.target = target;
    }

    void run(long self) {
      hopOf.put(self, 0);
      learn(answer(self), 1);
      for (List<Long> next = next(); !next.isEmpty(); next = next()) {
        rounds++;
        calls += next.size();
        asked.addAll(next);
        next.forEach(peer -> learn(answer(peer), hopOf.get(peer) + 1));
      }
    }

    private List<Long> next() {
      return known.stream().limit(K).filter(peer -> !asked.contains(peer)).limit(ALPHA).toList();
    }

    private void learn(List<Long> named, int hop) {
      for (long peer : named) {
        if (hopOf.putIfAbsent(peer, hop) == null) {
          known.add(peer);
        }
      }
      known.sort((a, b) -> Long.compare(a ^ target, b ^ target));
    }

    int hops() {
      return hopOf.get(known.get(0));
    }

    /** The k nearest of a peer's table, which is drawn anew and always the same. */
    private List<Long> answer(long peer) {
      SplittableRandom ofPeer = new SplittableRandom(peer);
      List<Long> table = new ArrayList<>();
      for (int bit = 62; bit >= 0; bit--) {
        long low = (peer ^ 1L << bit) & -1L << bit;
        int from = firstFrom(low);
        int to = firstFrom(low + (1L << bit));
        table.addAll(draw(from, to, ofPeer));
        if (firstFrom(peer & -1L << bit) + 1 == firstFrom((peer & -1L << bit) + (1L << bit))) {
          break; // Nobody else is nearer than this.
        }
      }
      table.sort((a, b) -> Long.compare(a ^ target, b ^ target));
      return table.subList(0, Math.min(K, table.size()));
    }

    private List<Long> draw(int from, int to, SplittableRandom ofPeer) {
      if (to - from <= K) {
        return Arrays.stream(ids, from, to).boxed().toList();
      }
      List<Long> drawn = new ArrayList<>();
      while (drawn.size() < K) {
        long peer = ids[from + ofPeer.nextInt(to - from)];
        if (!drawn.contains(peer)) {
          drawn.add(peer);
        }
      }
      return drawn;
    }

    private int firstFrom(long id) {
      // One past the largest id is negative.
      int at = id < 0 ? ids.length : Arrays.binarySearch(ids, id);
      return at >= 0 ? at : -at - 1;
    }
  }
}
