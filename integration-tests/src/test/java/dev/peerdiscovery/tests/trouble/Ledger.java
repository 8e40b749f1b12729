package dev.peerdiscovery.tests.trouble;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * What has to be found and what must not be. Every instance has a number of its own, which its
 * metadata carries; it is wanted while its lease is open and its server runs, unwanted when it is
 * not, and neither while that is being decided. A place is where instances are looked at: a watch
 * or a node. Thread-safe.
 */
final class Ledger {
  private static final int LONGEST_NOTE = 200;

  private enum State {
    UNDECIDED,
    WANTED,
    UNWANTED
  }

  private static final class Entry {
    final String service;

    /** What was done with it. */
    String what;

    /** What its lease says of itself. */
    Supplier<String> lease = () -> "";

    State state = State.UNDECIDED;
    long sinceNanos;

    /** When each place showed it last. */
    final Map<String, Long> seen = new HashMap<>();

    /** The places of which a broken invariant was said in this state. */
    final Set<String> told = new HashSet<>();

    Entry(String service, String what, long nowNanos) {
      this.service = service;
      this.what = what;
      this.sinceNanos = nowNanos;
    }
  }

  private final RunningTime time;
  private final Violations violations;
  private final long lostNanos;
  private final long goneNanos;
  private final long keptNanos;
  private final Map<Integer, Entry> entries = new HashMap<>();
  private final Set<String> unknownTold = new HashSet<>();
  private int last;

  /**
   * An empty one.
   *
   * @param lost the longest time that a wanted instance may be missing at a place
   * @param gone the longest time that an unwanted instance may be shown
   */
  Ledger(RunningTime time, Violations violations, Duration lost, Duration gone) {
    this.time = time;
    this.violations = violations;
    this.lostNanos = lost.toNanos();
    this.goneNanos = gone.toNanos();
    this.keptNanos = 10 * goneNanos;
  }

  /**
   * Draws a number, undecided.
   *
   * @param what how it came to be, for what is said about it
   */
  synchronized int draw(String service, String what) {
    entries.put(++last, new Entry(service, what, time.nanos()));
    return last;
  }

  /** Something is being done with an instance, for what is said about it. */
  synchronized void note(int number, String what) {
    Entry entry = entries.get(number);
    if (entry != null && entry.what.length() < LONGEST_NOTE) {
      entry.what += "; " + what;
    }
  }

  /** Asks the lease of an instance how it is, where the instance is lost. */
  synchronized void ask(int number, Supplier<String> lease) {
    Entry entry = entries.get(number);
    if (entry != null) {
      entry.lease = lease;
    }
  }

  void want(int number) {
    enter(number, State.WANTED);
  }

  void reject(int number) {
    enter(number, State.UNWANTED);
  }

  /** It may be shown or not until this is decided. */
  void leaveOpen(int number) {
    enter(number, State.UNDECIDED);
  }

  private synchronized void enter(int number, State state) {
    Entry entry = entries.get(number);
    if (entry == null) {
      throw new IllegalStateException("instance " + number + " is forgotten already");
    }
    if (entry.state != state) {
      entry.state = state;
      entry.sinceNanos = time.nanos();
      entry.told.clear();
      entry.seen.clear();
    }
  }

  /**
   * Holds what a place shows of a service against what is known.
   *
   * @param sinceNanos since when the place is able to show what is right
   */
  synchronized void look(
      String place, long sinceNanos, String service, Collection<Integer> numbers) {
    long now = time.nanos();
    for (Map.Entry<Integer, Entry> each : entries.entrySet()) {
      if (each.getValue().service.equals(service)) {
        boolean isShown = numbers.contains(each.getKey());
        look(place, sinceNanos, each.getKey(), each.getValue(), isShown, now);
      }
    }
    for (int number : numbers) {
      if (!entries.containsKey(number)
          && now - sinceNanos > goneNanos
          && unknownTold.add(place + " " + number)) {
        violations.add("gone", place + " shows instance " + number + " that ended long ago");
      }
    }
  }

  private void look(String place, long since, int number, Entry entry, boolean isShown, long now) {
    if (isShown) {
      entry.seen.put(place, now);
    }
    long from = Math.max(since, entry.sinceNanos);
    if (entry.state == State.WANTED) {
      long missing = now - Math.max(from, entry.seen.getOrDefault(place, from));
      if (missing > lostNanos && entry.told.add(place)) {
        violations.add(
            "lost",
            "%s does not show instance %d (%s) of %s for %d ms; its lease says: %s"
                .formatted(
                    place,
                    number,
                    entry.what,
                    entry.service,
                    missing / 1_000_000,
                    entry.lease.get()));
      }
    } else if (entry.state == State.UNWANTED && isShown) {
      long tooLong = now - from;
      if (tooLong > goneNanos && entry.told.add(place)) {
        violations.add(
            "gone",
            "%s shows instance %d (%s) of %s %d ms after its end"
                .formatted(place, number, entry.what, entry.service, tooLong / 1_000_000));
      }
    }
  }

  /** Whether a place shows just what is wanted; what is undecided does not count. */
  synchronized boolean isExact(String service, Collection<Integer> numbers) {
    return difference(service, numbers).isEmpty();
  }

  /** What a place shows too much or too little: {@code +7} and {@code -7}. */
  synchronized Set<String> difference(String service, Collection<Integer> numbers) {
    Set<String> difference = new TreeSet<>();
    for (Map.Entry<Integer, Entry> each : entries.entrySet()) {
      Entry entry = each.getValue();
      if (entry.service.equals(service)) {
        boolean isShown = numbers.contains(each.getKey());
        if (entry.state == State.WANTED && !isShown) {
          difference.add("-" + each.getKey() + " (" + entry.what + ")");
        } else if (entry.state == State.UNWANTED && isShown) {
          difference.add("+" + each.getKey() + " (" + entry.what + ")");
        }
      }
    }
    return difference;
  }

  /** Forgets what ended long ago, instances and places. */
  synchronized void forget() {
    long now = time.nanos();
    for (Iterator<Entry> each = entries.values().iterator(); each.hasNext(); ) {
      Entry entry = each.next();
      if (entry.state == State.UNWANTED && now - entry.sinceNanos > keptNanos) {
        each.remove();
      } else {
        // A watch that was closed is no place any more.
        entry.seen.values().removeIf(seenNanos -> now - seenNanos > keptNanos);
      }
    }
  }

  synchronized long wanted(String service) {
    return entries.values().stream()
        .filter(entry -> entry.service.equals(service) && entry.state == State.WANTED)
        .count();
  }

  /** How many wanted instances of a service there have been all the time for so long. */
  synchronized long wantedFor(String service, Duration time) {
    long now = this.time.nanos();
    return entries.values().stream()
        .filter(entry -> entry.service.equals(service) && entry.state == State.WANTED)
        .filter(entry -> now - entry.sinceNanos > time.toNanos())
        .count();
  }
}
