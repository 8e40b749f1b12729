package dev.peerdiscovery.node;

import com.google.common.util.concurrent.MoreExecutors;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the code of applications: what follows on a future, observers, listeners. It runs on threads
 * where it may block, throw, or call the node again; the engine's owner only hands it over and goes
 * on ({@code docs/decisions/0033}). Thread-safe.
 *
 * <p>The threads are shared by all nodes of the process. They come when there is something to run
 * and end when there was nothing for a while, so nodes that share few threads of a host stay cheap.
 */
final class Callbacks {
  /** So much runs at a time for one node, or blocks; what is more waits until some of it ends. */
  static final int MAX_RUNNING = 32;

  /** What may wait for one observer; what is more is dropped, and counted. */
  static final int MAX_WAITING_OF_OBSERVER = 4096;

  private static final long IDLE_SECONDS = 10;

  /** Runs what it is given at once, on a thread that has nothing else to do. */
  static final Executor THREADS =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          new ThreadFactoryBuilder().setDaemon(true).setNameFormat("peer-callback-%d").build());

  private static final Logger LOG = LoggerFactory.getLogger(Callbacks.class);

  private final Executor threads;
  private final int maxRunning;

  /** First come, first run; bounded by what puts in: a task for each observer, watch and future. */
  private final Queue<Runnable> waiting = new ArrayDeque<>();

  private int running;

  Callbacks() {
    this(THREADS, MAX_RUNNING);
  }

  Callbacks(Executor threads, int maxRunning) {
    this.threads = threads;
    this.maxRunning = maxRunning;
  }

  /** Runs something soon, beside whatever else runs. */
  void run(Runnable code) {
    synchronized (this) {
      if (running == maxRunning) {
        waiting.add(code);
        return;
      }
      running++;
    }
    begin(code);
  }

  /** How much runs. */
  synchronized int running() {
    return running;
  }

  private void begin(Runnable code) {
    threads.execute(
        () -> {
          guarded(code);
          ended();
        });
  }

  private void ended() {
    Runnable next;
    synchronized (this) {
      next = waiting.poll();
      if (next == null) {
        running--;
        return;
      }
    }
    begin(next);
  }

  /** Runs one after another what it is given; of one that throws the others hear nothing. */
  Executor inOrder() {
    Executor inOrder = MoreExecutors.newSequentialExecutor(this::run);
    return code -> inOrder.execute(() -> guarded(code));
  }

  /** An application's code may throw whatever it likes: it is told of, and everything goes on. */
  private static void guarded(Runnable code) {
    try {
      code.run();
    } catch (Throwable e) {
      LOG.warn("code of the application failed: an observer, a listener, or a future's", e);
    }
  }

  /**
   * An observer to be told in order and one at a time, while the caller goes on.
   *
   * @param dropped is run for each message that is dropped, because too many wait
   */
  <T> Consumer<T> observer(Consumer<T> observer, Runnable dropped) {
    Mailbox mailbox = new Mailbox(MAX_WAITING_OF_OBSERVER);
    Executor inOrder = inOrder();
    return message -> {
      Mailbox.Put put =
          mailbox.put(
              () -> observer.accept(message),
              told -> {
                inOrder.execute(told);
                return true;
              });
      if (put == Mailbox.Put.DROPPED) {
        dropped.run();
      }
    };
  }

  /**
   * A future for an application: it completes as another one does, on a thread where what follows
   * on it may block.
   */
  <T> CompletableFuture<T> handOut(CompletableFuture<T> future) {
    if (future.isDone()) {
      return future.copy();
    }
    CompletableFuture<T> handedOut = new CompletableFuture<>();
    future.whenComplete(
        (value, error) ->
            run(
                () -> {
                  if (error == null) {
                    handedOut.complete(value);
                  } else {
                    handedOut.completeExceptionally(error);
                  }
                }));
    return handedOut;
  }
}
