package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.id.Distance;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.id.Offsets;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.routing.RoutingTable;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;

/**
 * Joins the overlay as the seed's table says: (1) the self-lookup, the table's diagonal; (2) every
 * target of the node's {@linkplain Offsets#column column}, from far to near; (3) the {@linkplain
 * Offsets#mirror mirror} of each offset whose bucket is not full yet. Targets nearer than the
 * nearest neighbour are skipped, since nobody is there.
 *
 * <p>Before step 3, if nobody is in the top bucket, a lookup of the farthest id shows the highest
 * bucket that holds anybody; the ones above are empty, so small ids cost no hundreds of lookups.
 *
 * <p>A node that finds nobody is alone, and joins when it earns its first contact.
 */
final class Join implements Part {
  /** The longest that a step waits for hints that do not answer. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private enum Step {
    /** There is nobody to ask. Left when there is a contact. */
    WAITING,
    /** The diagonal. Left when its lookup is over and its hints are called. */
    SELF,
    /** The column. Left when no target is left. */
    COLUMN,
    /** The farthest id, if need be. Left when its lookup is over and its hints are called. */
    FARTHEST,
    /** The mirror. Left when no target is left and all hints are called. */
    MIRROR,
    /** Joined, or resumed. Left when the last contact is gone. */
    DONE
  }

  private final NodeId self;
  private final Bootstrap bootstrap;
  private final Hints hints;
  private final Lookups lookups;
  private final RoutingTable table;
  private final Events events;

  private final Deque<NodeId> targets = new ArrayDeque<>();
  private Step step = Step.WAITING;
  private boolean lookingUp;
  private boolean saidAlone;
  private long patientUntilNanos = NEVER;

  Join(
      Self self,
      Bootstrap bootstrap,
      Hints hints,
      Lookups lookups,
      RoutingTable table,
      Events events) {
    this.self = self.id();
    this.bootstrap = bootstrap;
    this.hints = hints;
    this.lookups = lookups;
    this.table = table;
    this.events = events;
  }

  boolean isUnderWay() {
    return step != Step.WAITING && step != Step.DONE;
  }

  boolean isDone() {
    return step == Step.DONE;
  }

  /** Whether a first join has ended, be it alone. */
  boolean isReady() {
    return saidAlone || step == Step.DONE;
  }

  /** The table is as a join would have left it. */
  void resume() {
    step = Step.DONE;
  }

  @Override
  public void advance(long nowNanos) {
    while (!lookingUp && mayGoOn(nowNanos)) {
      Step before = step;
      goOn(nowNanos);
      if (step == before && !lookingUp) {
        return;
      }
    }
  }

  private boolean mayGoOn(long nowNanos) {
    boolean waitsForHints = (step == Step.SELF || step == Step.FARTHEST) && !hints.isIdle();
    return !waitsForHints || nowNanos >= patientUntilNanos;
  }

  private void goOn(long nowNanos) {
    switch (step) {
      case WAITING -> begin(nowNanos);
      case SELF -> {
        targets.addAll(farToNear(Offsets.column(self)));
        step = Step.COLUMN;
      }
      case COLUMN -> {
        if (!lookUpNext(true, nowNanos)) {
          step = Step.FARTHEST;
          if (table.highestBucket() < NodeId.BITS - 1) {
            lookUp(self.complement(), Filling.table(hints, self, this::lookupEnded), nowNanos);
          }
        }
      }
      case FARTHEST -> {
        targets.addAll(mirror());
        step = Step.MIRROR;
      }
      case MIRROR -> {
        if (!lookUpNext(false, nowNanos) && (hints.isIdle() || nowNanos >= patientUntilNanos)) {
          step = Step.DONE;
          events.add(new Event.JoinEnded(table.size()));
        }
      }
      case DONE -> {
        if (table.size() == 0) {
          step = Step.WAITING;
          saidAlone = false;
        }
      }
    }
  }

  private void begin(long nowNanos) {
    if (table.size() > 0) {
      step = Step.SELF;
      events.add(new Event.JoinStarted());
      lookUp(self, Filling.table(hints, self, this::lookupEnded), nowNanos);
    } else if (!saidAlone && bootstrap.isFirstRoundOver() && hints.isIdle()) {
      saidAlone = true;
      events.add(new Event.JoinEnded(0));
    }
  }

  /** Looks up the next target that is not nearer than the nearest neighbour. */
  private boolean lookUpNext(boolean evenIfFull, long nowNanos) {
    while (!targets.isEmpty()) {
      NodeId target = targets.remove();
      boolean wanted = evenIfFull || hints.room(self.bucketOf(target)) > 0;
      if (wanted && !isNearerThanAnybody(target)) {
        Filling filling = Filling.bucketOf(target, hints, self, this::lookupEnded);
        lookUp(target, filling, nowNanos);
        return true;
      }
    }
    return false;
  }

  private void lookUp(NodeId target, Lookups.Companion companion, long nowNanos) {
    lookingUp = true;
    boolean sweeps = target.equals(self);
    lookups.start(target, Event.Purpose.JOIN, sweeps, companion, nowNanos);
  }

  private void lookupEnded(long nowNanos) {
    lookingUp = false;
    patientUntilNanos = nowNanos + PATIENCE.toNanos();
  }

  private boolean isNearerThanAnybody(NodeId target) {
    List<Contact> nearest = table.closest(self, 1);
    if (nearest.isEmpty()) {
      return false;
    }
    Distance toNeighbour = self.distanceTo(nearest.get(0).id());
    return self.distanceTo(target).compareTo(toNeighbour) < 0;
  }

  private static List<NodeId> farToNear(List<NodeId> nearToFar) {
    List<NodeId> reversed = new ArrayList<>(nearToFar);
    Collections.reverse(reversed);
    return reversed;
  }

  /** The mirror targets that are not in the column, up to the highest bucket that holds anybody. */
  private List<NodeId> mirror() {
    List<NodeId> mirror = new ArrayList<>();
    for (int exponent = table.highestBucket(); exponent >= 0; exponent--) {
      if (!self.bit(exponent)) {
        mirror.add(Offsets.mirror(self, exponent));
      }
    }
    return mirror;
  }

  @Override
  public long nextWake() {
    return isUnderWay() && !lookingUp ? patientUntilNanos : NEVER;
  }
}
