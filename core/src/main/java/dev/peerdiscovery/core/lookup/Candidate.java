package dev.peerdiscovery.core.lookup;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import org.jspecify.annotations.Nullable;

/** A peer that a lookup has heard of, and how far it has come with it. */
final class Candidate {
  enum State {
    /** Known, and to be asked. */
    UNASKED,
    /** Asked, and within its soft timeout. */
    ASKED,
    /** Past its soft timeout: still waited for, but others are asked beside it. */
    LATE,
    /** Its call is held to be lost. Called once more, it is late from the start. */
    LOST,
    /** Silent for so long that it counts for nothing, unless it answers after all. */
    SILENT,
    /** Has answered. Final. */
    ANSWERED,
    /** Could not be reached, or its record is no good. Left only when another record turns up. */
    FAILED
  }

  private static final int MAX_ATTEMPTS = 2;

  final NodeId id;

  /** How many answers led to it. */
  final int hop;

  SignedPeerRecord record;
  State state = State.UNASKED;

  /** Whether its record turned out to be no good, so that any other is worth a try. */
  private boolean refused;

  /** When the state changes if nothing comes in; meaningful while asked or late. */
  long deadlineNanos;

  int attempts;
  private int callsUnderWay;
  private long lostAtNanos;

  /**
   * Another record of it, to be tried if this one leads nowhere. Records are not verified yet, so
   * one that merely claims to be newer must not hide one that is good.
   */
  private @Nullable SignedPeerRecord spare;

  Candidate(SignedPeerRecord record, int hop) {
    this.id = record.id();
    this.record = record;
    this.hop = hop;
  }

  /** Whether it may still be one of the k. */
  boolean counts() {
    return state != State.FAILED && state != State.SILENT;
  }

  boolean isWaitedFor() {
    return state == State.ASKED || state == State.LATE;
  }

  boolean isUnderWay() {
    return callsUnderWay > 0 && state != State.ANSWERED;
  }

  boolean isToBeAsked() {
    return state == State.UNASKED || state == State.LOST;
  }

  /** Whether it takes one of the k places, so that somebody farther away is not asked yet. */
  boolean takesPlace() {
    return counts() && state != State.LATE && state != State.LOST;
  }

  /** A call to it begins. */
  void asked(Patience patience, long nowNanos) {
    callsUnderWay++;
    attempts++;
    lostAtNanos = nowNanos + patience.lostNanos();
    boolean again = state == State.LOST;
    state = again ? State.LATE : State.ASKED;
    deadlineNanos = again ? lostAtNanos : nowNanos + patience.softNanos();
  }

  /** Time passes, and it has not answered. */
  void expire(long nowNanos) {
    if (state == State.ASKED && deadlineNanos <= nowNanos) {
      state = State.LATE;
      deadlineNanos = lostAtNanos;
    }
    if (state == State.LATE && deadlineNanos <= nowNanos) {
      state = attempts < MAX_ATTEMPTS ? State.LOST : State.SILENT;
    }
  }

  /** Takes in another record of it; a newer one gives one that failed another chance. */
  void learn(SignedPeerRecord other) {
    if (refused && !other.equals(record)) {
      refused = false;
      record = other;
      state = State.UNASKED;
      return;
    }
    if (!other.supersedes(record)) {
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

  /**
   * Its record is no good, so it was not called: that says nothing about the peer, in whose name
   * anybody can make a record.
   */
  void refused() {
    callsUnderWay--;
    attempts--;
    if (spare != null) {
      record = spare;
      spare = null;
      state = State.UNASKED;
    } else if (callsUnderWay > 0) {
      state = State.LATE;
    } else {
      state = State.FAILED;
      refused = true;
    }
  }

  /**
   * A call came to nothing. There may be another record to try, or another call still under way, or
   * it is called once more.
   *
   * @param lost whether the call may have been lost on the way, so that it is worth one more
   */
  void failed(boolean lost) {
    callsUnderWay--;
    if (spare != null) {
      record = spare;
      spare = null;
      state = State.UNASKED;
    } else if (callsUnderWay == 0 || !lost) {
      state = lost && attempts < MAX_ATTEMPTS ? State.LOST : State.FAILED;
    }
  }
}
