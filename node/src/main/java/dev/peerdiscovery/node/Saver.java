package dev.peerdiscovery.node;

import dev.peerdiscovery.core.engine.Engine;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the snapshot within a second of a change of contacts, off the engine's turn, and not while
 * the node doubts itself: an outage must not cost what a good time has learned.
 */
final class Saver {
  private static final Duration DELAY = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration WARN_EVERY = Duration.ofMinutes(10);

  private static final Logger LOG = LoggerFactory.getLogger(Saver.class);

  private final DataDirectory directory;
  private final NodeId id;
  private final String network;
  private final ScheduledExecutorService pool;
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private Optional<Long> warnedNanos = Optional.empty();

  Saver(DataDirectory directory, NodeId id, String network, ScheduledExecutorService pool) {
    this.directory = directory;
    this.id = id;
    this.network = network;
    this.pool = pool;
  }

  /** Notes what happened, and has the snapshot written soon if it matters for that. */
  void observe(Event event, Driver driver, Engine engine) {
    boolean matters =
        event instanceof Event.ContactEarned
            || event instanceof Event.ContactLost
            || event instanceof Event.SelfChanged;
    if (matters && scheduled.compareAndSet(false, true)) {
      try {
        pool.schedule(() -> save(driver, engine), DELAY.toMillis(), TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        LOG.debug("no snapshot, the node is closed");
      }
    }
  }

  private void save(Driver driver, Engine engine) {
    scheduled.set(false);
    driver.ask(now -> snapshot(engine)).thenAcceptAsync(s -> s.ifPresent(this::write), pool);
  }

  /** Writes what there is now, before the node leaves; waits for it, but not for long. */
  void saveNow(Driver driver, Engine engine) {
    try {
      driver
          .ask(now -> snapshot(engine))
          .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
          .ifPresent(this::write);
    } catch (TimeoutException | ExecutionException e) {
      LOG.warn("the last snapshot was not taken", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
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

  /** Writes a snapshot now. When that fails the node goes on with the old one, and says so. */
  private synchronized void write(DataDirectory.Saved saved) {
    try {
      directory.save(id, saved);
      warnedNanos = Optional.empty();
    } catch (IOException e) {
      long now = System.nanoTime();
      if (warnedNanos.isEmpty() || now - warnedNanos.get() > WARN_EVERY.toNanos()) {
        warnedNanos = Optional.of(now);
        LOG.warn("the snapshot cannot be written, the node goes on without: {}", e.toString());
      }
    }
  }
}
