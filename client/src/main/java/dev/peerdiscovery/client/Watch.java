package dev.peerdiscovery.client;

import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.Refusal;
import io.grpc.SynchronizationContext;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A look at a service that lasts until it is closed. When its node is lost it goes on at another
 * one, or at the same when that is back, and tells only what is different there. Thread-safe.
 */
public final class Watch implements AutoCloseable {
  /**
   * Is told what happens, one call at a time, in order. It must not block. What it throws is logged
   * and changes nothing.
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

    /**
     * No node has room for the watch ({@link Refusal.Reason#FULL}), and none has told anything yet.
     * The watch is over; a log says so, too.
     */
    default void refused(PeerException why) {}
  }

  private static final Logger LOG = LoggerFactory.getLogger(Watch.class);

  private final String service;
  private final ServiceView view;
  private final KeptStream<ServiceView.Update> stream;
  private final Waiting waiting;
  private final CompletableFuture<Watch> synced = new CompletableFuture<>();
  private final Runnable onClose;

  private volatile List<Instance> instances = List.of();
  private volatile boolean truncated;

  Watch(
      String service,
      Predicate<Instance> accepted,
      FailOver<DiscoveryNode> nodes,
      Listener listener,
      SynchronizationContext context,
      ClientThreads threads,
      Waiting waiting,
      boolean persistent,
      Consumer<Watch> onClose) {
    this.service = service;
    this.waiting = waiting;
    this.view = new ServiceView(accepted);
    this.onClose = () -> onClose.accept(this);
    this.stream =
        new KeptStream<>(
            "watching " + service,
            nodes,
            (node, sink) -> node.watch(service, sink),
            new Follower(listener),
            context,
            threads.timer(),
            persistent);
  }

  void start() {
    stream.start();
  }

  /** What a caller waits for that began it and has no listener. */
  Waiting.Begun<Watch> begun() {
    synced.whenComplete(
        (watch, error) -> {
          if (error != null) {
            close();
          }
        });
    return new Waiting.Begun<>(
        "watching " + service, synced, () -> "no node told all that it knows", Watch::close);
  }

  /**
   * Keeps the view up to date. Runs in the stream's context. The view and the future go before the
   * listener, so that nothing is lost by what it does.
   */
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
      Optional<Change> news = view.receive(update);
      truncated = update.truncated();
      if (news.isEmpty()) {
        return;
      }
      Change change = news.get();
      boolean isFirst = first;
      first = false;
      instances = change.instances();
      synced.complete(Watch.this);
      if (isFirst || !change.isEmpty()) {
        tell(() -> listener.changed(change));
      }
      if (change.snapshot() && !isFirst) {
        tell(listener::resumed);
      }
    }

    @Override
    public boolean isFinal(PeerException why) {
      return false;
    }

    @Override
    public void interrupted(PeerException why) {
      // Before the first answer there is nothing to go on with: a caller that waits learns it.
      synced.completeExceptionally(why);
      tell(() -> listener.interrupted(why));
    }

    @Override
    public void over(PeerException why) {
      synced.completeExceptionally(why);
      LOG.warn("the watch of {} is over: {}", service, why.getMessage());
      tell(() -> listener.refused(why));
      onClose.run();
    }

    private void tell(Runnable call) {
      HostCode.run("the listener of the watch of " + service, call);
    }
  }

  /** The instances that there were at the last change, one for each endpoint. */
  public List<Instance> instances() {
    return instances;
  }

  /** Whether its node said last that there are more: a large service may be known in part. */
  public boolean isTruncated() {
    return truncated;
  }

  /**
   * Completes when the first look is over. Fails when no node could be asked at the first try, and
   * when the watch or its client is closed before; it has no limit of time of its own. Where no
   * node could be asked the watch goes on all the same, until it is closed.
   *
   * <p>It is a copy: cancelling it ends nothing but it. Its continuations may block.
   */
  public CompletableFuture<Watch> synced() {
    return waiting.copy(synced);
  }

  /** Ends it. Nothing is told afterwards, but for a call that is under way. */
  @Override
  public void close() {
    end(
        PeerException.of(
            "watching " + service, new Failure(Failure.Kind.CANCELLED, "the watch is closed")));
  }

  /** Ends it, and lets who waits for it know why. */
  void end(PeerException why) {
    stream.close();
    onClose.run();
    synced.completeExceptionally(why);
  }
}
