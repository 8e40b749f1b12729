package dev.peerdiscovery.client;

import com.google.common.base.Ticker;
import com.google.common.util.concurrent.ForwardingExecutorService;
import com.google.common.util.concurrent.MoreExecutors;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** A timer whose time a test advances; what is due runs in the test's thread. Not thread-safe. */
final class FakeTimer extends ForwardingExecutorService implements ScheduledExecutorService {
  private static final long BEGINNING = Long.MAX_VALUE - 1_000;

  private final ExecutorService direct = MoreExecutors.newDirectExecutorService();
  private final PriorityQueue<Due> due =
      new PriorityQueue<>(Comparator.comparingLong((Due each) -> each.atNanos - BEGINNING));
  private long nowNanos = BEGINNING;

  private final class Due extends FutureTask<Object> implements ScheduledFuture<Object> {
    final long atNanos;

    Due(Runnable task, long atNanos) {
      super(task, null);
      this.atNanos = atNanos;
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(atNanos - nowNanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
    }
  }

  /** Reads this timer's time, which wraps soon after the beginning, as a clock's may. */
  Ticker ticker() {
    return new Ticker() {
      @Override
      public long read() {
        return nowNanos;
      }
    };
  }

  /** Lets time pass; returns after all that was due has run, in its order. */
  void advance(Duration time) {
    long until = nowNanos + time.toNanos();
    while (!due.isEmpty() && due.peek().atNanos - until <= 0) {
      Due next = due.remove();
      nowNanos = next.atNanos;
      next.run();
    }
    nowNanos = until;
  }

  /** Tasks that are to run and were not cancelled. */
  long waiting() {
    return due.stream().filter(each -> !each.isCancelled()).count();
  }

  @Override
  protected ExecutorService delegate() {
    return direct;
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
    Due each = new Due(task, nowNanos + unit.toNanos(delay));
    due.add(each);
    return each;
  }

  @Override
  public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
    throw new UnsupportedOperationException("no test needs it");
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable task, long first, long period, TimeUnit unit) {
    throw new UnsupportedOperationException("no test needs it");
  }

  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable task, long first, long delay, TimeUnit unit) {
    throw new UnsupportedOperationException("no test needs it");
  }
}
