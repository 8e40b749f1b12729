package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.ProvidersUpdate;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.message.Reply;
import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.core.message.WatchProvidersRequest;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.RecordSigner;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.routing.RoutingTable;
import dev.peerdiscovery.core.routing.SubnetLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A node's protocol: joins, looks up, answers, keeps its table and leaves, without doing any of it
 * itself. There is no clock, thread, lock, log or socket in here. The same engine runs in the node,
 * on gRPC in real time, and in a simulation.
 *
 * <p>The methods come in four families:
 *
 * <ul>
 *   <li><em>inputs</em> from outside: {@link #completed}, {@link #updated}, {@link #heardOf},
 *       {@link #heard}, {@link #answer}, {@link #opened}, {@link #closed}, {@link #wake};
 *   <li><em>commands</em> of the owner: {@link #advertise}, {@link #lookup}, those of {@link
 *       #services}, {@link #leave};
 *   <li><em>outputs</em> to be drained after each input or command, events before calls: {@link
 *       #drainEvents}, {@link #drainCalls}, {@link #drainCancelled}, {@link #drainStreamed}, {@link
 *       #drainChecks}, then {@link #nextWake};
 *   <li><em>views</em>: {@link #responder}, {@link #status}, {@link #contacts}, {@link #closest}.
 * </ul>
 *
 * <p>Each drained {@link Call} is owed exactly one {@link #completed}. Time is in nanoseconds of a
 * monotonic clock whose values neither go back nor wrap.
 *
 * <p>Not thread-safe: one owner at a time. Only what {@link #responder} returns may be shared.
 */
public final class Engine {
  private static final long MAX_LATE_NANOS = Duration.ofSeconds(5).toNanos();

  private final EngineConfig config;
  private final Self self;
  private final RecordVerifier verifier;
  private final RoutingTable table;
  private final Departed departed;
  private final Contacts contacts;
  private final Hints hints;
  private final Lookups lookups;
  private final Refresh refresh;
  private final Bootstrap bootstrap;
  private final Join join;
  private final Leave leave;
  private final Lookers lookers;
  private final Incarnations incarnations;
  private final RandomGenerator secret;
  private final List<Part> parts;
  private final Calls calls = new Calls();
  private final Events events = new Events();
  private Responder responder;

  /** Only once this node has to do with any. */
  private @Nullable Services services;

  /** Kept from one input to the next, so that asking for it does not mean asking all parts. */
  private long nextWakeNanos;

  private boolean joinedBefore;

  /**
   * An engine that has done nothing yet; its first {@link #wake} sets it going.
   *
   * @param config the numbers that it goes by
   * @param id the node's id
   * @param network the network that it belongs to
   * @param sequence the highest sequence that a record of this id is known to have had; the next
   *     record continues above it
   * @param seeds whom to ask for the way in, for the node's whole life
   * @param signer serialises, and signs, the node's own records
   * @param verifier makes contacts of records
   * @param jitter spreads timers and draws refresh targets; seeded in simulations
   * @param secret draws nonces, which others must not guess
   * @param nowNanos the time
   */
  public Engine(
      EngineConfig config,
      NodeId id,
      Network network,
      long sequence,
      List<Endpoint> seeds,
      RecordSigner signer,
      RecordVerifier verifier,
      RandomGenerator jitter,
      RandomGenerator secret,
      long nowNanos) {
    this.config = config;
    this.self = new Self(id, network, signer, sequence, events);
    this.verifier = verifier;
    this.table =
        new RoutingTable(
            id,
            config.k(),
            self.isPublic() ? SubnetLimits.by(verifier::dialled) : SubnetLimits.NONE);
    this.departed = new Departed(config);
    this.contacts = new Contacts(config, table, departed, events, nowNanos);
    Prover prover = new Prover(config, self, verifier, contacts, calls, secret);
    this.hints = new Hints(self, verifier, contacts, prover, events);
    this.lookups = new Lookups(config, self, verifier, contacts, calls, events);
    this.refresh = new Refresh(config, self, hints, lookups, table, jitter);
    this.bootstrap =
        new Bootstrap(
            config, self, contacts, hints, prover, refresh, calls, jitter, seeds, nowNanos);
    this.join = new Join(self, bootstrap, hints, lookups, table, events);
    this.leave = new Leave(config, self, table, calls, events);
    this.lookers =
        new Lookers(
            config,
            self,
            verifier,
            contacts,
            lookups,
            calls,
            events,
            join::isReady,
            this::isAlone,
            jitter);
    this.incarnations = new Incarnations(self, nowNanos);
    this.secret = secret;
    Liveness liveness =
        new Liveness(config, self, contacts, departed, prover, refresh, jitter, nowNanos);
    this.parts = List.of(contacts, bootstrap, hints, join, lookups, refresh, liveness);
    this.responder = makeResponder();
    this.nextWakeNanos = whenNext();
  }

  /** Sets where the node can be reached. Before the first call of this, it answers nobody. */
  public void advertise(List<Endpoint> endpoints, long nowNanos) {
    self.advertise(endpoints);
    settle(nowNanos);
  }

  /** Takes the outcome of a call that was drained. */
  public void completed(CallId id, Outcome outcome, long nowNanos) {
    noteGap(nowNanos);
    calls.completed(id, outcome, nowNanos);
    settle(nowNanos);
  }

  /** Takes an update of a stream that was drained as a call, before its {@link #completed}. */
  public void updated(CallId id, ProvidersUpdate update, long nowNanos) {
    calls.updated(id, update, nowNanos);
    settle(nowNanos);
  }

  /**
   * Answers a request about services. It reads and changes what only the owner may touch, so unlike
   * others it is not answered by the {@link #responder}.
   *
   * @throws IllegalArgumentException when it is another request, or one for a stream
   */
  public Reply answer(Request request, long nowNanos) {
    Optional<Refusal> refusal = responder.refusalOf(request);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    Reply reply = services().answer(request, nowNanos);
    settle(nowNanos);
    return reply;
  }

  /**
   * Begins to answer a stream, of which {@link #drainStreamed} has the messages, until {@link
   * #closed}.
   *
   * @return a refusal, and then no stream
   */
  public Optional<Refusal> opened(StreamId id, WatchProvidersRequest request, long nowNanos) {
    Optional<Refusal> refusal =
        responder.refusalOf(request).or(() -> services().open(id, request, nowNanos));
    settle(nowNanos);
    return refusal;
  }

  /** A stream that was answered is over, whoever ended it. Nothing has to be drained after it. */
  public void closed(StreamId id) {
    if (services != null) {
      services.close(id);
    }
  }

  /** Registering, resolving and watching services. */
  public Services services() {
    if (services == null) {
      services = new Services(lookers, secret, incarnations, this::settle);
    }
    return services;
  }

  /** Takes a record that was heard of, from nobody in particular. */
  public void heardOf(SignedPeerRecord record, long nowNanos) {
    heardOf(record, "", nowNanos);
  }

  /**
   * Takes a record that was heard of: a caller's own, as it says.
   *
   * @param caller tells callers apart, by what costs them something: each has a share of the calls
   *     that find out whether they are there
   */
  public void heardOf(SignedPeerRecord record, String caller, long nowNanos) {
    // In a large network nearly all are parked, which leaves nobody anything to do.
    if (hints.offer(record, caller, nowNanos) != Hints.Offer.PARKED) {
      settle(nowNanos);
    }
  }

  /**
   * Takes {@linkplain #worthKeeping what was kept} over a restart, before anything else. Its peers
   * are called at the next input; those that do not answer are contacts that went away, which are
   * called again.
   */
  public void remember(List<SignedPeerRecord> records, long nowNanos) {
    for (SignedPeerRecord record : records) {
      hints.offer(record, nowNanos);
    }
    // The nearest last, because of too many the newest are remembered.
    for (int i = Math.min(records.size(), Departed.MAX) - 1; i >= 0; i--) {
      if (!records.get(i).id().equals(self.id())
          && verifier.verify(records.get(i)) instanceof RecordVerifier.Verified verified) {
        departed.add(verified.contact(), nowNanos);
      }
    }
  }

  /**
   * Goes on with contacts as if a join had just earned them, before anything else. The owner
   * vouches that they are there: a node cannot and has them {@linkplain #remember remembered}, a
   * simulation can, and saves the calls.
   */
  public void resume(List<Contact> earned, long nowNanos) {
    table.fill(earned, nowNanos);
    bootstrap.resume(nowNanos);
    join.resume();
    noteJoin(nowNanos);
    nextWakeNanos = whenNext();
  }

  /**
   * Notes that a request came in which is a {@linkplain Responder#isSignOfLife sign of life}: the
   * node's own network works.
   *
   * @return whether that is news to the engine; if not, there is nothing to be drained
   */
  public boolean heard(long nowNanos) {
    boolean isNews = contacts.isDoubtful();
    contacts.heard(nowNanos);
    return isNews;
  }

  /** Does what is due. Calling it early is harmless. */
  public void wake(long nowNanos) {
    noteGap(nowNanos);
    settle(nowNanos);
  }

  /**
   * Begins a lookup for the k peers nearest to a target, this node excepted. Its {@link
   * Event.LookupEnded} carries the result.
   *
   * @return names the lookup; nothing when too many are under way
   */
  public Optional<LookupId> lookup(NodeId target, long nowNanos) {
    if (lookups.underWay() >= config.lookupsMax() || leave.isBegun()) {
      return Optional.empty();
    }
    Lookups.Companion meeting =
        new Lookups.Companion() {
          @Override
          public boolean answered(Contact from, List<SignedPeerRecord> named, long now) {
            hints.offer(from.record(), now);
            return false;
          }

          @Override
          public void ended(long now) {}
        };
    LookupId id = lookups.start(target, Event.Purpose.REQUESTED, true, meeting, nowNanos);
    refresh.lookedUp(target, nowNanos);
    settle(nowNanos);
    return Optional.of(id);
  }

  /**
   * Says farewell; {@link Event.Left} tells when that is over. From now on nobody is answered, and
   * lookups under way end with what they have.
   */
  public void leave(long nowNanos) {
    if (!leave.isBegun()) {
      Services leaving = services();
      leaving.leave(nowNanos);
      leave.awaits(leaving::farewells);
    }
    lookups.endAll(nowNanos);
    leave.begin(nowNanos);
    settle(nowNanos);
  }

  /** The calls to perform since the last draining. */
  public List<Call> drainCalls() {
    return calls.drain();
  }

  /**
   * The streams among the drained calls that are no longer wanted. Whoever performs them ends them
   * early; each is owed its {@link #completed} all the same.
   */
  public List<CallId> drainCancelled() {
    return calls.drainCancelled();
  }

  /** The messages to send on streams that this node answers, oldest first. */
  public List<Streamed> drainStreamed() {
    return services == null ? List.of() : services.drainStreamed();
  }

  /** The instances of this node's of which it wants to know whether they are there. */
  public List<CheckDue> drainChecks() {
    return services == null ? List.of() : services.drainChecks();
  }

  /** What happened since the last draining, oldest first. */
  public List<Event> drainEvents() {
    return events.drain();
  }

  /** When {@link #wake} is due if no other input comes before; {@code Long.MAX_VALUE} for never. */
  public long nextWake() {
    return nextWakeNanos;
  }

  /** Whoever comes so much too late was not running, and neither was this node's side of calls. */
  private void noteGap(long nowNanos) {
    if (nowNanos - MAX_LATE_NANOS > nextWakeNanos) {
      contacts.resumed(nowNanos);
      nextWakeNanos = nowNanos;
    }
  }

  private long whenNext() {
    if (leave.isBegun()) {
      return leave.nextWake();
    }
    long earliest = Part.NEVER;
    for (Part part : parts) {
      earliest = Math.min(earliest, part.nextWake());
    }
    return services == null ? earliest : Math.min(earliest, services.nextWake());
  }

  /** Answers requests as the node stands now. May be shared between threads. */
  public Responder responder() {
    return responder;
  }

  /** The contacts of the table. */
  public List<RoutingTable.Entry> contacts() {
    return table.entries();
  }

  /** How many contacts the table has. */
  public int contactCount() {
    return table.size();
  }

  /**
   * The records to keep over a restart: the contacts, and while these are few, those that went away
   * last, so that an outage costs nobody the way back.
   */
  public List<SignedPeerRecord> worthKeeping() {
    List<SignedPeerRecord> records = new ArrayList<>();
    table.forEach(entry -> records.add(entry.contact().record()));
    List<Contact> gone = departed.newestFirst();
    for (int i = 0; i < gone.size() && records.size() < config.k(); i++) {
      records.add(gone.get(i).record());
    }
    return records;
  }

  /** The contacts nearest to a target that may be handed out, at most {@code count}. */
  public List<Contact> closest(NodeId target, int count) {
    return table.closest(target, count);
  }

  /** The index of the highest bucket that holds anybody, −1 when nobody is known. */
  public int highestBucket() {
    return table.highestBucket();
  }

  /** Whether there are seeds to ask. */
  public boolean hasSeeds() {
    return !bootstrap.status().isEmpty();
  }

  /** The node's own record, once it knows where it can be reached. */
  public Optional<SignedPeerRecord> self() {
    return self.record();
  }

  /** Whether the table says something about the network, and not about a fault of this node's. */
  public boolean isTableTrustworthy() {
    return !contacts.isDoubtful() && !leave.isBegun();
  }

  /** The node's id. */
  public NodeId id() {
    return self.id();
  }

  /** How the node is doing. */
  public EngineStatus status() {
    return new EngineStatus(
        state(),
        table.size(),
        table.suspects(),
        table.replacements(),
        departed.size(),
        SizeEstimate.of(self.id(), table, config.k()),
        calls.underWay(),
        calls.made(),
        bootstrap.status(),
        self.warnings());
  }

  /** Whether this node is the whole network, as far as can be known. */
  private boolean isAlone() {
    return join.isReady() && table.size() == 0 && !departed.hasLost() && !bootstrap.hasOthers();
  }

  private EngineStatus.State state() {
    if (leave.isBegun()) {
      return EngineStatus.State.LEAVING;
    }
    if (contacts.isDoubtful()) {
      return EngineStatus.State.SUSPECTS_ITSELF;
    }
    if (join.isUnderWay()) {
      return EngineStatus.State.JOINING;
    }
    if (join.isDone()) {
      return EngineStatus.State.JOINED;
    }
    return join.isReady() ? EngineStatus.State.ALONE : EngineStatus.State.STARTING;
  }

  /** Lets every part do what is due, until none has anything left to do. */
  private void settle(long nowNanos) {
    if (leave.isBegun()) {
      leave.advance(nowNanos);
    } else {
      long before;
      do {
        before = activity();
        for (Part part : parts) {
          part.advance(nowNanos);
        }
        if (services != null) {
          services.advance(nowNanos);
        }
        noteJoin(nowNanos);
      } while (activity() != before);
    }
    responder = makeResponder();
    nextWakeNanos = whenNext();
  }

  private long activity() {
    return calls.made() + events.total();
  }

  private void noteJoin(long nowNanos) {
    if (join.isDone() && !joinedBefore) {
      refresh.joined(nowNanos);
    }
    joinedBefore = join.isDone();
  }

  private Responder makeResponder() {
    Optional<SignedPeerRecord> record = leave.isBegun() ? Optional.empty() : self.record();
    return new Responder(self.id(), self.network(), record, table.view(), config.k());
  }
}
