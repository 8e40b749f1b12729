package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.EngineConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * A small network to which many things happen in a short time, all of it drawn from one seed.
 * Small, and with a tiny k, because there full buckets, lost neighbours and lonely peers are
 * everyday.
 *
 * @param seed what everything is drawn from
 * @param peers how many there are, 5 to 40
 * @param k contacts in a bucket, 1 to 4
 * @param alpha calls of a lookup under way, 1 to 3
 * @param smallIds whether ids are small numbers, which all lie in a few buckets
 * @param roundTripMillis the median round trip
 * @param sigma how much round trips scatter, each message for itself
 * @param paceMillis the mean time from one fault to the next
 * @param steps how many things happen
 * @param faults what may happen, beside lookups
 */
public record FaultSchedule(
    long seed,
    int peers,
    int k,
    int alpha,
    boolean smallIds,
    int roundTripMillis,
    double sigma,
    int paceMillis,
    int steps,
    List<Fault> faults) {
  /** Copies the list. */
  public FaultSchedule {
    faults = List.copyOf(faults);
  }

  /** Draws a schedule. */
  public static FaultSchedule of(long seed) {
    SplittableRandom random = Dice.SCHEDULE.of(seed);
    int peers = 5 + Math.min(random.nextInt(36), random.nextInt(36));
    int k = 1 + random.nextInt(4);
    int alpha = 1 + random.nextInt(3);
    boolean smallIds = random.nextInt(3) == 0;
    int roundTripMillis = 1 << random.nextInt(9);
    double sigma = random.nextInt(3) / 2.0;
    int paceMillis = 100 << random.nextInt(6);
    int steps = 10 + random.nextInt(60);
    List<Fault> faults = new ArrayList<>();
    for (Fault fault : Fault.values()) {
      if (random.nextBoolean()) {
        faults.add(fault);
      }
    }
    return new FaultSchedule(
        seed, peers, k, alpha, smallIds, roundTripMillis, sigma, paceMillis, steps, faults);
  }

  /** The numbers that its engines go by: upkeep that comes round soon. */
  EngineConfig config() {
    return EngineConfig.defaults().toBuilder()
        .k(k)
        .alpha(alpha)
        .livenessInterval(Duration.ofMillis(500))
        .livenessMinAge(Duration.ofSeconds(5))
        .refreshInterval(Duration.ofSeconds(30))
        .bootstrapFewInterval(Duration.ofSeconds(10))
        .bootstrapInterval(Duration.ofSeconds(30))
        .build();
  }

  /** Its options on one line. */
  @Override
  public String toString() {
    String names =
        faults.stream()
            .map(fault -> fault.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(","));
    return String.format(
        Locale.ROOT,
        "seed %d: peers %d, k %d, alpha %d, %s ids, rtt %d ms, sigma %s, pace %d ms, steps %d, %s",
        seed,
        peers,
        k,
        alpha,
        smallIds ? "small" : "random",
        roundTripMillis,
        sigma,
        paceMillis,
        steps,
        names.isEmpty() ? "no faults" : names);
  }
}
