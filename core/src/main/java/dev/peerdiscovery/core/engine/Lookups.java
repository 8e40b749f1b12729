package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.lookup.DisjointLookup;
import dev.peerdiscovery.core.lookup.Lookup;
import dev.peerdiscovery.core.lookup.Patience;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.routing.RoutingTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Runs lookups: has them ask, verifies whom they dial, and feeds them what comes back. */
final class Lookups implements Part {
  /** Goes along with one lookup. */
  interface Companion {
    /** What a peer is asked. */
    default Request question(Self self, Contact peer, NodeId target) {
      return self.findNode(peer, target);
    }

    /** Whom an outcome names; nothing when it is no answer to the question. */
    default Optional<List<SignedPeerRecord>> named(Contact from, Outcome outcome, long nowNanos) {
      return outcome instanceof FindNodeResponse found
          ? Optional.of(found.peers())
          : Optional.empty();
    }

    /** A peer is not asked, because it is left alone for a while. */
    default void passedOver(Contact peer) {}

    /**
     * A peer answered.
     *
     * @return whether the lookup has found what it was for, and asks nobody else
     */
    boolean answered(Contact from, List<SignedPeerRecord> named, long nowNanos);

    /** The lookup is over. */
    void ended(long nowNanos);
  }

  /** The least number of paths of the lookups of a join, and of a look at a region, in public. */
  static final int PUBLIC_PATHS = 4;

  private static final long AT_ONCE = Long.MIN_VALUE;

  private static final class Run {
    final LookupId id;
    final DisjointLookup lookup;
    final Companion companion;
    final long deadlineNanos;

    /**
     * When it has something to do if nothing comes in for it; at first, and when something did, at
     * once.
     */
    long wakeNanos = AT_ONCE;

    /** Where those of several endpoints were called last. */
    final Map<NodeId, Contact> called = new HashMap<>(0);

    /** Who named whom: whoever hands on what nobody signed is to be known. */
    final List<Answer> answers = new ArrayList<>();

    /** Candidates that the lookup chose and that were not called. */
    int passedOver;

    Run(LookupId id, DisjointLookup lookup, Companion companion, long deadlineNanos) {
      this.id = id;
      this.lookup = lookup;
      this.companion = companion;
      this.deadlineNanos = deadlineNanos;
    }
  }

  private record Answer(Contact from, List<SignedPeerRecord> named) {}

  private final EngineConfig config;
  private final Self self;
  private final RecordVerifier verifier;
  private final Contacts contacts;
  private final RoutingTable table;
  private final Calls calls;
  private final Events events;
  private final List<Run> runs = new ArrayList<>();
  private long started;

  Lookups(
      EngineConfig config,
      Self self,
      RecordVerifier verifier,
      Contacts contacts,
      Calls calls,
      Events events) {
    this.config = config;
    this.self = self;
    this.verifier = verifier;
    this.contacts = contacts;
    this.table = contacts.table();
    this.calls = calls;
    this.events = events;
  }

  /** How many are under way. */
  int underWay() {
    return runs.size();
  }

  /**
   * Begins a lookup from the contacts nearest to the target.
   *
   * @param sweeps whether it asks the rest of the k at once in the end
   */
  LookupId start(
      NodeId target, Event.Purpose purpose, boolean sweeps, Companion companion, long nowNanos) {
    return start(target, nearest(target), purpose, sweeps, companion, nowNanos);
  }

  /**
   * Begins a lookup from peers of the owner's choice.
   *
   * @param from the only ones that it begins with
   */
  LookupId start(
      NodeId target,
      List<SignedPeerRecord> from,
      Event.Purpose purpose,
      boolean sweeps,
      Companion companion,
      long nowNanos) {
    LookupId id = new LookupId(++started);
    DisjointLookup lookup =
        new DisjointLookup(
            target,
            Optional.of(self.id()),
            new Lookup.Settings(config.k(), config.alpha(), sweeps),
            paths(purpose, self.network().scope(), config),
            from,
            this::patience);
    runs.add(new Run(id, lookup, companion, nowNanos + config.lookupDeadline().toNanos()));
    events.add(new Event.LookupStarted(id, target, purpose));
    return id;
  }

  /**
   * Where strangers meet, a newcomer is the easiest to lead astray, since it has the fewest
   * contacts; and a service is the most worth it.
   */
  static int paths(Event.Purpose purpose, Scope scope, EngineConfig config) {
    boolean isWorthIt = purpose == Event.Purpose.JOIN || purpose == Event.Purpose.REGION;
    return isWorthIt && scope == Scope.PUBLIC
        ? Math.max(PUBLIC_PATHS, config.paths())
        : config.paths();
  }

  /** The contacts to begin with; suspects only where there is nobody else. */
  List<SignedPeerRecord> nearest(NodeId target) {
    List<SignedPeerRecord> nearest = new ArrayList<>();
    table.closest(target, config.k()).forEach(contact -> nearest.add(contact.record()));
    if (nearest.isEmpty()) {
      table.forEach(entry -> nearest.add(entry.contact().record()));
    }
    return nearest;
  }

  private Patience patience(NodeId id) {
    long longest = config.callDeadline().toNanos();
    long most = Math.min(longest, config.softTimeoutMax().toNanos());
    long soft = table.roundTripNanos(id, 2);
    long lost = table.roundTripNanos(id, 4);
    if (soft < 0) {
      return new Patience(most, most);
    }
    soft = Math.max(config.softTimeoutMin().toNanos(), Math.min(most, soft));
    lost = Math.max(config.lostAfterMin().toNanos(), Math.min(longest, lost));
    return new Patience(soft, Math.max(soft, lost));
  }

  @Override
  public void advance(long nowNanos) {
    // An answer is one lookup's; the others must not cost it anything.
    if (nowNanos >= nextWake()) {
      for (Run run : List.copyOf(runs)) {
        if (nowNanos >= run.wakeNanos) {
          advance(run, nowNanos);
        }
      }
    }
  }

  private void advance(Run run, long nowNanos) {
    if (nowNanos >= run.deadlineNanos) {
      run.lookup.stop();
    }
    for (Optional<SignedPeerRecord> next = run.lookup.next(nowNanos);
        next.isPresent();
        next = run.lookup.next(nowNanos)) {
      ask(run, next.get(), nowNanos);
    }
    run.wakeNanos = Math.min(run.deadlineNanos, run.lookup.nextWake());
    if (run.lookup.isDone() && runs.remove(run)) {
      end(run, nowNanos);
    }
  }

  /** Ends all lookups with what they have: somebody may wait for them. */
  void endAll(long nowNanos) {
    List<Run> ended = List.copyOf(runs);
    runs.clear();
    ended.forEach(run -> end(run, nowNanos));
  }

  private void end(Run run, long nowNanos) {
    events.add(
        new Event.LookupEnded(
            run.id, run.lookup.target(), run.lookup.result(), run.lookup.calls() - run.passedOver));
    run.companion.ended(nowNanos);
  }

  private void ask(Run run, SignedPeerRecord record, long nowNanos) {
    RecordVerifier.Verdict verdict = verify(record);
    if (!(verdict instanceof RecordVerifier.Verified verified)) {
      if (verdict instanceof RecordVerifier.Refused refused && refused.reason().isForgery()) {
        blame(run, record, nowNanos);
      }
      run.lookup.refused(record.id());
      return;
    }
    Contact peer = verified.contact();
    Contact before = run.called.get(peer.id());
    if (before != null && before.record().equals(record)) {
      // Called once more, since the first call seems lost: perhaps the endpoint is.
      peer = verifier.next(before).orElse(peer);
    }
    if (contacts.dials().isPaused(peer.endpoint(), nowNanos) || !mayTry(peer, nowNanos)) {
      passOver(run, record);
      run.companion.passedOver(peer);
      return;
    }
    call(run, peer, nowNanos);
  }

  /**
   * Verifies whom to call, and where: where it proved to be, if it is a contact that still says so,
   * or else where its record says first.
   */
  RecordVerifier.Verdict verify(SignedPeerRecord record) {
    List<Endpoint> endpoints = record.content().endpoints();
    Optional<Contact> known = endpoints.size() > 1 ? table.contact(record.id()) : Optional.empty();
    return known.isPresent() && endpoints.contains(known.get().endpoint())
        ? verifier.verify(record, known.get().endpoint())
        : verifier.verify(record);
  }

  private void call(Run run, Contact peer, long nowNanos) {
    if (peer.record().content().endpoints().size() > 1) {
      run.called.put(peer.id(), peer);
    }
    calls.make(
        peer.endpoint(),
        run.companion.question(self, peer, run.lookup.target()),
        config.callDeadline(),
        nowNanos,
        (outcome, rtt, now) -> completed(run, peer, outcome, rtt, now));
  }

  /** Peers hand on whom they verified, so those who named a forgery break a rule. */
  private void blame(Run run, SignedPeerRecord forged, long nowNanos) {
    for (Answer answer : run.answers) {
      if (answer.named.contains(forged)) {
        contacts.violated(answer.from, nowNanos);
      }
    }
  }

  /** Whether more than half of those that an answer names are named before in it. */
  private static boolean isRepetitive(List<SignedPeerRecord> named) {
    Set<NodeId> ids = new HashSet<>(2 * named.size());
    named.forEach(record -> ids.add(record.id()));
    return 2 * ids.size() < named.size();
  }

  /** A candidate is not asked, which is no call. */
  private static void passOver(Run run, SignedPeerRecord record) {
    run.passedOver++;
    run.lookup.failed(record.id(), false);
  }

  /** Contacts have proved that they are where they are called; for others there is a budget. */
  private boolean mayTry(Contact peer, long nowNanos) {
    return !self.isPublic()
        || table.contact(peer.id()).map(Contact::endpoint).equals(Optional.of(peer.endpoint()))
        || contacts.dials().mayTry(peer.endpoint(), nowNanos);
  }

  private void completed(Run run, Contact peer, Outcome outcome, long rttNanos, long nowNanos) {
    run.wakeNanos = AT_ONCE;
    Optional<List<SignedPeerRecord>> answer = run.companion.named(peer, outcome, nowNanos);
    if (answer.isEmpty()) {
      contacts.failed(peer, outcome, nowNanos - rttNanos, nowNanos);
      Optional<Contact> next = nextOf(run, peer, outcome);
      if (next.isPresent() && !contacts.dials().isPaused(next.get().endpoint(), nowNanos)) {
        call(run, next.get(), nowNanos);
        return;
      }
      run.lookup.failed(
          peer.id(), outcome instanceof Failure failure && failure.kind() == Failure.Kind.TIMEOUT);
      return;
    }
    contacts.answered(peer, rttNanos, nowNanos);
    if (self.isPublic()) {
      contacts.dials().answered(peer.endpoint());
    }
    // Late answers still count, but only the first and for a lookup that is still under way.
    if (runs.contains(run) && run.lookup.awaits(peer.id())) {
      List<SignedPeerRecord> named = answer.get();
      int added = run.lookup.answered(peer, named);
      run.answers.add(new Answer(peer, named));
      if (2 * added < named.size() && isRepetitive(named)) {
        contacts.violated(peer, nowNanos);
      }
      events.add(
          new Event.LookupStep(run.id, peer, run.lookup.hop(peer.id()), named.size(), added));
      if (run.companion.answered(peer, named, nowNanos)) {
        run.lookup.stop();
      }
    }
  }

  /** Where else to call a peer that was not there, unless that was done meanwhile. */
  private Optional<Contact> nextOf(Run run, Contact peer, Outcome outcome) {
    boolean isNobody =
        outcome instanceof Failure
            || (outcome instanceof Refusal refusal
                && refusal.reason() == Refusal.Reason.OTHER_PEER);
    Contact last = run.called.get(peer.id());
    return isNobody && last != null && last.equals(peer) && run.lookup.awaits(peer.id())
        ? verifier.next(peer)
        : Optional.empty();
  }

  @Override
  public long nextWake() {
    long earliest = NEVER;
    for (Run run : runs) {
      earliest = Math.min(earliest, run.wakeNanos);
    }
    return earliest;
  }
}
