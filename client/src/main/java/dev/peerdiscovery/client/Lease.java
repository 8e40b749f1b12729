package dev.peerdiscovery.client;

import com.google.protobuf.ByteString;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.Refusal;
import io.grpc.SynchronizationContext;
import java.security.SecureRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A registration that is kept until it is closed: a node publishes the instance, and when that node
 * is lost, another one, or the same when it is back. Thread-safe.
 */
public final class Lease implements AutoCloseable {
  private static final int ID_BYTES = 16;

  /**
   * What became of the instance.
   *
   * @param published whether it is published: at least half of the nodes that should keep its
   *     record do, or its node has no other nodes. It is not while its check fails, no node is
   *     there, its node reaches no others, or another caller has registered the same instance
   * @param keepers how many other nodes keep a record of it; 0 when it is published means that its
   *     node is alone
   * @param reason why it is not published, or that its node is alone; else empty
   */
  public record State(boolean published, int keepers, String reason) {}

  /**
   * Is told what happens, one call at a time, in order. It must not block. What it throws is logged
   * and changes nothing.
   */
  @FunctionalInterface
  public interface Listener {
    /** The instance was published, or withdrawn, or its node was lost. */
    void changed(State state);

    /**
     * A node refuses the registration as it is, or another caller has withdrawn it, or no node has
     * room for it from the beginning. The lease is over; a log says so, too.
     */
    default void refused(PeerException why) {}
  }

  private static final Logger LOG = LoggerFactory.getLogger(Lease.class);

  private final Registration registration;
  private final KeptStream<State> stream;
  private final Waiting waiting;
  private final CompletableFuture<Lease> published = new CompletableFuture<>();
  private final Runnable onClose;

  private volatile State state = new State(false, 0, "no node has answered yet");

  Lease(
      Registration registration,
      FailOver<DiscoveryNode> nodes,
      Listener listener,
      SynchronizationContext context,
      ClientThreads threads,
      Waiting waiting,
      Consumer<Lease> onClose) {
    this.registration = registration;
    this.waiting = waiting;
    this.onClose = () -> onClose.accept(this);
    ByteString leaseId = newId();
    this.stream =
        new KeptStream<>(
            "registering " + registration.service(),
            nodes,
            (node, sink) -> node.register(registration, leaseId, sink),
            new Keeper(listener),
            context,
            threads.timer(),
            false);
  }

  /** By it a node tells this lease's next call from one of another caller. */
  private static ByteString newId() {
    byte[] id = new byte[ID_BYTES];
    new SecureRandom().nextBytes(id);
    return ByteString.copyFrom(id);
  }

  void start() {
    stream.start();
  }

  /** What a caller waits for that began it and has no listener. */
  Waiting.Begun<Lease> begun() {
    published.whenComplete(
        (lease, error) -> {
          if (error != null) {
            close();
          }
        });
    return new Waiting.Begun<>(
        "registering " + registration.service(), published, this::missing, Lease::close);
  }

  private String missing() {
    return registration.endpoint() + " was not published (" + state.reason() + ")";
  }

  /**
   * Runs in the stream's context. The state and the future go before the listener, so that nothing
   * is lost by what it does.
   */
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
      if (news.published()) {
        published.complete(Lease.this);
      }
      tell(() -> listener.changed(news));
    }

    @Override
    public boolean isFinal(PeerException why) {
      return Lease.isFinal(why);
    }

    @Override
    public void interrupted(PeerException why) {
      State lost = lost(why);
      published.completeExceptionally(why);
      tell(() -> listener.changed(lost));
    }

    @Override
    public void over(PeerException why) {
      lost(why);
      published.completeExceptionally(why);
      LOG.warn(
          "the lease of {} at {} is over: {}",
          registration.service(),
          registration.endpoint(),
          why.getMessage());
      tell(() -> listener.refused(why));
      onClose.run();
    }

    private State lost(PeerException why) {
      State lost = new State(false, 0, String.valueOf(why.getMessage()));
      state = lost;
      return lost;
    }

    private void tell(Runnable call) {
      HostCode.run("the listener of the lease of " + registration.service(), call);
    }
  }

  /**
   * Another try, or another node, would not help, or would undo what another caller did on purpose.
   */
  private static boolean isFinal(PeerException why) {
    return why.outcome() instanceof Refusal refusal
        && switch (refusal.reason()) {
          case MALFORMED, ADDRESS_NOT_ALLOWED, NOT_YOURS, SUPERSEDED, WITHDRAWN -> true;
          default -> false;
        };
  }

  /** What became of the instance last. */
  public State state() {
    return state;
  }

  /**
   * Completes when the instance is published for the first time. Fails when a node refuses it, when
   * no node could be asked at the first try, and when the lease or its client is closed before; it
   * has no limit of time of its own. Where no node could be asked the lease goes on all the same,
   * until it is closed.
   *
   * <p>It is a copy: cancelling it ends nothing but it. Its continuations may block.
   */
  public CompletableFuture<Lease> published() {
    return waiting.copy(published);
  }

  /** Ends the lease: the node withdraws the instance. Nothing is told afterwards. */
  @Override
  public void close() {
    end(
        PeerException.of(
            "registering " + registration.service(),
            new Failure(Failure.Kind.CANCELLED, "the lease is closed")));
  }

  /** Ends it, and lets who waits for it know why. */
  void end(PeerException why) {
    stream.close();
    onClose.run();
    published.completeExceptionally(why);
  }
}
