package dev.peerdiscovery.tests.trouble;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sees to it that nothing takes longer than it is documented to: everything that an application or
 * a host waits for is an {@link Act} with a bound. Thread-safe.
 */
final class Patience {
  /** What is added to every bound: this machine has other things to do. */
  private static final long SLACK_NANOS = Duration.ofSeconds(5).toNanos();

  /** What became of the acts of one kind. */
  private static final class Sum {
    final Map<String, Integer> outcomes = new TreeMap<>();
    long longestNanos;
    long boundNanos;
    int count;
    int hangs;
  }

  private final RunningTime time;
  private final Violations violations;
  private final Set<Act> underWay = ConcurrentHashMap.newKeySet();
  private final Map<String, Sum> sums = new TreeMap<>();

  Patience(RunningTime time, Violations violations) {
    this.time = time;
    this.violations = violations;
  }

  /** Something that somebody waits for on the calling thread, or in a future. */
  final class Act {
    private final String kind;
    private final Thread thread;
    private final boolean blocks;
    private final long beganNanos = time.nanos();
    private long dueNanos;
    private boolean interrupted;
    private boolean over;
    private boolean told;

    private Act(String kind, Duration bound, boolean blocks) {
      this.kind = kind;
      this.blocks = blocks;
      this.thread = Thread.currentThread();
      this.dueNanos = beganNanos + bound.toNanos() + SLACK_NANOS;
    }

    /** From now on it may take so long, unless it had less time anyway. */
    synchronized void endWithin(Duration time) {
      dueNanos = Math.min(dueNanos, Patience.this.time.nanos() + time.toNanos() + SLACK_NANOS);
    }

    /** Interrupts the thread that waits, unless that is over. */
    synchronized void interrupt(Duration within) {
      if (!over) {
        interrupted = true;
        endWithin(within);
        thread.interrupt();
      }
    }

    synchronized boolean wasInterrupted() {
      return interrupted;
    }

    /** It is over; how it ended is counted. */
    void ended(String outcome) {
      synchronized (this) {
        if (over) {
          return;
        }
        over = true;
      }
      underWay.remove(this);
      count(this, outcome);
    }

    private synchronized void check(long now) {
      if (over || told || now <= dueNanos) {
        return;
      }
      told = true;
      synchronized (sums) {
        sum(this).hangs++;
      }
      String where = blocks ? ", at " + at(thread) : "";
      violations.add(
          "hang",
          "%s is not over after %d ms, %d ms more than it may take%s"
              .formatted(
                  kind, (now - beganNanos) / 1_000_000, (now - dueNanos) / 1_000_000, where));
    }
  }

  private static String at(Thread thread) {
    return String.join(
        " < ",
        Arrays.stream(thread.getStackTrace())
            .filter(frame -> !frame.getClassName().startsWith("java."))
            .filter(frame -> !frame.getClassName().startsWith("jdk."))
            .limit(8)
            .map(frame -> frame.getFileName() + ":" + frame.getLineNumber())
            .toList());
  }

  /** The calling thread begins to wait for something. */
  Act blocking(String kind, Duration bound) {
    return begun(new Act(kind, bound, true));
  }

  /** A future is to complete. */
  Act promised(String kind, Duration bound) {
    return begun(new Act(kind, bound, false));
  }

  private Act begun(Act act) {
    synchronized (sums) {
      Sum sum = sum(act);
      sum.count++;
      sum.boundNanos = Math.max(sum.boundNanos, act.dueNanos - act.beganNanos);
    }
    underWay.add(act);
    return act;
  }

  private Sum sum(Act act) {
    return sums.computeIfAbsent(act.kind, kind -> new Sum());
  }

  private void count(Act act, String outcome) {
    long nanos = time.nanos() - act.beganNanos;
    synchronized (sums) {
      Sum sum = sum(act);
      sum.outcomes.merge(outcome, 1, Integer::sum);
      sum.longestNanos = Math.max(sum.longestNanos, nanos);
    }
  }

  /** Looks at all that is under way. */
  void check() {
    long now = time.nanos();
    underWay.forEach(act -> act.check(now));
  }

  int underWay() {
    return underWay.size();
  }

  /** A table of what became of the acts, kind by kind. */
  List<String> rows() {
    List<String> rows = new ArrayList<>();
    rows.add("| what | times | longest, ms | may take, ms | too long | how it ended |");
    rows.add("|---|---|---|---|---|---|");
    synchronized (sums) {
      sums.forEach(
          (kind, sum) ->
              rows.add(
                  "| %s | %d | %d | %d | %d | %s |"
                      .formatted(
                          kind,
                          sum.count,
                          sum.longestNanos / 1_000_000,
                          sum.boundNanos / 1_000_000,
                          sum.hangs,
                          sum.outcomes)));
    }
    return rows;
  }
}
