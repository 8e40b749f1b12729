package dev.peerdiscovery.client;

import dev.peerdiscovery.core.message.Refusal;
import io.grpc.SynchronizationContext;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

/**
 * A registration that is kept until it is closed: a node publishes the instance, and when that node
 * is lost, another one, or the same when it is back. Thread-safe.
 */
public final class Lease implements AutoCloseable {
  /**
   * What became of the instance.
   *
   * @param published whether it is published; it is not while its check fails or no node is there
   * @param keepers how many nodes keep a record of it
   * @param reason why it is not published; empty when it is
   */
  public record State(boolean published, int keepers, String reason) {}

  /** Is told what happens, one call at a time, in order. It must not block. */
  @FunctionalInterface
  public interface Listener {
    /** The instance was published, or withdrawn, or its node was lost. */
    void changed(State state);

    /**
     * A node refuses the registration as it is, or somebody else has registered the same instance.
     * The lease is over.
     */
    default void refused(PeerException why) {}
  }

  private final KeptStream<State> stream;
  private final CompletableFuture<Lease> published = new CompletableFuture<>();
  private final Runnable onClose;

  private volatile State state = new State(false, 0, "no node has answered yet");

  Lease(
      Registration registration,
      FailOver<DiscoveryNode> nodes,
      Listener listener,
      SynchronizationContext context,
      ScheduledExecutorService timer,
      Consumer<AutoCloseable> onClose) {
    this.onClose = () -> onClose.accept(this);
    this.stream =
        new KeptStream<>(
            "registering " + registration.service(),
            nodes,
            (node, sink) -> node.register(registration, sink),
            new Keeper(listener),
            context,
            timer);
  }

  void start() {
    stream.start();
  }

  /** Runs in the stream's context. */
  private final class Keeper implements KeptStream.Listener<State> {
    private final Listener listener;

    Keeper(Listener listener) {
      this.listener = listener;
    }

    @Override
    public void begins() {}

    @Override
    public void received(State news) {
      state = news;
      listener.changed(news);
      if (news.published()) {
        published.complete(Lease.this);
      }
    }

    @Override
    public boolean ended(PeerException why, boolean everywhere) {
      boolean over = isFinal(why);
      if (over || everywhere) {
        state = new State(false, 0, String.valueOf(why.getMessage()));
        published.completeExceptionally(why);
      }
      if (over) {
        listener.refused(why);
      } else if (everywhere) {
        listener.changed(state);
      }
      return !over;
    }
  }

  /**
   * Another try, or another node, would not help; and of two that register the same instance one
   * has to give way, or they would take it from each other forever.
   */
  private static boolean isFinal(PeerException why) {
    return why.outcome() instanceof Refusal refusal
        && switch (refusal.reason()) {
          case MALFORMED, ADDRESS_NOT_ALLOWED, NOT_YOURS, SUPERSEDED -> true;
          default -> false;
        };
  }

  /** What became of the instance last. */
  public State state() {
    return state;
  }

  /**
   * Completes when the instance is published for the first time. Fails when a node refuses it, or
   * when no node could be asked at the first try; in the latter case the lease goes on all the
   * same, until it is closed.
   */
  public CompletableFuture<Lease> published() {
    return published.copy();
  }

  /** Ends the lease: the node withdraws the instance. Nothing is told afterwards. */
  @Override
  public void close() {
    stream.close();
    onClose.run();
  }
}
