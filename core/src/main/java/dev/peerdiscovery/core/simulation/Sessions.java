package dev.peerdiscovery.core.simulation;

import java.time.Duration;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * How long peers stay: a Weibull distribution, of which the exponential is the one of shape 1. A
 * shape below 1 has many short stays and few very long ones, as measured networks have.
 *
 * @param median half of the sessions are shorter
 * @param shape of the distribution, 0.1 to 10
 */
public record Sessions(Duration median, double shape) {
  /** The longest there is: nobody looks on for longer. */
  private static final double MOST_NANOS = Duration.ofDays(3_650).toNanos();

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException when a value is out of its bounds
   */
  public Sessions {
    if (median.compareTo(Duration.ofSeconds(1)) < 0 || median.compareTo(Duration.ofDays(365)) > 0) {
      throw new IllegalArgumentException("session: must be 1 second to 365 days, got " + median);
    }
    if (!(shape >= 0.1 && shape <= 10)) {
      throw new IllegalArgumentException("session: the shape must be 0.1 to 10, got " + shape);
    }
  }

  /** Sessions that end at any moment with the same probability. */
  public static Sessions exponential(Duration median) {
    return new Sessions(median, 1);
  }

  /** Sessions of that shape. */
  public static Sessions weibull(Duration median, double shape) {
    return new Sessions(median, shape);
  }

  /**
   * Checks that of so many peers one at least is expected to stay for longer.
   *
   * @throws IllegalArgumentException when it is not
   */
  void checkOneStays(int peers, Duration time) {
    double medians = (double) time.toNanos() / median.toNanos();
    double longer = StrictMath.pow(2, -StrictMath.pow(medians, shape));
    if (peers * longer < 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "sessions: too short: of %d peers not one stays %d s",
              peers,
              time.toSeconds()));
    }
  }

  /** How long one peer stays. */
  Duration draw(SplittableRandom random) {
    double exponential = -StrictMath.log(1 - random.nextDouble()) / StrictMath.log(2);
    double nanos = median.toNanos() * StrictMath.pow(exponential, 1 / shape);
    return Duration.ofNanos((long) Math.min(MOST_NANOS, nanos));
  }
}
