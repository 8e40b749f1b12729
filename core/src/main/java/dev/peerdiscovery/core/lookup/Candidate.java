package dev.peerdiscovery.core.lookup;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import org.jspecify.annotations.Nullable;

/** A peer that a lookup has heard of, and how far it has come with it. */
final class Candidate {
  enum State {
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

  final NodeId id;
  SignedPeerRecord record;
  State state = State.UNASKED;
  long softDeadlineNanos;
  int attempts;

  /**
   * Another record of it, to be tried if this one leads nowhere. Records are not verified yet, so
   * one that merely claims to be newer must not hide one that is good.
   */
  private @Nullable SignedPeerRecord spare;

  Candidate(SignedPeerRecord record) {
    this.id = record.id();
    this.record = record;
  }

  /** Whether it is one of those that the lookup waits for, or has. */
  boolean counts() {
    return state != State.FAILED && state != State.SLOW;
  }

  boolean isUnderWay() {
    return state == State.ASKED || state == State.SLOW;
  }

  /** Takes in another record of it; a newer one gives one that failed another chance. */
  void learn(SignedPeerRecord other) {
    if (!other.content().supersedes(record.content())) {
      return;
    }
    if (isUnderWay()) {
      spare = spare == null ? other : spare;
      return;
    }
    if (state == State.UNASKED && spare == null) {
      spare = record;
    }
    record = other;
    state = state == State.FAILED ? State.UNASKED : state;
  }

  /** The call came to nothing: there may be another record to try, or the same once more. */
  void failed(boolean again) {
    if (spare != null) {
      record = spare;
      spare = null;
      state = State.UNASKED;
    } else {
      state = again ? State.UNASKED : State.FAILED;
    }
  }
}
