package dev.peerdiscovery.core.simulation;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What is to happen, and when: a heap with four children to a node, in parallel arrays, so that an
 * entry costs no object. Among equal times the order is that of adding.
 */
final class Agenda {
  private static final int CHILDREN = 4;

  private long[] times = new long[64];
  private long[] numbers = new long[64];
  private @Nullable Object[] entries = new @Nullable Object[64];
  private int size;
  private long added;

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  /** When the next entry is due; {@code Long.MAX_VALUE} when there is none. */
  long nextNanos() {
    return size == 0 ? Long.MAX_VALUE : times[0];
  }

  void add(long atNanos, Object entry) {
    if (size == times.length) {
      times = Arrays.copyOf(times, 2 * size);
      numbers = Arrays.copyOf(numbers, 2 * size);
      entries = Arrays.copyOf(entries, 2 * size);
    }
    long number = added++;
    int at = size++;
    while (at > 0) {
      int parent = (at - 1) / CHILDREN;
      // A newcomer has the highest number, so it stays behind its equals.
      if (times[parent] <= atNanos) {
        break;
      }
      move(parent, at);
      at = parent;
    }
    put(at, atNanos, number, entry);
  }

  /** Takes out the next entry; there must be one. */
  Object remove() {
    Object first = entry(0);
    size--;
    long time = times[size];
    long number = numbers[size];
    Object last = entry(size);
    entries[size] = null;
    if (size > 0) {
      sink(time, number, last);
    }
    return first;
  }

  private void sink(long time, long number, Object entry) {
    int at = 0;
    while (true) {
      int child = at * CHILDREN + 1;
      if (child >= size) {
        break;
      }
      int end = Math.min(child + CHILDREN, size);
      int least = child;
      for (int other = child + 1; other < end; other++) {
        if (isBefore(times[other], numbers[other], times[least], numbers[least])) {
          least = other;
        }
      }
      if (!isBefore(times[least], numbers[least], time, number)) {
        break;
      }
      move(least, at);
      at = least;
    }
    put(at, time, number, entry);
  }

  private static boolean isBefore(long time, long number, long otherTime, long otherNumber) {
    return time < otherTime || (time == otherTime && number < otherNumber);
  }

  private Object entry(int at) {
    Object entry = entries[at];
    if (entry == null) {
      throw new IllegalStateException("the agenda is empty");
    }
    return entry;
  }

  private void move(int from, int to) {
    times[to] = times[from];
    numbers[to] = numbers[from];
    entries[to] = entries[from];
  }

  private void put(int at, long time, long number, Object entry) {
    times[at] = time;
    numbers[at] = number;
    entries[at] = entry;
  }
}
