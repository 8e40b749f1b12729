package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.routing.RoutingTable;
import dev.peerdiscovery.core.routing.SubnetLimits;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Records that were heard of, from callers and from answers, on their way to becoming contacts:
 * each that could have a place is called at its endpoints, a bounded number at a time. Whoever did
 * not prove its id is left alone for a while.
 *
 * <p>Callers cost nobody else anything: each has a small share of those who wait, all of them
 * together leave room for the peers that the node met itself, and these come first.
 */
final class Hints implements Part {
  /** The most hints that wait; more are dropped. */
  static final int MAX_WAITING = 512;

  /** The most that are being called. */
  static final int MAX_UNDER_WAY = 16;

  /** Of both, the most of those that called. */
  static final int MAX_WAITING_OF_CALLERS = MAX_WAITING * 3 / 4;

  static final int MAX_UNDER_WAY_OF_CALLERS = MAX_UNDER_WAY * 3 / 4;

  /** The most of one caller, which has but one record of its own, or speaks for a few. */
  static final int MAX_OF_CALLER = 4;

  /** So many endpoints of a peer are tried, unless it is there. */
  static final int MAX_ENDPOINTS = 3;

  /** What became of a record that was heard of. */
  enum Offer {
    /** Its peer is new and will be called. */
    NEW,
    /** There is no place for its peer; it waits for one. */
    PARKED,
    /** It is of no use, or tells something of a peer that is known, waiting or leaving. */
    OTHER
  }

  /**
   * One that waits or is being called.
   *
   * @param caller who told of it by calling; empty where the node met it
   */
  private record Hint(SignedPeerRecord record, String caller) {
    boolean isCallers() {
      return !caller.isEmpty();
    }
  }

  private static final String MET = "";
  private static final int MAX_REJECTED = 512;
  private static final Duration REJECTED = Duration.ofSeconds(30);

  private final Self self;
  private final RecordVerifier verifier;
  private final Contacts contacts;
  private final RoutingTable table;
  private final Prover prover;
  private final Events events;

  private final Deque<NodeId> met = new ArrayDeque<>();
  private final Deque<NodeId> callers = new ArrayDeque<>();

  /** The hints in the queues and those that are being called. */
  private final Map<NodeId, Hint> pending = new HashMap<>();

  /** The same, by subnet: where that counts, nobody may keep others from being called. */
  private final SubnetLimits expected;

  /** Why a record did not become a contact, and until when it is not called again. */
  private record Rejection(Event.Drop why, long untilNanos) {}

  /**
   * Which records did not prove themselves. With key and signature, or a forged copy of a good one
   * would keep that out.
   */
  private final Map<SignedPeerRecord, Rejection> rejected = new LinkedHashMap<>();

  private int underWay;
  private int underWayOfCallers;

  Hints(Self self, RecordVerifier verifier, Contacts contacts, Prover prover, Events events) {
    this.self = self;
    this.verifier = verifier;
    this.contacts = contacts;
    this.table = contacts.table();
    this.prover = prover;
    this.events = events;
    this.expected = self.isPublic() ? SubnetLimits.by(verifier::dialled) : SubnetLimits.NONE;
  }

  /** Takes in a record that the node came upon itself. */
  Offer offer(SignedPeerRecord record, long nowNanos) {
    return offer(record, MET, nowNanos);
  }

  /**
   * Takes in a record that was heard of.
   *
   * @param caller who told of it by calling, in whatever way callers are told apart; empty where
   *     the node came upon it itself
   */
  Offer offer(SignedPeerRecord record, String caller, long nowNanos) {
    NodeId id = record.id();
    if (id.equals(self.id())) {
      if (self.isAhead(record) && verifier.isGenuine(record)) {
        self.met(record, nowNanos);
      }
      return Offer.OTHER;
    }
    if (record.hasLeft()) {
      farewell(record, nowNanos);
      return Offer.OTHER;
    }
    Optional<Contact> contact = table.contact(id);
    boolean known = contact.isPresent();
    boolean isOld = known && !record.supersedes(contact.get().record());
    if (isOld || isRejected(record, nowNanos)) {
      return Offer.OTHER;
    }
    if (pending.containsKey(id)) {
      learn(record);
      return Offer.OTHER;
    }
    int bucket = self.id().bucketOf(id);
    if (!known && !(table.admits(record) && expected.admit(bucket, record))) {
      return Offer.OTHER;
    }
    Hint hint = new Hint(record, caller);
    if (!known && room(bucket, hint.isCallers()) <= 0) {
      return park(hint);
    }
    if (isTooMany(hint)) {
      events.add(new Event.HintDropped(id, Event.Drop.TOO_MANY));
      return Offer.OTHER;
    }
    pending.put(id, hint);
    expected.expect(bucket, record);
    (hint.isCallers() ? callers : met).add(id);
    return known ? Offer.OTHER : Offer.NEW;
  }

  private boolean isTooMany(Hint hint) {
    if (pending.size() >= MAX_WAITING) {
      return true;
    }
    int ofCallers = 0;
    int ofCaller = 0;
    for (Hint other : hint.isCallers() ? pending.values() : List.<Hint>of()) {
      ofCallers += other.isCallers() ? 1 : 0;
      ofCaller += other.caller.equals(hint.caller) ? 1 : 0;
    }
    return ofCallers >= MAX_WAITING_OF_CALLERS || ofCaller >= MAX_OF_CALLER;
  }

  /**
   * Has it wait for a place. Of a peer that waits already the record that is its own is kept, not
   * the one that claims to be newest: so these are verified, and only these.
   */
  private Offer park(Hint hint) {
    SignedPeerRecord record = hint.record;
    Optional<SignedPeerRecord> waiting = table.waiting(record.id());
    if (waiting.isPresent() && !waiting.get().equals(record)) {
      if (!verifier.isGenuine(record)) {
        events.add(new Event.HintDropped(record.id(), Event.Drop.FORGED));
        return Offer.OTHER;
      }
      if (!verifier.isGenuine(waiting.get())) {
        table.waitsNoMore(record.id());
      }
    }
    table.park(record, hint.caller);
    events.add(new Event.HintParked(record.id()));
    return Offer.PARKED;
  }

  /** There may be a newer record of one that is pending. */
  private void learn(SignedPeerRecord record) {
    Hint known = pending.get(record.id());
    if (known != null && record.supersedes(known.record) && verifier.isGenuine(record)) {
      remove(record.id());
      pending.put(record.id(), new Hint(record, known.caller));
      expected.expect(self.id().bucketOf(record.id()), record);
    }
  }

  private void remove(NodeId id) {
    Hint removed = pending.remove(id);
    if (removed != null) {
      expected.expectNoMore(self.id().bucketOf(id), removed.record);
    }
  }

  /** Whether a peer is a contact, waits to be called or is being called. */
  boolean isKnown(NodeId id) {
    return pending.containsKey(id) || table.contact(id).isPresent();
  }

  /** Whether nothing is waiting or being called. */
  boolean isIdle() {
    return pending.isEmpty();
  }

  /**
   * How many more contacts a bucket could take if all pending hints that the node met itself prove
   * themselves.
   */
  int room(int bucket) {
    return room(bucket, false);
  }

  /** Callers, who may be nowhere, take no place of those that the node met. */
  private int room(int bucket, boolean countsCallers) {
    int room = table.room(bucket);
    for (Map.Entry<NodeId, Hint> each : pending.entrySet()) {
      boolean counts = countsCallers || !each.getValue().isCallers();
      room -= counts && self.id().bucketOf(each.getKey()) == bucket ? 1 : 0;
    }
    return room;
  }

  private void farewell(SignedPeerRecord record, long nowNanos) {
    if (contacts.isLeaving(record) && verifier.verify(record) instanceof RecordVerifier.Left) {
      contacts.left(record, nowNanos);
    }
  }

  private boolean isRejected(SignedPeerRecord record, long nowNanos) {
    if (rejected.isEmpty()) {
      return false;
    }
    Rejection rejection = rejected.get(record);
    return rejection != null && nowNanos < rejection.untilNanos;
  }

  /**
   * Whoever was not reached may be called as soon as it is heard of again: what a node without
   * anybody wants, which cannot tell whether the other one was away or it was itself.
   */
  void forgetUnreachable() {
    rejected.values().removeIf(rejection -> rejection.why == Event.Drop.UNREACHABLE);
  }

  @Override
  public void advance(long nowNanos) {
    for (Optional<SignedPeerRecord> vacancy = contacts.takeVacancy();
        vacancy.isPresent();
        vacancy = contacts.takeVacancy()) {
      offer(vacancy.get(), nowNanos);
    }
    while (underWay < MAX_UNDER_WAY && !met.isEmpty()) {
      call(met.remove(), nowNanos);
    }
    while (underWay < MAX_UNDER_WAY
        && underWayOfCallers < MAX_UNDER_WAY_OF_CALLERS
        && !callers.isEmpty()) {
      call(callers.remove(), nowNanos);
    }
  }

  private void call(NodeId id, long nowNanos) {
    Hint hint = pending.get(id);
    if (hint == null) {
      return;
    }
    SignedPeerRecord record = hint.record;
    RecordVerifier.Verdict verdict = verifier.verify(record);
    if (!(verdict instanceof RecordVerifier.Verified verified)) {
      drop(record, dropOf(verdict), nowNanos);
      return;
    }
    Contact peer = verified.contact();
    if (contacts.dials().isPaused(peer.endpoint(), nowNanos)) {
      drop(record, Event.Drop.PAUSED, nowNanos);
      return;
    }
    if (self.isPublic() && !contacts.dials().mayTry(peer.endpoint(), nowNanos)) {
      // Not its own fault, so it may be heard of again at once.
      remove(record.id());
      events.add(new Event.HintDropped(record.id(), Event.Drop.TOO_MANY));
      return;
    }
    underWay++;
    underWayOfCallers += hint.isCallers() ? 1 : 0;
    prove(hint, peer, MAX_ENDPOINTS - 1, nowNanos);
  }

  private void prove(Hint hint, Contact peer, int more, long nowNanos) {
    prover.prove(
        peer,
        nowNanos,
        (drop, now) -> {
          Optional<Contact> next =
              drop.isPresent() && more > 0 ? verifier.next(peer) : Optional.empty();
          if (next.isPresent() && !contacts.dials().isPaused(next.get().endpoint(), now)) {
            prove(hint, next.get(), more - 1, now);
            return;
          }
          underWay--;
          underWayOfCallers -= hint.isCallers() ? 1 : 0;
          if (drop.isPresent()) {
            drop(hint.record, drop.get(), now);
          } else {
            remove(hint.record.id());
          }
        });
  }

  private Event.Drop dropOf(RecordVerifier.Verdict verdict) {
    if (!(verdict instanceof RecordVerifier.Refused refused)) {
      return Event.Drop.REFUSED;
    }
    if (refused.reason() == RecordVerifier.Reason.ADDRESS_NOT_ALLOWED) {
      self.addressRefused();
    }
    return refused.reason().isForgery() ? Event.Drop.FORGED : Event.Drop.REFUSED;
  }

  private void drop(SignedPeerRecord record, Event.Drop drop, long nowNanos) {
    remove(record.id());
    reject(record, drop, nowNanos);
    events.add(new Event.HintDropped(record.id(), drop));
    // The place it was meant for can go to another.
    if (table.room(self.id().bucketOf(record.id())) > 0) {
      table.takeReplacement(record.id()).ifPresent(next -> offer(next, nowNanos));
    }
  }

  private void reject(SignedPeerRecord record, Event.Drop why, long nowNanos) {
    Iterator<Rejection> oldest = rejected.values().iterator();
    while (oldest.hasNext()
        && (oldest.next().untilNanos <= nowNanos || rejected.size() >= MAX_REJECTED)) {
      oldest.remove();
    }
    rejected.put(record, new Rejection(why, nowNanos + REJECTED.toNanos()));
  }

  @Override
  public long nextWake() {
    return NEVER;
  }
}
