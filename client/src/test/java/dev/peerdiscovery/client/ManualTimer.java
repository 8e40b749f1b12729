package dev.peerdiscovery.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A timer whose time passes only when a test says so, on the test's thread. Thread-safe. */
final class ManualTimer extends ScheduledThreadPoolExecutor {
  private final List<Task<?>> tasks = new ArrayList<>();
  private long nowNanos;
  private long drawn;

  ManualTimer() {
    super(0);
  }

  private final class Task<V> extends FutureTask<V> implements RunnableScheduledFuture<V> {
    private final long atNanos;
    private final long order = drawn++;

    Task(Callable<V> call, long delayNanos) {
      super(call);
      this.atNanos = nowNanos + Math.max(0, delayNanos);
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(atNanos - nowNanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      Task<?> task = (Task<?>) other;
      int byTime = Long.compare(atNanos, task.atNanos);
      return byTime != 0 ? byTime : Long.compare(order, task.order);
    }

    @Override
    public boolean isPeriodic() {
      return false;
    }
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
    return schedule(
        () -> {
          task.run();
          return null;
        },
        delay,
        unit);
  }

  @Override
  public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
    synchronized (tasks) {
      Task<V> scheduled = new Task<>(task, unit.toNanos(delay));
      tasks.add(scheduled);
      return scheduled;
    }
  }

  /** How long until the next task; empty when nothing is to be done. */
  Optional<Duration> next() {
    synchronized (tasks) {
      return first().map(task -> Duration.ofNanos(task.atNanos - nowNanos));
    }
  }

  private Optional<Task<?>> first() {
    tasks.removeIf(Task::isDone);
    return tasks.stream().min(Comparator.naturalOrder());
  }

  /** Lets time pass, and does what is due by then, in order. */
  void pass(Duration time) {
    long until;
    synchronized (tasks) {
      until = nowNanos + time.toNanos();
    }
    for (Optional<Task<?>> due = due(until); due.isPresent(); due = due(until)) {
      due.get().run();
    }
  }

  /** The next task by a time, which is then now; without one that time is. */
  private Optional<Task<?>> due(long until) {
    synchronized (tasks) {
      Optional<Task<?>> next = first().filter(task -> task.atNanos <= until);
      nowNanos = next.isPresent() ? next.get().atNanos : until;
      return next;
    }
  }
}
