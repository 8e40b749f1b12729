package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.routing.RoutingTable;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Owns the routing table and decides who keeps a place in it. Every outcome of a call to a contact
 * ends here.
 *
 * <p>Failures say something about a contact only as long as the node's own network works. So nobody
 * is evicted unless something was heard from anybody between its failures, and the node <em>doubts
 * itself</em> when many contacts, or all, have failed for a while with nothing coming in (mldht
 * calls it survival mode). When the first sign of life ends that, the failures are forgiven.
 */
final class Contacts implements Part {
  /** So many failing at once with nothing coming in are no coincidence. */
  private static final int DOUBT_CONTACTS = 8;

  private final EngineConfig config;
  private final RoutingTable table;
  private final Departed departed;
  private final Events events;
  private final Dials dials = new Dials();

  /** Records whose peers are to be called: there is a place for them now, or they moved. */
  private final Deque<SignedPeerRecord> vacancies = new ArrayDeque<>(1);

  /** Contacts that missed a call and that {@link Liveness} has yet to take up. */
  private final Deque<NodeId> missed = new ArrayDeque<>(1);

  /**
   * Contacts that failed since anything was heard; a subset of the table at the time. Made when
   * there is one: it is cleared with every answer.
   */
  private Set<NodeId> failedInSilence = Set.of();

  private long silenceFailsSinceNanos;
  private long heardNanos;
  private long resumedNanos = Long.MIN_VALUE;
  private boolean doubtful;
  private int returned;

  Contacts(EngineConfig config, RoutingTable table, Departed departed, Events events, long now) {
    this.config = config;
    this.table = table;
    this.departed = departed;
    this.events = events;
    this.heardNanos = now;
  }

  RoutingTable table() {
    return table;
  }

  /** Whom to leave alone. */
  Dials dials() {
    return dials;
  }

  /** How often a contact that went away came back; many at once are an island that merges. */
  int returned() {
    return returned;
  }

  boolean isDoubtful() {
    return doubtful;
  }

  /** Something came in from the network: an answer, or a request. */
  void heard(long nowNanos) {
    heardNanos = nowNanos;
    failedInSilence = Set.of();
    if (doubtful) {
      doubtful = false;
      table.forgiveAll();
      events.add(new Event.SelfDoubt(false));
    }
  }

  /**
   * A contact has just proved its id at its endpoint.
   *
   * @return whether it may have a place; not when there are too many of its subnet
   */
  boolean earned(Contact contact, long nowNanos) {
    heard(nowNanos);
    returned += departed.remove(contact.id()) ? 1 : 0;
    RoutingTable.Insert insert = table.insert(contact, nowNanos);
    switch (insert) {
      case ADDED, UPDATED -> events.add(new Event.ContactEarned(contact));
      case FULL -> events.add(new Event.HintParked(contact.id()));
      case KEPT, CROWDED -> {}
    }
    return insert != RoutingTable.Insert.CROWDED;
  }

  /** A peer, contact or not, answered a call. */
  void answered(Contact peer, long rttNanos, long nowNanos) {
    heard(nowNanos);
    if (isDialledAs(peer)) {
      table.answered(peer.id(), rttNanos, nowNanos);
    }
  }

  /** A call to a peer, contact or not, was refused or came to nothing. */
  void failed(Contact peer, Outcome outcome, long startedNanos, long nowNanos) {
    if (outcome instanceof Refusal refusal) {
      heard(nowNanos);
      switch (refusal.reason()) {
        case OTHER_PEER, OTHER_NETWORK, OTHER_IDENTITY, OTHER_SCOPE, OTHER_VERSION ->
            changed(peer, nowNanos);
        case MALFORMED, NOT_SERVING, UNKNOWN -> missed(peer, startedNanos, nowNanos);
        // Alive but busy: no merit, no blame.
        case OVERLOADED, QUARANTINED -> dials.busy(peer.endpoint(), refusal.retryAfter(), nowNanos);
        case BAD_TOKEN,
            NOT_YOURS,
            ADDRESS_NOT_ALLOWED,
            SUPERSEDED,
            NOT_THERE,
            REGION_UNREACHABLE,
            HELD,
            WITHDRAWN,
            FULL -> {
          // Of another opinion: no merit, no blame.
        }
      }
    } else if (isInvalid(outcome) && dials.violated(peer.endpoint(), nowNanos)) {
      quarantine(peer, nowNanos);
    } else if (!(outcome instanceof Failure failure) || failure.kind() != Failure.Kind.CANCELLED) {
      missed(peer, startedNanos, nowNanos);
    }
  }

  /**
   * The node itself stood still for a while, as its process, or machine, was stopped. What failed
   * meanwhile says nothing about anybody else.
   */
  void resumed(long nowNanos) {
    resumedNanos = nowNanos;
    failedInSilence = Set.of();
    table.forgiveAll();
  }

  private static boolean isInvalid(Outcome outcome) {
    return outcome instanceof Failure failure && failure.kind() == Failure.Kind.INVALID_ANSWER;
  }

  /** An answer of a peer, contact or not, broke a rule that does not make it malformed. */
  void violated(Contact peer, long nowNanos) {
    if (dials.violated(peer.endpoint(), nowNanos)) {
      quarantine(peer, nowNanos);
    }
  }

  private void quarantine(Contact peer, long nowNanos) {
    if (isDialledAs(peer)) {
      lose(peer.id(), Event.Loss.QUARANTINED, nowNanos);
    }
  }

  /** Whoever answers at a contact's endpoint is somebody else now. */
  void changed(Contact peer, long nowNanos) {
    if (isDialledAs(peer)) {
      lose(peer.id(), Event.Loss.CHANGED, nowNanos);
    }
  }

  /** Whether a farewell is a contact's, and newer than what is known of it. */
  boolean isLeaving(SignedPeerRecord farewell) {
    Optional<Contact> known = table.contact(farewell.id());
    return known.isPresent() && farewell.supersedes(known.get().record());
  }

  /** A peer said that it leaves. Unsigned, that may be a lie: it is called again before long. */
  void left(SignedPeerRecord farewell, long nowNanos) {
    if (isLeaving(farewell)) {
      lose(farewell.id(), Event.Loss.LEFT, nowNanos);
    }
  }

  /** A peer is to be called where its record says, as any that was heard of. */
  void meet(SignedPeerRecord record) {
    vacancies.add(record);
  }

  /** A record whose peer is to be called: it was waiting for a place, or the peer has moved. */
  Optional<SignedPeerRecord> takeVacancy() {
    return Optional.ofNullable(vacancies.poll());
  }

  /** A contact that missed a call since they were last taken. */
  Optional<NodeId> takeMissed() {
    return Optional.ofNullable(missed.poll());
  }

  /**
   * Counts a missed call. Calls that were under way together miss together and count once; and the
   * last one evicts only if something was heard since the one before.
   */
  private void missed(Contact peer, long startedNanos, long nowNanos) {
    Optional<RoutingTable.Entry> known = table.entry(peer.id());
    if (known.isEmpty() || !isDialledAs(peer)) {
      return;
    }
    RoutingTable.Entry before = known.get();
    if (before.failures() > 0 && startedNanos < before.failedNanos()) {
      return;
    }
    if (startedNanos < resumedNanos) {
      return;
    }
    if (failedInSilence.isEmpty()) {
      silenceFailsSinceNanos = nowNanos;
      failedInSilence = new HashSet<>();
    }
    failedInSilence.add(peer.id());
    int failures = table.failed(peer.id(), nowNanos);
    if (failures >= config.evictAfter() && heardNanos >= before.failedNanos()) {
      lose(peer.id(), Event.Loss.FAILED, nowNanos);
    } else {
      missed.add(peer.id());
    }
  }

  private void lose(NodeId id, Event.Loss loss, long nowNanos) {
    table
        .remove(id)
        .ifPresent(
            contact -> {
              if (!failedInSilence.isEmpty()) {
                failedInSilence.remove(id);
              }
              departed.add(contact, loss == Event.Loss.LEFT, nowNanos);
              events.add(new Event.ContactLost(contact, loss));
              table.takeReplacement(id).ifPresent(vacancies::add);
            });
  }

  private boolean isDialledAs(Contact peer) {
    Optional<Contact> known = table.contact(peer.id());
    return known.isPresent() && known.get().endpoint().equals(peer.endpoint());
  }

  @Override
  public void advance(long nowNanos) {
    if (!doubtful && isSilenceSuspicious() && nowNanos >= doubtAtNanos()) {
      doubtful = true;
      events.add(new Event.SelfDoubt(true));
    }
  }

  @Override
  public long nextWake() {
    return !doubtful && isSilenceSuspicious() ? doubtAtNanos() : NEVER;
  }

  private boolean isSilenceSuspicious() {
    return !failedInSilence.isEmpty()
        && failedInSilence.size() >= Math.min(DOUBT_CONTACTS, table.size());
  }

  private long doubtAtNanos() {
    return silenceFailsSinceNanos + config.doubtAfter().toNanos();
  }
}
