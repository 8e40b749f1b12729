package dev.peerdiscovery.core.lookup;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The candidates of one lookup, nearest to its target first, no id twice. Those that were never
 * asked are bounded; those that were stay, or they could be asked again, and there are no more of
 * them than calls.
 */
final class Candidates implements Iterable<Candidate> {
  private final NodeId target;
  private final int maxUntried;
  private final List<Candidate> sorted = new ArrayList<>();

  /** How many were never asked. */
  private int untried;

  Candidates(NodeId target, int maxUntried) {
    this.target = target;
    this.maxUntried = maxUntried;
  }

  @Override
  public Iterator<Candidate> iterator() {
    return sorted.iterator();
  }

  /** The nearest of all; there must be one. */
  Candidate nearest() {
    return sorted.get(0);
  }

  @Nullable Candidate find(NodeId id) {
    int at = position(id);
    return at < sorted.size() && sorted.get(at).id.equals(id) ? sorted.get(at) : null;
  }

  /**
   * Adds a candidate in its place, or tells the one that is there of the record.
   *
   * @param hop how many answers led to it, if it is new
   * @return whether it is new, and near enough to be kept
   */
  boolean learn(SignedPeerRecord record, int hop) {
    int at = position(record.id());
    if (at < sorted.size() && sorted.get(at).id.equals(record.id())) {
      sorted.get(at).learn(record);
      return false;
    }
    Candidate added = new Candidate(record, hop);
    sorted.add(at, added);
    untried++;
    return untried <= maxUntried || dropFarthestUntried() != added;
  }

  /** Notes that a candidate is being asked. */
  void asked(Candidate candidate, Patience patience, long nowNanos) {
    untried -= candidate.attempts == 0 ? 1 : 0;
    candidate.asked(patience, nowNanos);
  }

  /** Notes that a candidate was not asked after all, since its record is no good. */
  void refused(Candidate candidate) {
    candidate.refused();
    if (candidate.attempts == 0 && ++untried > maxUntried) {
      dropFarthestUntried();
    }
  }

  private Candidate dropFarthestUntried() {
    int farthest = sorted.size() - 1;
    while (sorted.get(farthest).attempts > 0) {
      farthest--;
    }
    untried--;
    return sorted.remove(farthest);
  }

  /** Where an id stands in the order, or would stand. */
  private int position(NodeId id) {
    int low = 0;
    int high = sorted.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (target.compareDistances(sorted.get(middle).id, id) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
