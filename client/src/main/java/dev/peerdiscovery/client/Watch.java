package dev.peerdiscovery.client;

import io.grpc.SynchronizationContext;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

/**
 * A look at a service that lasts until it is closed. When its node is lost it goes on at another
 * one, or at the same when that is back, and tells only what is different there. Thread-safe.
 */
public final class Watch implements AutoCloseable {
  /**
   * Is told what happens, one call at a time, in order. It must not block.
   *
   * <p>Nothing is told that a node did not say: an application that would rather go on with what it
   * knows while a node that has just started finds its way looks at {@link Change#snapshot}.
   */
  @FunctionalInterface
  public interface Listener {
    /**
     * The service has changed. The first call comes when the first look is over, also when nobody
     * provides the service.
     */
    void changed(Change change);

    /**
     * No node can be asked: all have failed since one was last heard. What is known stays, and may
     * be outdated. Told each time that all were tried; it goes on until the watch is closed.
     */
    default void interrupted(PeerException why) {}

    /** After an end of the stream a node has told all that it knows; changes were told before. */
    default void resumed() {}
  }

  private final ServiceView view = new ServiceView();
  private final KeptStream<ServiceView.Update> stream;
  private final CompletableFuture<Watch> synced = new CompletableFuture<>();
  private final Runnable onClose;

  private volatile List<Instance> instances = List.of();
  private volatile boolean truncated;

  Watch(
      String service,
      FailOver<DiscoveryNode> nodes,
      Listener listener,
      SynchronizationContext context,
      ScheduledExecutorService timer,
      Consumer<AutoCloseable> onClose) {
    this.onClose = () -> onClose.accept(this);
    this.stream =
        new KeptStream<>(
            "watching " + service,
            nodes,
            (node, sink) -> node.watch(service, sink),
            new Follower(listener),
            context,
            timer);
  }

  void start() {
    stream.start();
  }

  /** Keeps the view up to date. Runs in the stream's context. */
  private final class Follower implements KeptStream.Listener<ServiceView.Update> {
    private final Listener listener;
    private boolean first = true;

    Follower(Listener listener) {
      this.listener = listener;
    }

    @Override
    public void begins() {
      view.begin();
    }

    @Override
    public void received(ServiceView.Update update) {
      Optional<Change> change = view.receive(update);
      truncated = update.truncated();
      if (change.isEmpty()) {
        return;
      }
      instances = change.get().instances();
      if (first || !change.get().isEmpty()) {
        listener.changed(change.get());
      }
      if (change.get().snapshot() && !first) {
        listener.resumed();
      }
      first = false;
      synced.complete(Watch.this);
    }

    @Override
    public boolean ended(PeerException why, boolean everywhere) {
      if (everywhere) {
        listener.interrupted(why);
        // Before the first answer there is nothing to go on with: whoever waits learns it.
        synced.completeExceptionally(why);
      }
      return true;
    }
  }

  /** The instances that there were at the last change. */
  public List<Instance> instances() {
    return instances;
  }

  /** Whether its node said last that there are more: a large service may be known in part. */
  public boolean isTruncated() {
    return truncated;
  }

  /**
   * Completes when the first look is over. Fails when no node could be asked at the first try; the
   * watch goes on all the same, until it is closed.
   */
  public CompletableFuture<Watch> synced() {
    return synced.copy();
  }

  /** Ends it. Nothing is told afterwards, but for a call that is under way. */
  @Override
  public void close() {
    stream.close();
    onClose.run();
  }
}
