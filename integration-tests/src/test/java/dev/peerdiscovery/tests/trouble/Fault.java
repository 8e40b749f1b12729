package dev.peerdiscovery.tests.trouble;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What the code of an application does wrong where it is called back. */
final class Fault {
  private Fault() {}

  /** In two of ten calls throws an exception, in two an error, and in one takes its time. */
  static void maybe(SplittableRandom random) {
    int drawn;
    synchronized (random) {
      drawn = random.nextInt(10);
    }
    switch (drawn) {
      case 0, 1 -> throw new IllegalStateException("a listener that throws");
      case 2, 3 -> throw new AssertionError("a listener that throws an error");
      case 4 -> LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
      default -> {}
    }
  }
}
