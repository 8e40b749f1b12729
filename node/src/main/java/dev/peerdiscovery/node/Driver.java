package dev.peerdiscovery.node;

import com.google.common.util.concurrent.MoreExecutors;
import dev.peerdiscovery.client.Caller;
import dev.peerdiscovery.client.PeerStream;
import dev.peerdiscovery.core.engine.Call;
import dev.peerdiscovery.core.engine.CallId;
import dev.peerdiscovery.core.engine.CheckDue;
import dev.peerdiscovery.core.engine.Engine;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.engine.Responder;
import dev.peerdiscovery.core.engine.StreamId;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.message.Reply;
import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.core.message.WatchProvidersRequest;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import io.grpc.Attributes;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one engine in real time: gives it one owner at a time, performs its calls, keeps its one
 * timer, tells its events, and publishes what answers requests. It decides nothing.
 */
final class Driver {
  /** What requests may leave to be told to the engine; more is dropped, and heard of again. */
  private static final int MAX_MAILBOX = 1024;

  /** How often requests tell the engine that the network works. */
  private static final long HEARD_EVERY_NANOS = Duration.ofSeconds(1).toNanos();

  /** Of those behind a seed's name so many are called by a node that knows nobody. */
  private static final int MOST_OF_A_SEED = 16;

  /** By one that looks for other islands; all do, time and again, and one may be itself. */
  private static final int FEW_OF_A_SEED = 3;

  private static final Optional<Refusal> TOO_MUCH_TO_DO =
      Optional.of(new Refusal(Refusal.Reason.OVERLOADED, "this node has too much to do"));

  private static final Optional<Refusal> CLOSED =
      Optional.of(new Refusal(Refusal.Reason.NOT_SERVING, "the node is closed"));

  private static final Refusal FAILED =
      new Refusal(Refusal.Reason.UNKNOWN, "this node failed to answer; its log says why");

  private static final Logger LOG = LoggerFactory.getLogger(Driver.class);

  /** Learns from which address of this machine calls leave; called by the engine's owner. */
  interface LocalAddressListener {
    void callLeftFrom(InetAddress local, Engine engine, long nowNanos);
  }

  private final Engine engine;
  private final Caller caller;
  private final ScheduledExecutorService pool;
  private final Executor owner;
  private final List<Consumer<Event>> observers;
  private final LocalAddressListener localAddresses;
  private final Counters counters;
  private final Clock clock;
  private final Mailbox mailbox = new Mailbox(MAX_MAILBOX);
  private final AtomicLong heardNanos = new AtomicLong();
  private final LookedAt lookedAt = new LookedAt();
  private final AnsweredStreams answered = new AnsweredStreams();
  private final Consumer<CheckDue> checks;

  /** The owner's: the streams that the engine called and that are not over. */
  private final Map<CallId, PeerStream> called = new HashMap<>();

  /** What was asked and is not answered yet, by its number. */
  private final Map<Long, CompletableFuture<?>> asked = new ConcurrentHashMap<>();

  private final AtomicLong questions = new AtomicLong();

  private final AtomicLong turns = new AtomicLong();

  private volatile Responder responder;
  private volatile boolean leaving;
  private volatile boolean stopped;

  /** The owner's: the timer that is armed, and for when. */
  private @Nullable Future<?> timer;

  private long armedNanos = Long.MAX_VALUE;

  Driver(
      Engine engine,
      Caller caller,
      Clock clock,
      ScheduledExecutorService pool,
      List<Consumer<Event>> observers,
      LocalAddressListener localAddresses,
      Consumer<CheckDue> checks,
      Counters counters) {
    this.checks = checks;
    this.engine = engine;
    this.caller = caller;
    this.clock = clock;
    this.pool = pool;
    this.owner = MoreExecutors.newSequentialExecutor(pool);
    this.observers = List.copyOf(observers);
    this.localAddresses = localAddresses;
    this.counters = counters;
    this.responder = engine.responder();
  }

  /** Answers requests as the engine stood after its last input. */
  Responder responder() {
    return responder;
  }

  /**
   * A request was answered: that may show that the network works, and what the caller says about
   * itself may be news. Cheap enough for every request. The engine is told of news unless it is too
   * far behind, and of the same news once in a while: callers send their records with every
   * request, also those for whom there is no place in the table.
   *
   * @param call the attributes of the call
   */
  void answered(Request request, Attributes call) {
    long now = clock.nowNanos();
    long last = heardNanos.get();
    if (now - last >= HEARD_EVERY_NANOS
        && responder.isSignOfLife(request)
        && heardNanos.compareAndSet(last, now)) {
      mail(() -> engine.heard(clock.nowNanos()));
    }
    if (request.caller().isPresent()) {
      SignedPeerRecord record = request.caller().get();
      if (responder.isNews(record) && lookedAt.isDue(record, now)) {
        String caller = CallerAddress.toldApart(call);
        mail(() -> engine.heardOf(record, caller, clock.nowNanos()));
      }
    }
  }

  /**
   * Has the engine answer a request about services, and tells what it says; a refusal when the
   * engine is too far behind, fails, or takes nothing any more. The receiver is called by the
   * owner, or at once.
   */
  void answer(Request request, Consumer<Reply> receiver) {
    mail(() -> receiver.accept(answer(request))).ifPresent(receiver);
  }

  private Reply answer(Request request) {
    try {
      return engine.answer(request, clock.nowNanos());
    } catch (RuntimeException | Error e) {
      LOG.error("the engine failed to answer a {}", request.getClass().getSimpleName(), e);
      return FAILED;
    }
  }

  /**
   * Has the engine answer a stream. The reader is called by the owner, or at once when the engine
   * is too far behind or takes nothing any more.
   *
   * @return names the stream; to be {@link #close}d when its call is over
   */
  StreamId open(WatchProvidersRequest request, AnsweredStreams.Reader reader) {
    StreamId id = answered.next();
    mail(() -> answered.open(id, request, reader, engine, clock.nowNanos()))
        .ifPresent(reader::refused);
    return id;
  }

  /** The call of a stream is over; nothing is lost when there is no such stream. */
  void close(StreamId id) {
    own(() -> answered.close(id, engine));
  }

  /**
   * Ends all streams that the engine answers.
   *
   * @return whether it will; not when the threads are gone
   */
  boolean endStreams() {
    return own(() -> answered.endAll(engine));
  }

  /**
   * Has the engine's owner do something for a caller.
   *
   * @return nothing when it will; else why not: the engine is too far behind, or the node is closed
   */
  Optional<Refusal> submit(LongConsumer input) {
    return leaving ? CLOSED : mail(() -> input.accept(clock.nowNanos()));
  }

  /** The same for what has to be done however much there is, since somebody waits for it. */
  void post(LongConsumer input) {
    own(() -> input.accept(clock.nowNanos()));
  }

  /** Nothing when the owner is told; else why not. */
  private Optional<Refusal> mail(Runnable input) {
    Mailbox.Put put = mailbox.put(input, this::own);
    if (put == Mailbox.Put.DROPPED) {
      counters.count("mailbox.dropped");
    }
    return switch (put) {
      case TAKEN -> Optional.empty();
      case DROPPED -> TOO_MUCH_TO_DO;
      case OWNER_GONE -> CLOSED;
    };
  }

  /**
   * Has the engine's owner do something with it, and returns what came of that; it completes on the
   * owner's thread, for the node's own use only.
   */
  <T> CompletableFuture<T> ask(LongFunction<T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    Long number = questions.incrementAndGet();
    asked.put(number, answer);
    boolean accepted =
        own(
            () -> {
              try {
                answer.complete(question.apply(clock.nowNanos()));
              } catch (RuntimeException | Error e) {
                answer.completeExceptionally(e);
              } finally {
                asked.remove(number);
              }
            });
    if (!accepted) {
      asked.remove(number);
      answer.completeExceptionally(closed());
    }
    return answer;
  }

  private static IllegalStateException closed() {
    return new IllegalStateException("the node is closed");
  }

  /**
   * The node is about to leave: {@linkplain #submit what applications ask for} is refused from now
   * on, while what is under way ends.
   */
  void leaving() {
    leaving = true;
  }

  boolean isLeaving() {
    return leaving;
  }

  /** How many turns the owner has taken, for those who look whether it still does. */
  long turns() {
    return turns.get();
  }

  /**
   * Takes no more inputs: on threads that others share, the node must not live on. What the owner
   * has not answered by now it may never answer, so it fails.
   */
  void stop() {
    stopped = true;
    try {
      owner.execute(this::arm);
    } catch (RejectedExecutionException e) {
      LOG.debug("the threads are gone already");
    }
    asked.values().forEach(answer -> answer.completeExceptionally(closed()));
    asked.clear();
  }

  private boolean own(Runnable input) {
    // A sequential executor takes what it will never run when its threads have gone meanwhile.
    if (stopped || pool.isShutdown()) {
      return false;
    }
    try {
      owner.execute(() -> turn(input));
      return true;
    } catch (RejectedExecutionException e) {
      // The pool is shut down: the node is closed, and nobody is left to care.
      return false;
    }
  }

  /**
   * One input to the engine and everything that follows from it. The edge where errors end: what
   * fails keeps nothing else of the turn from being done.
   */
  private void turn(Runnable input) {
    turns.lazySet(turns.get() + 1);
    attempt("an input", input);
    attempt("what follows from an input", this::settle);
    attempt("the timer", this::arm);
  }

  /** The owner's: does a part of a turn; what it throws is logged, and the next part is done. */
  static void attempt(String what, Runnable part) {
    try {
      part.run();
    } catch (RuntimeException | Error e) {
      LOG.error("{} failed in the engine's turn, the node goes on", what, e);
    }
  }

  /**
   * Events go out before calls: a join's end is told before anything that comes after it. What an
   * observer makes the engine do is told in the same turn.
   */
  private void settle() {
    responder = engine.responder();
    for (List<Event> events = engine.drainEvents();
        !events.isEmpty();
        events = engine.drainEvents()) {
      for (Event event : events) {
        counters.count(event);
        tell(event);
      }
      responder = engine.responder();
    }
    engine.drainCalls().forEach(this::perform);
    for (CallId id : engine.drainCancelled()) {
      PeerStream stream = called.get(id);
      if (stream != null) {
        stream.cancel();
      }
    }
    answered.send(engine.drainStreamed(), engine);
    engine.drainChecks().forEach(this::check);
  }

  private void tell(Event event) {
    for (Consumer<Event> observer : observers) {
      try {
        observer.accept(event);
      } catch (RuntimeException | Error e) {
        LOG.warn("an observer failed at {}", event, e);
      }
    }
  }

  /** One that cannot be made is one that failed; the next one is made when it is due. */
  private void check(CheckDue due) {
    try {
      checks.accept(due);
    } catch (RuntimeException | Error e) {
      LOG.error("{} cannot be checked", due.endpoint(), e);
      engine.services().checked(due.service(), due.endpoint(), false, clock.nowNanos());
    }
  }

  /** Each call has its end, also when it cannot begin: the engine waits for that. */
  private void perform(Call call) {
    try {
      if (call.request() instanceof WatchProvidersRequest watch) {
        watch(call, watch);
      } else if (isToSeed(call)) {
        callSeed(call);
      } else {
        callPeer(call);
      }
    } catch (RuntimeException | Error e) {
      Caller.Result failed = unexpected(e);
      own(() -> engine.completed(call.id(), failed.outcome(), clock.nowNanos()));
    }
  }

  private void callPeer(Call call) {
    caller
        .call(call.to(), call.request(), call.deadline())
        .exceptionally(Driver::unexpected)
        .thenAccept(result -> own(() -> completed(call, result)));
  }

  private void completed(Call call, Caller.Result result) {
    long now = clock.nowNanos();
    if (!(result.outcome() instanceof Failure)) {
      // Not of seeds alone: a node that comes back may know others, and its seeds be gone.
      result.localAddress().ifPresent(local -> localAddresses.callLeftFrom(local, engine, now));
    }
    engine.completed(call.id(), result.outcome(), now);
  }

  /** A seed's name may stand for many. */
  private void callSeed(Call call) {
    SeedCall seed =
        new SeedCall(
            engine.id(),
            result -> completed(call, result),
            record -> engine.heardOf(record, clock.nowNanos()));
    caller
        .callEverybody(
            call.to(),
            engine.contacts().isEmpty() ? MOST_OF_A_SEED : FEW_OF_A_SEED,
            call.request(),
            call.deadline(),
            result -> own(() -> seed.take(result)))
        .exceptionally(
            error -> {
              own(() -> seed.take(unexpected(error)));
              return null;
            })
        .thenRun(() -> own(seed::end));
  }

  private static Caller.Result unexpected(Throwable error) {
    LOG.error("call failed in an unexpected way", error);
    return new Caller.Result(
        new Failure(Failure.Kind.NOT_DIALLED, "unexpected: see the log"), Optional.empty());
  }

  /** The next update is read when the engine has taken this one in. */
  private void watch(Call call, WatchProvidersRequest request) {
    PeerStream stream =
        caller.watch(
            call.to(),
            request,
            call.deadline(),
            (update, next) ->
                own(
                    () -> {
                      engine.updated(call.id(), update, clock.nowNanos());
                      next.run();
                    }));
    called.put(call.id(), stream);
    stream
        .outcome()
        .thenAccept(
            outcome ->
                own(
                    () -> {
                      called.remove(call.id());
                      engine.completed(call.id(), outcome, clock.nowNanos());
                    }));
  }

  /** Only seeds are called by address alone. */
  private static boolean isToSeed(Call call) {
    return call.request() instanceof PingRequest && call.request().wantedId().isEmpty();
  }

  /**
   * A timer that is armed already and goes off too early arms itself anew: it costs less than one
   * for each time that the engine says, which with lookups under way is another after every call.
   */
  private void arm() {
    long wake = stopped ? Long.MAX_VALUE : engine.nextWake();
    if (!stopped && armedNanos <= wake) {
      return;
    }
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
    armedNanos = wake;
    if (wake != Long.MAX_VALUE) {
      long now = clock.nowNanos();
      // What is due since for ever is as far away as a number can be.
      long delay = wake <= now ? 0 : wake - now;
      try {
        timer = pool.schedule(() -> own(this::wake), delay, TimeUnit.NANOSECONDS);
      } catch (RejectedExecutionException e) {
        LOG.debug("no timer, the node is closed");
      }
    }
  }

  private void wake() {
    armedNanos = Long.MAX_VALUE;
    long now = clock.nowNanos();
    if (engine.nextWake() <= now) {
      engine.wake(now);
    }
  }
}
