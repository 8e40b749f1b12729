package dev.peerdiscovery.node.cli;

import java.util.Optional;

/**
 * What lookups should cost where tables are full and nobody comes or goes.
 *
 * <p>The formula: whoever is asked answers from the bucket that the target falls into, of whose
 * range it has k peers drawn evenly. The nearest of k such draws is nearer than the range is wide
 * by the factor e<sup>H(k)</sup> in the geometric mean, because the logarithm of the least of k
 * even draws from 0 to 1 has the mean −H(k), where H(k) = 1 + 1/2 + … + 1/k. So a hop gains H(k) of
 * the ln n that there are to gain, and the nearest of n peers is about ln n / H(k) hops away when
 * one peer is asked at a time. (Halving alone, k = 1, is Kademlia's log₂ n as an upper bound, and
 * ln n on average.) Several at a time gain a little more with each hop.
 *
 * <p>The model: an idealised lookup (full tables, k = 20, α = 3, answers at once, rounds of α calls
 * to the very end, the classic rule) that was counted at four sizes, and that {@code TheoryTest}
 * counts anew; between them hops, calls and rounds grow with the logarithm of the size.
 *
 * @param hops to the nearest
 * @param calls until the lookup is over
 * @param rounds until the lookup is over
 */
record Theory(double hops, double calls, double rounds) {
  private static final int MODEL_K = 20;
  private static final int MODEL_ALPHA = 3;

  /** At 10^3, 10^4, 10^5 and 10^6 peers. */
  private static final Theory[] MODEL = {
    new Theory(1.89, 21.5, 7.5),
    new Theory(2.44, 22.9, 8.0),
    new Theory(2.91, 24.6, 8.6),
    new Theory(3.44, 26.0, 9.0)
  };

  private static final int FIRST_POWER = 3;

  /** The hops to the nearest of n peers by the formula; nobody is nearer than one hop. */
  static double hops(int nodes, int k) {
    double harmonic = 0;
    for (int i = 1; i <= k; i++) {
      harmonic += 1.0 / i;
    }
    return Math.max(1, Math.log(nodes) / harmonic);
  }

  /** What the model says, for the sizes and the numbers that it was made for. */
  static Optional<Theory> model(int nodes, int k, int alpha) {
    double at = Math.log10(nodes) - FIRST_POWER;
    if (k != MODEL_K || alpha != MODEL_ALPHA || at < 0 || at > MODEL.length - 1) {
      return Optional.empty();
    }
    int below = Math.min((int) at, MODEL.length - 2);
    Theory from = MODEL[below];
    Theory to = MODEL[below + 1];
    double share = at - below;
    return Optional.of(
        new Theory(
            between(from.hops, to.hops, share),
            between(from.calls, to.calls, share),
            between(from.rounds, to.rounds, share)));
  }

  private static double between(double from, double to, double share) {
    return from + (to - from) * share;
  }
}
