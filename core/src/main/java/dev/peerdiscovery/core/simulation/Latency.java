package dev.peerdiscovery.core.simulation;

import java.time.Duration;
import java.util.Collection;
import java.util.random.RandomGenerator;

/**
 * How long messages take: a distribution of round trips, of which each way takes one half. It is
 * held as a table of quantiles, so that a draw costs one look-up whatever the distribution.
 */
public final class Latency {
  /** What a draw is for. */
  public enum Draw {
    /**
     * Each pair of peers has its round trip once and for all. Distance is what makes round trips
     * differ, and what timeouts that adapt can learn; it costs no memory, because the draw is a
     * hash of the pair. Right for everything that is compared with the world.
     */
    PAIR,
    /**
     * Each message is drawn for afresh, so that the same peer is quick now and slow then: harsher
     * than any network, right for looking for faults.
     */
    MESSAGE
  }

  private static final int QUANTILES = 4096;

  private final long[] roundTripNanos;
  private final Draw draw;

  private Latency(long[] roundTripNanos, Draw draw) {
    this.roundTripNanos = roundTripNanos;
    this.draw = draw;
  }

  /** The same for everybody. */
  public static Latency constant(Duration roundTrip) {
    return new Latency(new long[] {checked(roundTrip)}, Draw.PAIR);
  }

  /** Evenly between two round trips. */
  public static Latency uniform(Duration least, Duration most, Draw draw) {
    long from = checked(least);
    long span = checked(most) - from;
    if (span < 0) {
      throw new IllegalArgumentException("latency: the least is above the most");
    }
    long[] quantiles = new long[QUANTILES];
    for (int i = 0; i < QUANTILES; i++) {
      quantiles[i] = from + (long) (span * middle(i));
    }
    return new Latency(quantiles, draw);
  }

  /**
   * Lognormal, which is what round trips between hosts look like.
   *
   * @param median half of the round trips are below it
   * @param sigma the deviation of their logarithm; 0.5 has a 95th percentile of 2.3 medians, 1 one
   *     of 5.2
   */
  public static Latency lognormal(Duration median, double sigma, Draw draw) {
    if (!(sigma >= 0 && sigma <= 3)) {
      throw new IllegalArgumentException("latency: sigma must be 0 to 3, got " + sigma);
    }
    long nanos = checked(median);
    long[] quantiles = new long[QUANTILES];
    for (int i = 0; i < QUANTILES; i++) {
      quantiles[i] = (long) (nanos * StrictMath.exp(sigma * Normal.quantile(middle(i))));
    }
    return new Latency(quantiles, draw);
  }

  /** Round trips that were measured, each as likely as the others. */
  public static Latency measured(Collection<Duration> roundTrips, Draw draw) {
    if (roundTrips.isEmpty()) {
      throw new IllegalArgumentException("latency: no round trips");
    }
    return new Latency(roundTrips.stream().mapToLong(Latency::checked).sorted().toArray(), draw);
  }

  private static long checked(Duration roundTrip) {
    if (roundTrip.isNegative() || roundTrip.compareTo(Duration.ofMinutes(10)) > 0) {
      throw new IllegalArgumentException("latency: must be 0 to 10 minutes, got " + roundTrip);
    }
    return roundTrip.toNanos();
  }

  private static double middle(int quantile) {
    return (quantile + 0.5) / QUANTILES;
  }

  /** The round trip that half of all draws are not above. */
  public Duration median() {
    return Duration.ofNanos(roundTripNanos[(roundTripNanos.length - 1) / 2]);
  }

  /**
   * What one message takes.
   *
   * @param seed of the network
   * @param from the place that it leaves from
   * @param to the place that it goes to
   * @param random for draws that are made afresh
   */
  long oneWayNanos(long seed, int from, int to, RandomGenerator random) {
    if (roundTripNanos.length == 1) {
      return roundTripNanos[0] / 2;
    }
    long bits =
        draw == Draw.MESSAGE
            ? random.nextLong()
            : TraceHash.mix(
                seed ^ TraceHash.mix(((long) Math.min(from, to) << 32) | Math.max(from, to)));
    return roundTripNanos[(int) Math.multiplyHigh(bits >>> 1, 2L * roundTripNanos.length)] / 2;
  }
}
