package dev.peerdiscovery.core.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.Peers;
import dev.peerdiscovery.core.id.Distance;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.lookup.Lookup.Settings;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;

/**
 * A network in virtual time that answers one lookup and checks every step of it against the class
 * comment, with a plain model of its own: who is known, and what became of each.
 */
final class LookupNetwork {
  /** What a peer does when it is called. */
  enum Manner {
    /** Answers within the soft timeout. */
    PROMPT,
    /** Answers after it. */
    LATE,
    /** Never answers; the call ends at its deadline, and may have been lost. */
    SILENT,
    /** Refuses. */
    FAILING,
    /** Loses the first call, answers the second. */
    LOSSY
  }

  /** Whom a peer names when it is asked. */
  @FunctionalInterface
  interface Answers {
    Collection<NodeId> answer(NodeId from, NodeId target);
  }

  private enum Status {
    KNOWN,
    ASKED,
    LATE,
    LOST,
    SILENT,
    ANSWERED,
    FAILED
  }

  private record Completion(long at, int order, NodeId from, boolean answers, boolean lost) {}

  private static final long SOFT_TIMEOUT = 100;
  private static final long LOST = 400;
  private static final long DEADLINE = 2_000;

  private static final Patience PATIENCE = new Patience(SOFT_TIMEOUT, LOST);

  private final Random random;
  private final Map<NodeId, Manner> manners;
  private final Answers answers;
  private final Map<NodeId, SignedPeerRecord> records = new HashMap<>();
  private final Map<NodeId, Contact> contacts = new HashMap<>();

  private NodeId self = NodeId.ZERO;
  private NodeId target = NodeId.ZERO;
  private Settings settings = new Settings(1, 1, true);
  private Lookup lookup =
      new Lookup(target, Optional.of(self), settings, List.of(), id -> PATIENCE);
  private final PriorityQueue<Completion> completions =
      new PriorityQueue<>(
          (a, b) -> a.at != b.at ? Long.compare(a.at, b.at) : Integer.compare(a.order, b.order));
  private final TreeMap<Distance, NodeId> known = new TreeMap<>();
  private final Map<NodeId, Status> statuses = new HashMap<>();
  private final Map<NodeId, Integer> calls = new HashMap<>();
  private final Map<NodeId, Integer> underWay = new HashMap<>();
  private final Map<NodeId, Long> askedAt = new HashMap<>();
  private int answersWithoutProgress;
  private boolean swept;
  private int called;
  private long now;

  LookupNetwork(Random random, Map<NodeId, Manner> manners, Answers answers) {
    this.random = random;
    this.manners = manners;
    this.answers = answers;
  }

  /** Runs a lookup to its end, and on until no call is under way. */
  List<NodeId> lookup(
      NodeId newTarget, NodeId newSelf, Settings newSettings, Collection<NodeId> start) {
    target = newTarget;
    self = newSelf;
    settings = newSettings;
    completions.clear();
    known.clear();
    statuses.clear();
    calls.clear();
    underWay.clear();
    askedAt.clear();
    answersWithoutProgress = 0;
    swept = false;
    called = 0;
    now = 0;
    lookup =
        new Lookup(
            target,
            Optional.of(self),
            settings,
            start.stream().map(this::record).toList(),
            id -> PATIENCE);
    start.forEach(this::learn);

    int wakes = 0;
    askAll();
    while (!lookup.isDone()) {
      assertThat(completions).as("not done, so somebody is under way").isNotEmpty();
      long wake = Math.min(completions.element().at, lookup.nextWake());
      assertThat(wake).as("time runs forward").isGreaterThanOrEqualTo(now);
      // At most a soft timeout, a loss and a completion for each call.
      assertThat(++wakes).as("wakes").isLessThanOrEqualTo(3 * 16 * settings.k());
      now = wake;
      while (!completions.isEmpty() && completions.element().at <= now && !lookup.isDone()) {
        complete(completions.remove());
        assertThat(lookup.isDone()).as("done, before anybody is asked").isEqualTo(isOver());
      }
      askAll();
    }
    List<NodeId> result = result();
    assertThat(result).as("the k nearest responders").isEqualTo(nearest(Status.ANSWERED));
    assertThat(lookup.next(now)).as("after the end").isEmpty();
    return result;
  }

  /** When the lookup was over. */
  long elapsed() {
    return now;
  }

  int calls() {
    return called;
  }

  private void askAll() {
    for (Optional<SignedPeerRecord> next = lookup.next(now);
        next.isPresent();
        next = lookup.next(now)) {
      expire();
      call(next.get().id());
    }
    expire();
    assertThat(lookup.isDone()).as("done, when all were asked").isEqualTo(isOver());
    assertThat(lookup.calls()).isEqualTo(called);
  }

  private void call(NodeId id) {
    assertThat(id).as("asks itself").isNotEqualTo(self);
    assertThat(statuses.get(id))
        .as("asks %s, who is not to be asked", id)
        .isIn(Status.KNOWN, Status.LOST);
    assertThat(calls.merge(id, 1, Integer::sum)).as("calls to %s", id).isLessThanOrEqualTo(2);
    assertThat(++called).as("calls").isLessThanOrEqualTo(16 * settings.k());
    assertThat(nearerThan(id)).as("those that count and are nearer").isLessThan(settings.k());
    swept |= mustSweep();
    statuses.put(id, statuses.get(id) == Status.LOST ? Status.LATE : Status.ASKED);
    askedAt.put(id, now);
    underWay.merge(id, 1, Integer::sum);
    long asked = statuses.values().stream().filter(status -> status == Status.ASKED).count();
    int most = swept ? Math.max(settings.k(), settings.alpha()) : settings.alpha();
    assertThat(asked).as("under way, swept: %s", swept).isLessThanOrEqualTo(most);

    boolean again = calls.get(id) > 1;
    int prompt = 1 + random.nextInt((int) SOFT_TIMEOUT - 1);
    int late = (int) SOFT_TIMEOUT + random.nextInt(1_000);
    completions.add(
        switch (manners.get(id)) {
          case PROMPT -> new Completion(now + prompt, called, id, true, false);
          case LATE -> new Completion(now + late, called, id, true, false);
          case SILENT -> new Completion(now + DEADLINE, called, id, false, true);
          case FAILING -> new Completion(now + prompt, called, id, false, false);
          case LOSSY -> new Completion(now + prompt, called, id, again, !again);
        });
  }

  private void complete(Completion completion) {
    NodeId from = completion.from;
    boolean last = underWay.merge(from, -1, Integer::sum) == 0;
    if (!completion.answers) {
      lookup.failed(from, completion.lost);
      if (statuses.get(from) != Status.ANSWERED && (last || !completion.lost)) {
        boolean again = completion.lost && calls.get(from) < 2;
        statuses.put(from, again ? Status.LOST : Status.FAILED);
      }
      return;
    }
    if (statuses.get(from) == Status.ANSWERED) {
      assertThat(lookup.answered(contact(from), List.of())).as("%s answered twice", from).isZero();
      return;
    }
    Collection<NodeId> learned = answers.answer(from, target);
    statuses.put(from, Status.ANSWERED);
    NodeId nearestBefore = known.firstEntry().getValue();
    int added = 0;
    for (NodeId id : learned) {
      added += learn(id) ? 1 : 0;
    }
    boolean nearer = !known.firstEntry().getValue().equals(nearestBefore);
    answersWithoutProgress = nearer ? 0 : answersWithoutProgress + 1;
    assertThat(lookup.answered(contact(from), learned.stream().map(this::record).toList()))
        .as("new ones in the answer of %s", from)
        .isEqualTo(added);
  }

  private boolean learn(NodeId id) {
    boolean added = !id.equals(self) && statuses.putIfAbsent(id, Status.KNOWN) == null;
    if (added) {
      known.put(target.distanceTo(id), id);
    }
    return added;
  }

  private void expire() {
    statuses.replaceAll(
        (id, status) -> {
          if (status != Status.ASKED && status != Status.LATE) {
            return status;
          }
          long silence = now - askedAt.get(id);
          if (silence >= LOST) {
            return calls.get(id) < 2 ? Status.LOST : Status.SILENT;
          }
          return silence >= SOFT_TIMEOUT ? Status.LATE : status;
        });
  }

  /** The rule of the end, word by word. */
  private boolean isOver() {
    if (statuses.containsValue(Status.ANSWERED)) {
      return nearest(Status.KNOWN, Status.ASKED, Status.LATE, Status.LOST, Status.ANSWERED).stream()
          .allMatch(id -> statuses.get(id) == Status.ANSWERED);
    }
    return statuses.entrySet().stream()
        .allMatch(
            status ->
                status.getValue() == Status.FAILED
                    || (status.getValue() == Status.SILENT && underWay.get(status.getKey()) == 0));
  }

  private boolean mustSweep() {
    if (!settings.sweeps()) {
      return false;
    }
    List<NodeId> counting = countingFirst();
    return answersWithoutProgress >= settings.alpha()
        || (!counting.isEmpty() && statuses.get(counting.get(0)) == Status.ANSWERED);
  }

  private List<NodeId> countingFirst() {
    return nearest(Status.KNOWN, Status.ASKED, Status.ANSWERED);
  }

  /** How many that count are nearer to the target than somebody. */
  private long nearerThan(NodeId id) {
    return countingFirst().stream().filter(other -> target.compareDistances(other, id) < 0).count();
  }

  private List<NodeId> nearest(Status... wanted) {
    List<NodeId> nearest = new ArrayList<>();
    for (NodeId id : known.values()) {
      if (nearest.size() < settings.k() && List.of(wanted).contains(statuses.get(id))) {
        nearest.add(id);
      }
    }
    return nearest;
  }

  private List<NodeId> result() {
    return lookup.result().stream().map(Contact::id).toList();
  }

  private SignedPeerRecord record(NodeId id) {
    return records.computeIfAbsent(id, Peers::record);
  }

  private Contact contact(NodeId id) {
    return contacts.computeIfAbsent(id, same -> Peers.contact(record(same)));
  }
}
