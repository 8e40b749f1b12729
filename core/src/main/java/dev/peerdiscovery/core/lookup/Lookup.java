package dev.peerdiscovery.core.lookup;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * One iterative search for the k peers nearest to a target (Kademlia, section 2.3). It performs
 * nothing: the owner asks {@link #next} whom to call, reports {@link #answered} or {@link #failed},
 * and is told by {@link #isDone} when to stop.
 *
 * <p>The rule. Candidates lie in one list ordered by distance. α are asked at a time, nearest
 * first. As soon as the nearest candidate has answered, or α answers in a row brought nothing
 * nearer, all unasked ones of the k nearest are asked at once, because seven of the nine rounds of
 * the classic rule are its final sweep. The lookup is done when each of the k nearest has answered,
 * where candidates that failed or passed their soft timeout do not count among them. A late answer
 * counts until then. A lost call is made once more. The result holds responders only: being
 * mentioned by others makes nobody alive.
 *
 * <p>It survives answers with the asker, the answerer or duplicates in them, with peers farther
 * than the answerer, and with ever nearer inventions: candidates and calls are bounded.
 *
 * <p>Not thread-safe. Time is in nanoseconds of a monotonic clock whose values do not wrap.
 */
public final class Lookup {
  /**
   * How a lookup goes about it.
   *
   * @param k how many peers are searched for
   * @param alpha how many calls are under way before the final sweep
   * @param sweeps whether the rest of the k are asked at once in the end; without it never more
   *     than alpha calls are under way
   */
  public record Settings(int k, int alpha, boolean sweeps) {
    /** Checks the bounds. */
    public Settings {
      if (k < 1 || alpha < 1) {
        throw new IllegalArgumentException("k and alpha: must be at least 1");
      }
    }
  }

  private enum State {
    /** Known, not asked, or to be asked again after a lost call. */
    UNASKED,
    /** Asked, and within its soft timeout. */
    ASKED,
    /** Asked, and past its soft timeout: counts for nothing unless it answers after all. */
    SLOW,
    /** Has answered. Final. */
    ANSWERED,
    /** Could not be reached or verified. Left only when a newer record of it turns up. */
    FAILED
  }

  private static final class Candidate {
    final NodeId id;
    SignedPeerRecord record;
    State state = State.UNASKED;
    long softDeadlineNanos;
    int attempts;

    /**
     * Another record of it, to be tried if this one leads nowhere. Records are not verified yet, so
     * one that merely claims to be newer must not hide one that is good.
     */
    @Nullable SignedPeerRecord spare;

    Candidate(SignedPeerRecord record) {
      this.id = record.id();
      this.record = record;
    }

    boolean counts() {
      return state != State.FAILED && state != State.SLOW;
    }

    boolean isUnderWay() {
      return state == State.ASKED || state == State.SLOW;
    }
  }

  private static final int MAX_ATTEMPTS = 2;

  private final NodeId target;
  private final NodeId self;
  private final Settings settings;
  private final ToLongFunction<NodeId> softTimeoutNanos;

  /**
   * Nearest first, no id twice. At most {@link #maxUntried} that were never asked; those that were
   * stay, or they could be asked again, and there are no more of them than calls.
   */
  private final List<Candidate> candidates = new ArrayList<>();

  /** The contacts that answered, nearest first. */
  private final List<Contact> responders = new ArrayList<>();

  /** How many of the candidates were never asked. */
  private int untried;

  private int answersWithoutProgress;
  private int asked;
  private boolean stopped;

  /**
   * A lookup that has asked nobody yet.
   *
   * @param target what is searched for
   * @param self the id of the one who searches, which is never a candidate
   * @param settings how it goes about it
   * @param start whom to begin with, in any order
   * @param softTimeoutNanos how long to wait for a peer before others are asked in its stead
   */
  public Lookup(
      NodeId target,
      NodeId self,
      Settings settings,
      Collection<SignedPeerRecord> start,
      ToLongFunction<NodeId> softTimeoutNanos) {
    this.target = target;
    this.self = self;
    this.settings = settings;
    this.softTimeoutNanos = softTimeoutNanos;
    start.forEach(this::learn);
  }

  /** What is searched for. */
  public NodeId target() {
    return target;
  }

  /**
   * Whom to call now, if anybody. The caller then owes one {@link #answered} or {@link #failed} for
   * that id, and asks again until nobody is returned.
   */
  public Optional<SignedPeerRecord> next(long nowNanos) {
    expire(nowNanos);
    if (isDone() || asked >= maxAsked()) {
      return Optional.empty();
    }
    int limit = isSweeping() ? settings.k() : settings.alpha();
    int underWay = 0;
    int counted = 0;
    Candidate nearest = null;
    for (Candidate candidate : candidates) {
      if (!candidate.counts()) {
        continue;
      }
      if (candidate.state == State.ASKED) {
        underWay++;
      }
      // A newcomer can push one that is being asked out of the k; it still takes its place.
      if (counted++ < settings.k() && candidate.state == State.UNASKED && nearest == null) {
        nearest = candidate;
      }
    }
    if (nearest == null || underWay >= limit) {
      return Optional.empty();
    }
    nearest.state = State.ASKED;
    nearest.softDeadlineNanos = nowNanos + softTimeoutNanos.applyAsLong(nearest.id);
    untried -= nearest.attempts == 0 ? 1 : 0;
    nearest.attempts++;
    asked++;
    return Optional.of(nearest.record);
  }

  /**
   * Takes in an answer, however late.
   *
   * @param from who answered
   * @param learned whom it named, unverified and in any order
   * @return how many candidates were new
   */
  public int answered(Contact from, Collection<SignedPeerRecord> learned) {
    Candidate candidate = find(from.id());
    if (candidate == null || !candidate.isUnderWay()) {
      return 0;
    }
    candidate.state = State.ANSWERED;
    addResponder(from);
    NodeId nearestBefore = candidates.get(0).id;
    int added = 0;
    for (SignedPeerRecord record : learned) {
      added += learn(record) ? 1 : 0;
    }
    boolean nearer = !candidates.get(0).id.equals(nearestBefore);
    answersWithoutProgress = nearer ? 0 : answersWithoutProgress + 1;
    return added;
  }

  /**
   * Notes that a call came to nothing.
   *
   * @param lost whether the call may have been lost on the way, so that it is worth one more
   */
  public void failed(NodeId id, boolean lost) {
    Candidate candidate = find(id);
    if (candidate == null || !candidate.isUnderWay()) {
      return;
    }
    if (candidate.spare != null) {
      candidate.record = candidate.spare;
      candidate.spare = null;
      candidate.state = State.UNASKED;
    } else {
      boolean again = lost && candidate.attempts < MAX_ATTEMPTS;
      candidate.state = again ? State.UNASKED : State.FAILED;
    }
  }

  /** Ends the lookup: nobody is asked any more, answers under way still count. */
  public void stop() {
    stopped = true;
  }

  /** Whether the search is over. */
  public boolean isDone() {
    if (stopped) {
      return true;
    }
    int counted = 0;
    boolean waiting = false;
    for (Candidate candidate : candidates) {
      waiting |= candidate.isUnderWay();
      if (candidate.counts()) {
        boolean answered = candidate.state == State.ANSWERED;
        if (!answered && (candidate.state == State.ASKED || asked < maxAsked())) {
          return false;
        }
        counted += answered ? 1 : 0;
        if (counted == settings.k()) {
          return true;
        }
      }
    }
    // While nobody at all has answered, the slow are worth waiting for.
    return !responders.isEmpty() || !waiting;
  }

  /**
   * When {@link #next} should be asked again if nothing happens; {@code Long.MAX_VALUE} if never.
   */
  public long nextWake() {
    long earliest = Long.MAX_VALUE;
    for (Candidate candidate : candidates) {
      if (candidate.state == State.ASKED) {
        earliest = Math.min(earliest, candidate.softDeadlineNanos);
      }
    }
    return earliest;
  }

  /** The responders nearest to the target, at most k, nearest first. */
  public List<Contact> result() {
    return List.copyOf(responders.subList(0, Math.min(settings.k(), responders.size())));
  }

  /** How many calls were asked for. */
  public int calls() {
    return asked;
  }

  private boolean isSweeping() {
    if (!settings.sweeps()) {
      return false;
    }
    if (answersWithoutProgress >= settings.alpha()) {
      return true;
    }
    for (Candidate candidate : candidates) {
      if (candidate.counts()) {
        return candidate.state == State.ANSWERED;
      }
    }
    return false;
  }

  private void expire(long nowNanos) {
    for (Candidate candidate : candidates) {
      if (candidate.state == State.ASKED && candidate.softDeadlineNanos <= nowNanos) {
        candidate.state = State.SLOW;
      }
    }
  }

  /**
   * Adds a candidate in its place; a newer record gives one that failed, or is about to, another
   * chance.
   */
  private boolean learn(SignedPeerRecord record) {
    if (record.id().equals(self) || record.content().hasLeft()) {
      return false;
    }
    int at = position(record.id());
    if (at < candidates.size() && candidates.get(at).id.equals(record.id())) {
      Candidate known = candidates.get(at);
      if (record.content().supersedes(known.record.content())) {
        renew(known, record);
      }
      return false;
    }
    Candidate added = new Candidate(record);
    candidates.add(at, added);
    untried++;
    return untried <= maxUntried() || dropFarthestUntried() != added;
  }

  private static void renew(Candidate known, SignedPeerRecord newer) {
    if (known.isUnderWay()) {
      known.spare = known.spare == null ? newer : known.spare;
      return;
    }
    if (known.state == State.UNASKED && known.spare == null) {
      known.spare = known.record;
    }
    known.record = newer;
    known.state = known.state == State.FAILED ? State.UNASKED : known.state;
  }

  private Candidate dropFarthestUntried() {
    int farthest = candidates.size() - 1;
    while (candidates.get(farthest).attempts > 0) {
      farthest--;
    }
    untried--;
    return candidates.remove(farthest);
  }

  private @Nullable Candidate find(NodeId id) {
    int at = position(id);
    return at < candidates.size() && candidates.get(at).id.equals(id) ? candidates.get(at) : null;
  }

  /** Where an id stands in the order, or would stand. */
  private int position(NodeId id) {
    int low = 0;
    int high = candidates.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (target.compareDistances(candidates.get(middle).id, id) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private void addResponder(Contact contact) {
    int at = 0;
    while (at < responders.size()
        && target.compareDistances(responders.get(at).id(), contact.id()) < 0) {
      at++;
    }
    responders.add(at, contact);
  }

  private int maxUntried() {
    return 8 * settings.k();
  }

  private int maxAsked() {
    return 16 * settings.k();
  }
}
