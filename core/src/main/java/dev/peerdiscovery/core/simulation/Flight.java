package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.Call;
import dev.peerdiscovery.core.message.Outcome;
import org.jspecify.annotations.Nullable;

/** A call on its way: to the callee while it has no outcome, and then back to the caller. */
final class Flight {
  final VirtualPeer from;
  final int toPlace;
  final Call call;
  final long deadlineNanos;
  final boolean answerLost;
  @Nullable Outcome outcome;

  Flight(VirtualPeer from, int toPlace, Call call, long deadlineNanos, boolean answerLost) {
    this.from = from;
    this.toPlace = toPlace;
    this.call = call;
    this.deadlineNanos = deadlineNanos;
    this.answerLost = answerLost;
  }
}
