package dev.peerdiscovery.core.simulation;

import java.util.SplittableRandom;

/**
 * What draws numbers in a run. Each draws its own from the run's seed, which no other draws, of
 * this seed or of another: what one of them is asked more or less does not change what the others
 * do.
 */
enum Dice {
  /** What engines are given. */
  ENGINES(1),
  /** What becomes of messages. */
  WEATHER(2),
  /** Who is there when a run begins. */
  MEMBERS(3),
  /** What happens in it, and who asks for what. */
  COURSE(4),
  /** Who looks whom up. */
  PAIRS(5),
  /** Which faults there are. */
  SCHEDULE(6),
  /** Whom they befall. */
  FAULTS(7);

  private final long own;

  Dice(int number) {
    this.own = mixed(-number);
  }

  SplittableRandom of(long seed) {
    return new SplittableRandom(mixed(seed) ^ own);
  }

  /** The finalizer of MurmurHash3, by which neighbours come to lie far apart. */
  private static long mixed(long value) {
    long z = (value ^ (value >>> 33)) * 0xff51afd7ed558ccdL;
    z = (z ^ (z >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return z ^ (z >>> 33);
  }
}
