package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.lookup.DisjointLookup;
import dev.peerdiscovery.core.message.FindNodeResponse;
import java.time.Duration;

/**
 * The numbers that an engine goes by. Immutable; {@link #defaults()} suits production, {@link
 * #toBuilder} changes single values.
 *
 * @param k contacts in a bucket, peers in an answer, and the size of a lookup's result; 1 to 64
 * @param alpha calls of a lookup under way before its final sweep; at least 1
 * @param paths disjoint paths of a lookup, 1 to 16; joining in public scope takes at least 4
 * @param softTimeoutMin the least time before a lookup asks others beside a peer that is late
 * @param softTimeoutMax the most, and the time given to peers while no round trip was measured
 * @param lostAfterMin the least time before a lookup holds a call to be lost and makes it once more
 * @param callDeadline the time that a FindNode may take
 * @param pingDeadline the time that a Ping may take
 * @param lookupDeadline the time that a whole lookup may take
 * @param lookupsMax lookups under way at once; more are refused
 * @param livenessInterval mean time between two checks of contacts that have not been heard of
 * @param livenessMinAge a contact that answered within this time is not checked
 * @param suspectRecheck time to the next check of a contact that missed one call; doubles
 * @param evictAfter calls in a row that a contact must miss to be evicted; at least 2
 * @param refreshInterval time after which a bucket without a lookup is refreshed, ±20%
 * @param bootstrapRetryMin first pause between bootstrap rounds while there is no contact; doubles
 *     to {@code bootstrapFewInterval}
 * @param bootstrapFewInterval pause between rounds while there are fewer than k contacts
 * @param bootstrapInterval pause between rounds otherwise
 * @param departedRetryMin first pause before a contact that went away is called again; doubles
 * @param departedRetryFast the longest such pause in the first ten minutes
 * @param departedRetrySlow the longest such pause later
 * @param departedForget when a contact that went away is forgotten
 * @param doubtAfter how long everything must fail, with nothing coming in, before the node suspects
 *     itself
 * @param leaveDeadline the time that saying farewell may take
 */
public record EngineConfig(
    int k,
    int alpha,
    int paths,
    Duration softTimeoutMin,
    Duration softTimeoutMax,
    Duration lostAfterMin,
    Duration callDeadline,
    Duration pingDeadline,
    Duration lookupDeadline,
    int lookupsMax,
    Duration livenessInterval,
    Duration livenessMinAge,
    Duration suspectRecheck,
    int evictAfter,
    Duration refreshInterval,
    Duration bootstrapRetryMin,
    Duration bootstrapFewInterval,
    Duration bootstrapInterval,
    Duration departedRetryMin,
    Duration departedRetryFast,
    Duration departedRetrySlow,
    Duration departedForget,
    Duration doubtAfter,
    Duration leaveDeadline) {

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException when a value is out of its bounds
   */
  public EngineConfig {
    check(k >= 1 && k <= FindNodeResponse.MAX_PEERS, "k: must be 1 to 64, got " + k);
    check(alpha >= 1 && alpha <= 64, "alpha: must be 1 to 64, got " + alpha);
    check(paths >= 1 && paths <= DisjointLookup.MAX_PATHS, "paths: must be 1 to 16, got " + paths);
    check(lookupsMax >= 2, "lookupsMax: must be at least 2, got " + lookupsMax);
    check(evictAfter >= 2, "evictAfter: must be at least 2, got " + evictAfter);
    for (Duration duration :
        new Duration[] {
          softTimeoutMin,
          softTimeoutMax,
          lostAfterMin,
          callDeadline,
          pingDeadline,
          lookupDeadline,
          livenessInterval,
          livenessMinAge,
          suspectRecheck,
          refreshInterval,
          bootstrapRetryMin,
          bootstrapFewInterval,
          bootstrapInterval,
          departedRetryMin,
          departedRetryFast,
          departedRetrySlow,
          departedForget,
          doubtAfter,
          leaveDeadline
        }) {
      check(
          !duration.isNegative() && !duration.isZero() && duration.compareTo(MAX) <= 0,
          "durations: must be above 0 and at most 365 days, got " + duration);
    }
    check(softTimeoutMin.compareTo(softTimeoutMax) <= 0, "softTimeoutMin: above softTimeoutMax");
  }

  /** The most that {@link Builder#pace} quickens. */
  public static final int MAX_PACE = 20;

  private static final Duration MAX = Duration.ofDays(365);

  private static void check(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  /** The values for production ({@code docs/protocol.md} lists them). */
  public static EngineConfig defaults() {
    return new Builder().build();
  }

  /** A builder that starts from these values. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Changes single values. Not thread-safe. */
  public static final class Builder {
    private int k = 20;
    private int alpha = 3;
    private int paths = 1;
    private Duration softTimeoutMin = Duration.ofMillis(100);
    private Duration softTimeoutMax = Duration.ofSeconds(1);
    private Duration lostAfterMin = Duration.ofMillis(500);
    private Duration callDeadline = Duration.ofSeconds(2);
    private Duration pingDeadline = Duration.ofSeconds(1);
    private Duration lookupDeadline = Duration.ofSeconds(10);
    private int lookupsMax = 256;
    private Duration livenessInterval = Duration.ofSeconds(2);
    private Duration livenessMinAge = Duration.ofSeconds(15);
    private Duration suspectRecheck = Duration.ofSeconds(4);
    private int evictAfter = 2;
    private Duration refreshInterval = Duration.ofMinutes(10);
    private Duration bootstrapRetryMin = Duration.ofMillis(500);
    private Duration bootstrapFewInterval = Duration.ofSeconds(30);
    private Duration bootstrapInterval = Duration.ofMinutes(5);
    private Duration departedRetryMin = Duration.ofSeconds(5);
    private Duration departedRetryFast = Duration.ofSeconds(30);
    private Duration departedRetrySlow = Duration.ofMinutes(4);
    private Duration departedForget = Duration.ofDays(2);
    private Duration doubtAfter = Duration.ofSeconds(10);
    private Duration leaveDeadline = Duration.ofSeconds(1);

    private Builder() {}

    private Builder(EngineConfig from) {
      k = from.k;
      alpha = from.alpha;
      paths = from.paths;
      softTimeoutMin = from.softTimeoutMin;
      softTimeoutMax = from.softTimeoutMax;
      lostAfterMin = from.lostAfterMin;
      callDeadline = from.callDeadline;
      pingDeadline = from.pingDeadline;
      lookupDeadline = from.lookupDeadline;
      lookupsMax = from.lookupsMax;
      livenessInterval = from.livenessInterval;
      livenessMinAge = from.livenessMinAge;
      suspectRecheck = from.suspectRecheck;
      evictAfter = from.evictAfter;
      refreshInterval = from.refreshInterval;
      bootstrapRetryMin = from.bootstrapRetryMin;
      bootstrapFewInterval = from.bootstrapFewInterval;
      bootstrapInterval = from.bootstrapInterval;
      departedRetryMin = from.departedRetryMin;
      departedRetryFast = from.departedRetryFast;
      departedRetrySlow = from.departedRetrySlow;
      departedForget = from.departedForget;
      doubtAfter = from.doubtAfter;
      leaveDeadline = from.leaveDeadline;
    }

    /** Sets {@link EngineConfig#k}. */
    public Builder k(int value) {
      k = value;
      return this;
    }

    /** Sets {@link EngineConfig#alpha}. */
    public Builder alpha(int value) {
      alpha = value;
      return this;
    }

    /** Sets {@link EngineConfig#paths}. */
    public Builder paths(int value) {
      paths = value;
      return this;
    }

    /** Sets {@link EngineConfig#softTimeoutMin}. */
    public Builder softTimeoutMin(Duration value) {
      softTimeoutMin = value;
      return this;
    }

    /** Sets {@link EngineConfig#softTimeoutMax}. */
    public Builder softTimeoutMax(Duration value) {
      softTimeoutMax = value;
      return this;
    }

    /** Sets {@link EngineConfig#lostAfterMin}. */
    public Builder lostAfterMin(Duration value) {
      lostAfterMin = value;
      return this;
    }

    /** Sets {@link EngineConfig#callDeadline}. */
    public Builder callDeadline(Duration value) {
      callDeadline = value;
      return this;
    }

    /** Sets {@link EngineConfig#pingDeadline}. */
    public Builder pingDeadline(Duration value) {
      pingDeadline = value;
      return this;
    }

    /** Sets {@link EngineConfig#lookupDeadline}. */
    public Builder lookupDeadline(Duration value) {
      lookupDeadline = value;
      return this;
    }

    /** Sets {@link EngineConfig#lookupsMax}. */
    public Builder lookupsMax(int value) {
      lookupsMax = value;
      return this;
    }

    /** Sets {@link EngineConfig#livenessInterval}. */
    public Builder livenessInterval(Duration value) {
      livenessInterval = value;
      return this;
    }

    /** Sets {@link EngineConfig#livenessMinAge}. */
    public Builder livenessMinAge(Duration value) {
      livenessMinAge = value;
      return this;
    }

    /** Sets {@link EngineConfig#suspectRecheck}. */
    public Builder suspectRecheck(Duration value) {
      suspectRecheck = value;
      return this;
    }

    /** Sets {@link EngineConfig#refreshInterval}. */
    public Builder refreshInterval(Duration value) {
      refreshInterval = value;
      return this;
    }

    /** Sets {@link EngineConfig#bootstrapFewInterval}. */
    public Builder bootstrapFewInterval(Duration value) {
      bootstrapFewInterval = value;
      return this;
    }

    /** Sets {@link EngineConfig#bootstrapInterval}. */
    public Builder bootstrapInterval(Duration value) {
      bootstrapInterval = value;
      return this;
    }

    /** Sets {@link EngineConfig#departedRetryMin}. */
    public Builder departedRetryMin(Duration value) {
      departedRetryMin = value;
      return this;
    }

    /** Sets {@link EngineConfig#doubtAfter}. */
    public Builder doubtAfter(Duration value) {
      doubtAfter = value;
      return this;
    }

    /**
     * Has everything that a node does of its own accord done so many times as often: checks of
     * contacts, bucket refreshes, rounds of the seeds, retries of those that went away. The time
     * that others are given to answer in stays.
     *
     * @throws IllegalArgumentException when the pace is not 1 to {@value #MAX_PACE}
     */
    public Builder pace(int times) {
      check(times >= 1 && times <= MAX_PACE, "pace: must be 1 to 20, got " + times);
      livenessInterval = livenessInterval.dividedBy(times);
      livenessMinAge = livenessMinAge.dividedBy(times);
      suspectRecheck = suspectRecheck.dividedBy(times);
      refreshInterval = refreshInterval.dividedBy(times);
      bootstrapRetryMin = bootstrapRetryMin.dividedBy(times);
      bootstrapFewInterval = bootstrapFewInterval.dividedBy(times);
      bootstrapInterval = bootstrapInterval.dividedBy(times);
      departedRetryMin = departedRetryMin.dividedBy(times);
      departedRetryFast = departedRetryFast.dividedBy(times);
      departedRetrySlow = departedRetrySlow.dividedBy(times);
      return this;
    }

    /**
     * The configuration.
     *
     * @throws IllegalArgumentException when a value is out of its bounds
     */
    public EngineConfig build() {
      return new EngineConfig(
          k,
          alpha,
          paths,
          softTimeoutMin,
          softTimeoutMax,
          lostAfterMin,
          callDeadline,
          pingDeadline,
          lookupDeadline,
          lookupsMax,
          livenessInterval,
          livenessMinAge,
          suspectRecheck,
          evictAfter,
          refreshInterval,
          bootstrapRetryMin,
          bootstrapFewInterval,
          bootstrapInterval,
          departedRetryMin,
          departedRetryFast,
          departedRetrySlow,
          departedForget,
          doubtAfter,
          leaveDeadline);
    }
  }
}
