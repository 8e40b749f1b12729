package dev.peerdiscovery.core.engine;

import java.time.Duration;

/**
 * When a region that somebody goes on with is looked at: at first as soon as the node has joined,
 * since before it knows neither whom to ask nor how large the network is; then every five minutes,
 * or ten when the last look was of no use; and earlier when many of the region failed, or contacts
 * came back that had gone away, which is how a network that was cut apart grows together.
 */
final class LookPlan {
  private static final Duration INTERVAL = Duration.ofMinutes(5);

  /** When there was nobody, or too few of them, or the node was not ready. */
  private static final Duration RETRY = Duration.ofSeconds(2);

  /** The least time between two looks because of those who failed or came back. */
  private static final Duration LEAST = Duration.ofSeconds(30);

  /** Within this time a look begins for which there is cause. */
  private static final Duration SPREAD = Duration.ofSeconds(1);

  /** So many that came back are no coincidence. */
  private static final int MANY_RETURNED = 3;

  private final Lookers lookers;
  private boolean underWay;
  private int returnedBefore;
  private long beganNanos;
  private long nextNanos = Long.MIN_VALUE;

  LookPlan(Lookers lookers) {
    this.lookers = lookers;
  }

  /** Whether a look is due; it then begins. */
  boolean begins(long nowNanos) {
    if (underWay) {
      return false;
    }
    if (lookers.contacts().returned() - returnedBefore >= MANY_RETURNED) {
      hasten();
    }
    if (nowNanos < nextNanos) {
      return false;
    }
    boolean isFull = lookers.lookups().underWay() >= lookers.config().lookupsMax();
    if (isFull || !lookers.isReady().getAsBoolean()) {
      nextNanos = nowNanos + RETRY.toNanos();
      return false;
    }
    underWay = true;
    beganNanos = nowNanos;
    returnedBefore = lookers.contacts().returned();
    return true;
  }

  /** Has the next look come earlier, but not at once after the last. */
  void hasten() {
    nextNanos = Math.min(nextNanos, beganNanos + LEAST.toNanos());
  }

  /** Has the next look come as soon as may be after what is known came in doubt. */
  void soon(long nowNanos) {
    // Not all at once: what is over here is over for all who watch it.
    long spread = (long) (SPREAD.toNanos() * lookers.jitter().nextDouble());
    nextNanos = Math.min(nextNanos, Math.max(nowNanos + spread, beganNanos + RETRY.toNanos()));
  }

  /** Has the next look come soon, because the last one did not say enough. */
  void again(long nowNanos) {
    nextNanos = Math.min(nextNanos, nowNanos + RETRY.toNanos());
  }

  /**
   * A look is over.
   *
   * @param region how many it found
   * @param isVain whether it showed nothing that was not known without it
   */
  void ended(int region, boolean isVain, long nowNanos) {
    underWay = false;
    // Up to a fifth more, so that those who began together do not stay so.
    double spread = 1 + 0.2 * lookers.jitter().nextDouble();
    long pause = (long) (INTERVAL.toNanos() * spread);
    nextNanos = nowNanos + (region == 0 ? RETRY.toNanos() : isVain ? 2 * pause : pause);
  }

  /** When {@link #begins} has to be asked again. */
  long nextWake() {
    return underWay ? Part.NEVER : nextNanos;
  }
}
