package dev.peerdiscovery.core.simulation;

import java.time.Duration;
import java.util.SplittableRandom;

/** What the network does to messages: how long they take, which are lost, who reaches whom. */
public final class Weather {
  /** What becomes of a call's two messages, as far as loss goes. */
  enum Fate {
    FINE,
    REQUEST_LOST,
    ANSWER_LOST
  }

  private final long seed;
  private final SplittableRandom random;
  private Latency latency = Latency.constant(Duration.ofMillis(20));
  private double loss;
  private Reach reach = Reach.EVERYBODY;

  Weather(long seed) {
    this.seed = seed;
    this.random = Dice.WEATHER.of(seed);
  }

  /** Sets how long messages take from now on; at first every round trip takes 20 ms. */
  public void latency(Latency value) {
    latency = value;
  }

  /**
   * Sets the share of calls that are lost from now on: half of them on their way to the callee,
   * half on their way back.
   *
   * @throws IllegalArgumentException when it is not a share
   */
  public void loss(double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException("loss: must be 0 to 1, got " + value);
    }
    loss = value;
  }

  /** Sets who reaches whom from now on. */
  public void reach(Reach value) {
    reach = value;
  }

  /** Whether a message gets through. */
  public boolean passes(VirtualPeer from, VirtualPeer to) {
    return reach.passes(from, to);
  }

  long oneWayNanos(int from, int to) {
    return latency.oneWayNanos(seed, from, to, random);
  }

  Fate fateOfCall() {
    if (loss == 0) {
      return Fate.FINE;
    }
    double draw = random.nextDouble();
    if (draw >= loss) {
      return Fate.FINE;
    }
    return draw < loss / 2 ? Fate.REQUEST_LOST : Fate.ANSWER_LOST;
  }
}
