package dev.peerdiscovery.node;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import dev.peerdiscovery.core.engine.Engine;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the snapshot within a second of a change of contacts, and not while the node doubts
 * itself: an outage must not cost what a good time has learned. Files are written on a thread of
 * its own, since a disk may take seconds; while it does, only the latest snapshot waits.
 */
final class Saver {
  private static final Duration DELAY = Duration.ofMillis(500);
  private static final Duration WARN_EVERY = Duration.ofMinutes(10);
  private static final long IDLE_SECONDS = 10;

  private static final Logger LOG = LoggerFactory.getLogger(Saver.class);

  private final DataDirectory directory;
  private final NodeId id;
  private final String network;
  private final ScheduledExecutorService pool;
  private final ThreadPoolExecutor storage;
  private final AtomicBoolean scheduled = new AtomicBoolean();

  /** What is to be written next, if anything. */
  private final AtomicReference<DataDirectory.@Nullable Saved> next = new AtomicReference<>();

  /** The storage thread's. */
  private Optional<Long> warnedNanos = Optional.empty();

  Saver(DataDirectory directory, NodeId id, String network, ScheduledExecutorService pool) {
    this.directory = directory;
    this.id = id;
    this.network = network;
    this.pool = pool;
    this.storage =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            new ThreadFactoryBuilder().setDaemon(true).setNameFormat("peer-storage-%d").build());
    storage.allowCoreThreadTimeOut(true);
  }

  /** Notes what happened, and has the snapshot written soon if it matters for that. */
  void observe(Event event, Driver driver, Engine engine) {
    boolean matters =
        event instanceof Event.ContactEarned
            || event instanceof Event.ContactLost
            || event instanceof Event.SelfChanged;
    if (matters && scheduled.compareAndSet(false, true)) {
      try {
        pool.schedule(
            () -> driver.post(now -> save(engine)), DELAY.toMillis(), TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        LOG.debug("no snapshot, the node is closed");
      }
    }
  }

  /** The owner's: has what is known now written, on the other thread. */
  void save(Engine engine) {
    // First: what happens from now on is for another snapshot.
    scheduled.set(false);
    snapshot(engine).ifPresent(this::writeNext);
  }

  private void writeNext(DataDirectory.Saved saved) {
    if (next.getAndSet(saved) == null) {
      try {
        storage.execute(this::write);
      } catch (RejectedExecutionException e) {
        LOG.debug("no snapshot, the node is closed");
      }
    }
  }

  /** What is to be kept; nothing while the table is not to be trusted. */
  private Optional<DataDirectory.Saved> snapshot(Engine engine) {
    Optional<SignedPeerRecord> self = engine.self();
    if (!engine.isTableTrustworthy() || self.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new DataDirectory.Saved(network, self.get().content().sequence(), engine.worthKeeping()));
  }

  /** Writes what waits. When that fails the node goes on with the old one, and says so. */
  private void write() {
    DataDirectory.Saved saved = next.getAndSet(null);
    if (saved == null) {
      return;
    }
    try {
      directory.save(id, saved);
      warnedNanos = Optional.empty();
    } catch (IOException | RuntimeException e) {
      long now = System.nanoTime();
      if (warnedNanos.isEmpty() || now - warnedNanos.get() > WARN_EVERY.toNanos()) {
        warnedNanos = Optional.of(now);
        LOG.warn("the snapshot cannot be written, the node goes on without: {}", e.toString());
      }
    }
  }

  /**
   * Lets others use the directory once all is written; nothing is written after this. Waits for
   * that, but not for long: a disk that takes longer keeps the directory, not the caller.
   */
  void close(Duration patience) throws InterruptedException {
    storage.execute(directory::close);
    storage.shutdown();
    if (!storage.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      LOG.warn(
          "the last snapshot is not written after {} ms; the data directory stays locked until it is",
          patience.toMillis());
    }
  }
}
