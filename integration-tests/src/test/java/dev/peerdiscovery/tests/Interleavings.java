package dev.peerdiscovery.tests;

import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.util.LoggingLevel;

/**
 * Has Lincheck run the operations of a structure on two threads, in many interleavings of their
 * steps, and hold what came of each against some order in which the operations could have been run
 * one after the other. A failure prints the interleaving.
 *
 * <p>Where an operation is more than one step of the class that it is for, it returns nothing, and
 * what has to hold in the end is said by a method with {@code @Validate}.
 */
public final class Interleavings {
  /** The tag of these checks: they run in a JVM of their own. */
  public static final String TAG = "interleavings";

  private static final int SCENARIOS = 8;
  private static final int INTERLEAVINGS = 40;
  private static final int RUNS = 100;

  private Interleavings() {}

  /**
   * Checks a structure whose operations are annotated, and what it says of itself in the end.
   *
   * @throws AssertionError when an interleaving has another outcome than any order has
   */
  public static void check(Class<?> structure) {
    new ModelCheckingOptions()
        .iterations(SCENARIOS)
        .invocationsPerIteration(INTERLEAVINGS)
        .threads(2)
        .actorsPerThread(2)
        .actorsBefore(1)
        .actorsAfter(1)
        .logLevel(LoggingLevel.ERROR)
        .check(structure);
  }

  /**
   * The same with threads that run as they like, for structures that stand on so much of others
   * that to run them step by step would take minutes.
   *
   * @throws AssertionError when a run has another outcome than any order has
   */
  public static void stress(Class<?> structure) {
    new StressOptions()
        .iterations(SCENARIOS)
        .invocationsPerIteration(RUNS)
        .threads(2)
        .actorsPerThread(3)
        .actorsBefore(1)
        .actorsAfter(1)
        .check(structure);
  }

  /** What a structure says of itself; in plain code, since this, too, is run step by step. */
  public static void require(boolean holds, Object seen) {
    if (!holds) {
      throw new IllegalStateException("got " + seen);
    }
  }
}
