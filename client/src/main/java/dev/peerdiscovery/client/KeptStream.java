package dev.peerdiscovery.client;

import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.Refusal;
import io.grpc.SynchronizationContext;
import io.grpc.SynchronizationContext.ScheduledHandle;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * A stream that is begun again whenever it ends, at the same node or at another, until it is
 * closed.
 *
 * <p>A node that has not said a word within {@link #FIRST_WORD} has failed as one that ended the
 * stream: a process that was stopped still has its connections. Whoever stops later is found out by
 * the keepalive of its connection. After an end the next node is tried at once; but after one that
 * had lasted the same node is, once, unless it has refused: that a connection is over, by its age
 * or by a proxy, says little about the node. When all have failed in a row there is a pause, {@link
 * #FIRST_PAUSE} at first, doubled each time to at most {@link #LONGEST_PAUSE}, longer or shorter by
 * a fifth by chance; a message that comes in ends the row. Everything is told in one {@link
 * SynchronizationContext}.
 *
 * <p>It is over when a node refuses it for a reason that is final, or when all nodes have no room
 * for it ({@link Refusal.Reason#FULL}) before one has said a word: then nothing is lost that was
 * there, and another try would only be refused again. One that was there goes on trying.
 */
final class KeptStream<M> {
  static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  /**
   * A watch begins at once; a registration with the outcome of a check, which takes 2 s at most.
   */
  static final Duration FIRST_WORD = Duration.ofSeconds(5);

  /** A stream that lasted so long after its first message is begun again at the same node first. */
  static final Duration LASTED = Duration.ofSeconds(1);

  /** Begins the stream at a node; what comes back cancels it. */
  @FunctionalInterface
  interface Opening<M> {
    Runnable open(DiscoveryNode node, DiscoveryNode.Sink<M> sink);
  }

  /** What becomes of the stream. The stream goes on before it is told, whatever is thrown. */
  interface Listener<M> {
    /** It begins, perhaps again. */
    void begins();

    void received(M message);

    /** Whether after an end no other try and no other node would help. */
    boolean isFinal(PeerException why);

    /** All nodes have now failed in a row; it begins again after a pause. */
    void interrupted(PeerException why);

    /** It is over, and does not begin again. */
    void over(PeerException why);
  }

  private final String question;
  private final FailOver<DiscoveryNode> nodes;
  private final Opening<M> opening;
  private final Listener<M> listener;
  private final SynchronizationContext context;
  private final ScheduledExecutorService timer;
  private final boolean persistent;

  private Optional<Attempt> attempt = Optional.empty();
  private Optional<ScheduledHandle> pause = Optional.empty();

  /** Streams in a row that ended without a message. */
  private int failures;

  /** Of those how many were refused for want of room. */
  private int withoutRoom;

  /** Whether a message ever came in. */
  private boolean heard;

  private boolean closed;

  /**
   * A stream that is not begun yet.
   *
   * @param question what errors call it
   * @param persistent whether it goes on, too, when no node has had room for it
   */
  KeptStream(
      String question,
      FailOver<DiscoveryNode> nodes,
      Opening<M> opening,
      Listener<M> listener,
      SynchronizationContext context,
      ScheduledExecutorService timer,
      boolean persistent) {
    this.question = question;
    this.nodes = nodes;
    this.opening = opening;
    this.listener = listener;
    this.context = context;
    this.timer = timer;
    this.persistent = persistent;
  }

  void start() {
    context.execute(this::open);
  }

  /** Ends it; nothing is told afterwards. */
  void close() {
    context.execute(
        () -> {
          closed = true;
          pause.ifPresent(ScheduledHandle::cancel);
          attempt.ifPresent(Attempt::abandon);
        });
  }

  private void open() {
    if (closed) {
      return;
    }
    Attempt next = new Attempt(nodes.current());
    attempt = Optional.of(next);
    listener.begins();
    next.begin();
  }

  private ScheduledHandle after(Duration delay, Runnable what) {
    return context.schedule(what, delay.toNanos(), TimeUnit.NANOSECONDS, timer);
  }

  /** One stream at one node, until it ends or is given up. Runs in the context. */
  private final class Attempt implements DiscoveryNode.Sink<M> {
    private final DiscoveryNode node;
    private Runnable cancel = () -> {};
    private Optional<ScheduledHandle> patience = Optional.empty();
    private Optional<ScheduledHandle> youth = Optional.empty();
    private boolean lasted;
    private boolean over;

    Attempt(DiscoveryNode node) {
      this.node = node;
    }

    void begin() {
      patience = Optional.of(after(FIRST_WORD, this::giveUp));
      cancel = opening.open(node, this);
    }

    private void giveUp() {
      cancel.run();
      end(
          PeerException.of(
              question + " at " + node,
              new Failure(
                  Failure.Kind.TIMEOUT, "not a word within " + FIRST_WORD.toSeconds() + " s")));
    }

    @Override
    public void received(M message) {
      context.execute(
          () -> {
            if (!over) {
              patience.ifPresent(ScheduledHandle::cancel);
              failures = 0;
              withoutRoom = 0;
              if (youth.isEmpty()) {
                youth = Optional.of(after(LASTED, () -> lasted = true));
              }
              heard = true;
              listener.received(message);
            }
          });
    }

    @Override
    public void ended(PeerException why) {
      context.execute(() -> end(why));
    }

    private void end(PeerException why) {
      if (!over) {
        over = true;
        patience.ifPresent(ScheduledHandle::cancel);
        youth.ifPresent(ScheduledHandle::cancel);
        if (lasted && !why.isRefusal()) {
          open();
        } else {
          KeptStream.this.ended(node, why);
        }
      }
    }

    /** Nothing of it is wanted any more. */
    void abandon() {
      over = true;
      patience.ifPresent(ScheduledHandle::cancel);
      youth.ifPresent(ScheduledHandle::cancel);
      cancel.run();
    }
  }

  private void ended(DiscoveryNode node, PeerException why) {
    failures++;
    withoutRoom += isForWantOfRoom(why) ? 1 : 0;
    nodes.turnFrom(node);
    boolean everywhere = failures % nodes.nodes().size() == 0;
    if (listener.isFinal(why) || (everywhere && endsWithoutRoom())) {
      closed = true;
      listener.over(why);
    } else if (everywhere) {
      long delay = pauseNanos(failures / nodes.nodes().size());
      pause = Optional.of(after(Duration.ofNanos(delay), this::open));
      listener.interrupted(why);
    } else {
      open();
    }
  }

  private boolean endsWithoutRoom() {
    return !persistent && !heard && withoutRoom == failures;
  }

  private static boolean isForWantOfRoom(PeerException why) {
    return why.outcome() instanceof Refusal refusal && refusal.reason() == Refusal.Reason.FULL;
  }

  private static long pauseNanos(int rounds) {
    long doubled = FIRST_PAUSE.toNanos() << Math.min(rounds - 1, 10);
    long nanos = Math.min(doubled, LONGEST_PAUSE.toNanos());
    return (long) (nanos * ThreadLocalRandom.current().nextDouble(0.8, 1.2));
  }
}
