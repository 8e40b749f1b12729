package dev.peerdiscovery.client;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads of one client, daemons that end when they are idle: a timer, which never runs code of
 * the application that may block, and threads that do, one for each future of the client's whose
 * continuations run just then. Thread-safe.
 */
final class ClientThreads implements AutoCloseable {
  private static final long IDLE_SECONDS = 10;

  private final ScheduledExecutorService timer;
  private final boolean ownsTimer;
  private final Executor callbacks;

  /**
   * Threads, which are started when there is something to do.
   *
   * @param name what the threads are called
   * @param given a timer of the application's, which is not closed here
   */
  ClientThreads(String name, Optional<ScheduledExecutorService> given) {
    this.ownsTimer = given.isEmpty();
    this.timer = given.orElseGet(() -> newTimer(name));
    this.callbacks =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            new ThreadFactoryBuilder()
                .setDaemon(true)
                .setNameFormat(name + "-callback-%d")
                .build());
  }

  private static ScheduledExecutorService newTimer(String name) {
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(
            1, new ThreadFactoryBuilder().setDaemon(true).setNameFormat(name + "-%d").build());
    timer.setRemoveOnCancelPolicy(true);
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    // A stream may begin anew just when the client is closed.
    timer.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
    timer.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    timer.allowCoreThreadTimeOut(true);
    return timer;
  }

  ScheduledExecutorService timer() {
    return timer;
  }

  /** Where continuations of the application's run; they may block. Takes work after close, too. */
  Executor callbacks() {
    return callbacks;
  }

  /** Ends the timer, without interrupting what runs on it, which may be the caller. */
  @Override
  public void close() {
    if (ownsTimer) {
      timer.shutdown();
    }
  }
}
