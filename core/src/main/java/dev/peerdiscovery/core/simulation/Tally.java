package dev.peerdiscovery.core.simulation;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** How a number of lookups did. */
public final class Tally {
  private int lookups;
  private int found;
  private int exact;
  private double recall;
  private long hops;
  private long calls;
  private int[] hopCounts = new int[8];
  private long[] findNanos = new long[16];
  private int finds;
  private long[] finishNanos = new long[16];

  private int markLookups;
  private int markFound;
  private double markRecall;

  Tally() {}

  /** What {@link #sinceMark} counts from. */
  void mark() {
    markLookups = lookups;
    markFound = found;
    markRecall = recall;
  }

  void add(
      boolean isFound,
      boolean isExact,
      double share,
      int deep,
      int callsMade,
      long toFindNanos,
      long toFinishNanos) {
    if (lookups == finishNanos.length) {
      finishNanos = Arrays.copyOf(finishNanos, 2 * lookups);
      findNanos = Arrays.copyOf(findNanos, 2 * lookups);
    }
    finishNanos[lookups] = toFinishNanos;
    if (isFound && toFindNanos >= 0) {
      findNanos[finds++] = toFindNanos;
    }
    lookups++;
    found += isFound ? 1 : 0;
    exact += isExact ? 1 : 0;
    recall += share;
    hops += deep;
    if (deep >= hopCounts.length) {
      hopCounts = Arrays.copyOf(hopCounts, 2 * deep);
    }
    hopCounts[deep]++;
    calls += callsMade;
  }

  /** How the lookups did that ended after the {@linkplain #mark mark}. */
  Sample sinceMark(Duration until) {
    int count = lookups - markLookups;
    return new Sample(
        until,
        count,
        count == 0 ? 0 : (double) (found - markFound) / count,
        count == 0 ? 0 : (recall - markRecall) / count);
  }

  /** How many lookups ended. */
  public int lookups() {
    return lookups;
  }

  /** The share of lookups whose first contact is the nearest of all. */
  public double found() {
    return share(found);
  }

  /** How many lookups found exactly those that they should have, in order. */
  public int exact() {
    return exact;
  }

  /** The mean share of those found that should have been. */
  public double recall() {
    return share(recall);
  }

  /**
   * The mean number of hops to the nearest that answered: 1 where the asker had it as a contact.
   */
  public double hops() {
    return share((double) hops);
  }

  /** How many lookups took no hop, because nobody answered, how many one, and so on. */
  public List<Integer> hopCounts() {
    int length = hopCounts.length;
    while (length > 0 && hopCounts[length - 1] == 0) {
      length--;
    }
    return IntStream.of(Arrays.copyOf(hopCounts, length)).boxed().toList();
  }

  /** The mean number of calls of a lookup. */
  public double calls() {
    return share((double) calls);
  }

  private double share(double count) {
    return lookups == 0 ? 0 : count / lookups;
  }

  /** How long lookups took until the nearest of all had answered. */
  public Percentiles toFind() {
    return Percentiles.of(Arrays.copyOf(findNanos, finds));
  }

  /** How long lookups took until they were over. */
  public Percentiles toFinish() {
    return Percentiles.of(Arrays.copyOf(finishNanos, lookups));
  }

  @Override
  public String toString() {
    return lookups
        + " lookups, "
        + exact
        + " exact, found "
        + found()
        + ", recall "
        + recall()
        + ", calls "
        + calls();
  }
}
