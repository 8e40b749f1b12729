package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.routing.RoutingTable;
import dev.peerdiscovery.core.routing.SubnetLimits;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Records that were heard of, from callers and from answers, on their way to becoming contacts:
 * each that could have a place is called at its endpoint, a bounded number at a time. Whoever did
 * not prove its id is left alone for a while.
 */
final class Hints implements Part {
  /** The most hints that wait; more are dropped. */
  static final int MAX_WAITING = 512;

  /** The most that are being called. */
  static final int MAX_UNDER_WAY = 16;

  /** What became of a record that was heard of. */
  enum Offer {
    /** Its peer is new and will be called. */
    NEW,
    /** There is no place for its peer; it waits for one. */
    PARKED,
    /** It is of no use, or tells something of a peer that is known, waiting or leaving. */
    OTHER
  }

  private static final int MAX_REJECTED = 512;
  private static final Duration REJECTED = Duration.ofSeconds(30);

  private final Self self;
  private final RecordVerifier verifier;
  private final Contacts contacts;
  private final RoutingTable table;
  private final Prover prover;
  private final Events events;

  private final Deque<NodeId> queue = new ArrayDeque<>();

  /** The hints in the queue and those that are being called. */
  private final Map<NodeId, SignedPeerRecord> pending = new HashMap<>();

  /** The same, by subnet: where that counts, nobody may keep others from being called. */
  private final SubnetLimits expected;

  /**
   * Which records did not prove themselves, and until when they are not called again. With key and
   * signature, or a forged copy of a good one would keep that out.
   */
  private final Map<SignedPeerRecord, Long> rejectedUntilNanos = new LinkedHashMap<>();

  private int underWay;

  Hints(Self self, RecordVerifier verifier, Contacts contacts, Prover prover, Events events) {
    this.self = self;
    this.verifier = verifier;
    this.contacts = contacts;
    this.table = contacts.table();
    this.prover = prover;
    this.events = events;
    this.expected = SubnetLimits.of(self.network().scope() == Scope.PUBLIC);
  }

  /** Takes in a record that was heard of. */
  Offer offer(SignedPeerRecord record, long nowNanos) {
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
    boolean isOld = known && !record.content().supersedes(contact.get().record().content());
    if (isOld || isRejected(record, nowNanos)) {
      return Offer.OTHER;
    }
    if (pending.containsKey(id)) {
      learn(record);
      return Offer.OTHER;
    }
    if (!known && !(table.admits(record) && expected.admit(self.id().bucketOf(id), record))) {
      return Offer.OTHER;
    }
    if (!known && room(self.id().bucketOf(id)) <= 0) {
      table.park(record);
      events.add(new Event.HintParked(id));
      return Offer.PARKED;
    }
    if (pending.size() >= MAX_WAITING) {
      events.add(new Event.HintDropped(id, Event.Drop.TOO_MANY));
      return Offer.OTHER;
    }
    pending.put(id, record);
    expected.expect(self.id().bucketOf(id), record);
    queue.add(id);
    return known ? Offer.OTHER : Offer.NEW;
  }

  /** There may be a newer record of one that is pending. */
  private void learn(SignedPeerRecord record) {
    SignedPeerRecord known = pending.get(record.id());
    if (known != null
        && record.content().supersedes(known.content())
        && verifier.isGenuine(record)) {
      remove(record.id());
      pending.put(record.id(), record);
      expected.expect(self.id().bucketOf(record.id()), record);
    }
  }

  private void remove(NodeId id) {
    SignedPeerRecord removed = pending.remove(id);
    if (removed != null) {
      expected.expectNoMore(self.id().bucketOf(id), removed);
    }
  }

  /** Whether nothing is waiting or being called. */
  boolean isIdle() {
    return pending.isEmpty();
  }

  /** How many more contacts a bucket could take if all pending hints prove themselves. */
  int room(int bucket) {
    int room = table.room(bucket);
    for (NodeId id : pending.keySet()) {
      room -= self.id().bucketOf(id) == bucket ? 1 : 0;
    }
    return room;
  }

  private void farewell(SignedPeerRecord record, long nowNanos) {
    if (contacts.isLeaving(record) && verifier.verify(record) instanceof RecordVerifier.Left) {
      contacts.left(record, nowNanos);
    }
  }

  private boolean isRejected(SignedPeerRecord record, long nowNanos) {
    if (rejectedUntilNanos.isEmpty()) {
      return false;
    }
    Long until = rejectedUntilNanos.get(record);
    return until != null && nowNanos < until;
  }

  @Override
  public void advance(long nowNanos) {
    for (Optional<SignedPeerRecord> vacancy = contacts.takeVacancy();
        vacancy.isPresent();
        vacancy = contacts.takeVacancy()) {
      offer(vacancy.get(), nowNanos);
    }
    while (underWay < MAX_UNDER_WAY && !queue.isEmpty()) {
      SignedPeerRecord next = pending.get(queue.remove());
      if (next != null) {
        call(next, nowNanos);
      }
    }
  }

  private void call(SignedPeerRecord record, long nowNanos) {
    RecordVerifier.Verdict verdict = verifier.verify(record);
    if (!(verdict instanceof RecordVerifier.Verified verified)) {
      drop(record, dropOf(verdict), nowNanos);
      return;
    }
    Endpoint endpoint = verified.contact().endpoint();
    if (contacts.dials().isPaused(endpoint, nowNanos)) {
      drop(record, Event.Drop.PAUSED, nowNanos);
      return;
    }
    if (self.isPublic() && !contacts.dials().mayTry(endpoint, nowNanos)) {
      // Not its own fault, so it may be heard of again at once.
      remove(record.id());
      events.add(new Event.HintDropped(record.id(), Event.Drop.TOO_MANY));
      return;
    }
    underWay++;
    prover.prove(
        verified.contact(),
        nowNanos,
        (drop, now) -> {
          underWay--;
          if (drop.isPresent()) {
            drop(record, drop.get(), now);
          } else {
            remove(record.id());
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
    reject(record, nowNanos);
    events.add(new Event.HintDropped(record.id(), drop));
    // The place it was meant for can go to another.
    if (table.room(self.id().bucketOf(record.id())) > 0) {
      table.takeReplacement(record.id()).ifPresent(next -> offer(next, nowNanos));
    }
  }

  private void reject(SignedPeerRecord record, long nowNanos) {
    Iterator<Long> oldest = rejectedUntilNanos.values().iterator();
    while (oldest.hasNext()
        && (oldest.next() <= nowNanos || rejectedUntilNanos.size() >= MAX_REJECTED)) {
      oldest.remove();
    }
    rejectedUntilNanos.put(record, nowNanos + REJECTED.toNanos());
  }

  @Override
  public long nextWake() {
    return NEVER;
  }
}
