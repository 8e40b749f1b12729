package dev.peerdiscovery.core.lookup;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One iterative search for the k peers nearest to a target (Kademlia, section 2.3). It performs
 * nothing: the owner asks {@link #next} whom to call, reports {@link #answered} or {@link #failed},
 * and is told by {@link #isDone} when to stop.
 *
 * <p>The rule. Candidates lie in one list ordered by distance. α are asked at a time, nearest
 * first. As soon as the nearest candidate has answered, or α answers in a row brought nothing
 * nearer, all unasked ones of the k nearest are asked at once, because seven of the nine rounds of
 * the classic rule are its final sweep. Beside a candidate that passes its soft timeout others are
 * asked, but it is waited for until the call must be lost ({@link Patience}), which is then made
 * once more, beside the others still. The lookup is done when each of the k nearest has answered,
 * where those that failed or stayed silent do not count. A late answer counts until then. The
 * result holds responders only: being mentioned by others makes nobody alive.
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

  private final NodeId target;
  private final Optional<NodeId> self;
  private final Settings settings;
  private final Function<NodeId, Patience> patience;

  private final Candidates candidates;

  /** The contacts that answered, nearest first. */
  private final List<Contact> responders = new ArrayList<>();

  private int answersWithoutProgress;
  private int asked;
  private boolean stopped;

  /** No deadline passes before it: most of the time there is no need to look. */
  private long expireNanos = Long.MAX_VALUE;

  /**
   * A lookup that has asked nobody yet.
   *
   * @param target what is searched for
   * @param self the id of the one who searches, if it is a peer; it is never a candidate
   * @param settings how it goes about it
   * @param start whom to begin with, in any order
   * @param patience how long to wait for each peer
   */
  public Lookup(
      NodeId target,
      Optional<NodeId> self,
      Settings settings,
      Collection<SignedPeerRecord> start,
      Function<NodeId, Patience> patience) {
    this.target = target;
    this.self = self;
    this.settings = settings;
    this.patience = patience;
    this.candidates = new Candidates(target, 8 * settings.k());
    start.forEach(record -> learn(record, 0));
  }

  /** What is searched for. */
  public NodeId target() {
    return target;
  }

  /**
   * Whom to call now, if anybody; a second time when the first call seems lost. For each call the
   * caller owes one {@link #answered}, {@link #failed} or {@link #refused}, and it asks again until
   * nobody is returned.
   */
  public Optional<SignedPeerRecord> next(long nowNanos) {
    expire(nowNanos);
    if (isDone() || asked >= maxAsked()) {
      return Optional.empty();
    }
    Candidate nearest = nearestToBeAsked();
    if (nearest == null || isBusy()) {
      return Optional.empty();
    }
    candidates.asked(nearest, patience.apply(nearest.id), nowNanos);
    expireNanos = Math.min(expireNanos, nearest.deadlineNanos);
    asked++;
    return Optional.of(nearest.record);
  }

  /** The nearest of the k that is to be asked. */
  private @Nullable Candidate nearestToBeAsked() {
    int counted = 0;
    for (Candidate candidate : candidates) {
      if (candidate.isToBeAsked()) {
        return candidate;
      }
      counted += candidate.takesPlace() ? 1 : 0;
      if (counted == settings.k()) {
        return null;
      }
    }
    return null;
  }

  /** Whether as many as may be are being asked. */
  private boolean isBusy() {
    int limit = isSweeping() ? settings.k() : settings.alpha();
    int underWay = 0;
    for (Candidate candidate : candidates) {
      // A newcomer can push one that is being asked out of the k; it is under way all the same.
      underWay += candidate.state == Candidate.State.ASKED ? 1 : 0;
    }
    return underWay >= limit;
  }

  /** Whether an answer of that peer would count: it was asked and has not answered yet. */
  public boolean awaits(NodeId id) {
    Candidate candidate = candidates.find(id);
    return candidate != null && candidate.isUnderWay();
  }

  /**
   * Takes in an answer, however late.
   *
   * @param from who answered
   * @param learned whom it named, unverified and in any order
   * @return how many candidates were new
   */
  public int answered(Contact from, Collection<SignedPeerRecord> learned) {
    Candidate candidate = candidates.find(from.id());
    if (candidate == null || !candidate.isUnderWay()) {
      return 0;
    }
    candidate.state = Candidate.State.ANSWERED;
    addResponder(from);
    NodeId nearestBefore = candidates.nearest().id;
    int added = 0;
    for (SignedPeerRecord record : learned) {
      added += learn(record, candidate.hop + 1) ? 1 : 0;
    }
    boolean nearer = !candidates.nearest().id.equals(nearestBefore);
    answersWithoutProgress = nearer ? 0 : answersWithoutProgress + 1;
    return added;
  }

  /**
   * Notes that a call came to nothing.
   *
   * @param lost whether the call may have been lost on the way, so that it is worth one more
   */
  public void failed(NodeId id, boolean lost) {
    Candidate candidate = candidates.find(id);
    if (candidate != null && candidate.isUnderWay()) {
      candidate.failed(lost);
    }
  }

  /**
   * Notes that a peer was not called, because the record that {@link #next} returned is no good. It
   * does not count as a call, and another record of the peer, however old it says it is, has its
   * chance: whoever forges one must not hide the peer.
   */
  public void refused(NodeId id) {
    Candidate candidate = candidates.find(id);
    if (candidate != null && candidate.isUnderWay()) {
      candidates.refused(candidate);
      asked--;
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
        boolean answered = candidate.state == Candidate.State.ANSWERED;
        if (!answered && (candidate.isWaitedFor() || asked < maxAsked())) {
          return false;
        }
        counted += answered ? 1 : 0;
        if (counted == settings.k()) {
          return true;
        }
      }
    }
    // While nobody at all has answered, the silent are worth waiting for.
    return !responders.isEmpty() || !waiting;
  }

  /**
   * When {@link #next} should be asked again if nothing happens; {@code Long.MAX_VALUE} if never.
   */
  public long nextWake() {
    long earliest = Long.MAX_VALUE;
    for (Candidate candidate : candidates) {
      if (candidate.isWaitedFor()) {
        earliest = Math.min(earliest, candidate.deadlineNanos);
      }
    }
    return earliest;
  }

  /** The responders nearest to the target, at most k, nearest first. */
  public List<Contact> result() {
    return List.copyOf(responders.subList(0, Math.min(settings.k(), responders.size())));
  }

  /**
   * How many answers led to a peer that the lookup has heard of: 0 for those that it began with.
   *
   * @throws IllegalArgumentException when it has not
   */
  public int hop(NodeId id) {
    Candidate candidate = candidates.find(id);
    if (candidate == null) {
      throw new IllegalArgumentException("not a candidate: " + id);
    }
    return candidate.hop;
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
      if (candidate.takesPlace()) {
        return candidate.state == Candidate.State.ANSWERED;
      }
    }
    return false;
  }

  private void expire(long nowNanos) {
    if (nowNanos >= expireNanos) {
      for (Candidate candidate : candidates) {
        candidate.expire(nowNanos);
      }
      expireNanos = nextWake();
    }
  }

  private boolean learn(SignedPeerRecord record, int hop) {
    return !self.equals(Optional.of(record.id()))
        && !record.hasLeft()
        && candidates.learn(record, hop);
  }

  private void addResponder(Contact contact) {
    int at = 0;
    while (at < responders.size()
        && target.compareDistances(responders.get(at).id(), contact.id()) < 0) {
      at++;
    }
    responders.add(at, contact);
  }

  private int maxAsked() {
    return 16 * settings.k();
  }
}
