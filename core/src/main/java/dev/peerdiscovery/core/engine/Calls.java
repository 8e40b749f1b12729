package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.core.record.Endpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The outgoing calls of an engine. Each gets exactly one completion; a second one for the same call
 * is ignored. How many are under way is bounded by the parts that make them.
 */
final class Calls {
  /** Takes the outcome of a call. */
  @FunctionalInterface
  interface Completion {
    void completed(Outcome outcome, long rttNanos, long nowNanos);
  }

  private record Pending(Completion completion, long startedNanos) {}

  private final Map<CallId, Pending> pending = new HashMap<>();
  private List<Call> undrained = new ArrayList<>();
  private long made;

  void make(Endpoint to, Request request, Duration deadline, long nowNanos, Completion completion) {
    CallId id = new CallId(++made);
    pending.put(id, new Pending(completion, nowNanos));
    undrained.add(new Call(id, to, request, deadline));
  }

  void completed(CallId id, Outcome outcome, long nowNanos) {
    Pending call = pending.remove(id);
    if (call != null) {
      call.completion.completed(outcome, nowNanos - call.startedNanos, nowNanos);
    }
  }

  List<Call> drain() {
    if (undrained.isEmpty()) {
      return List.of();
    }
    List<Call> drained = undrained;
    undrained = new ArrayList<>();
    return drained;
  }

  int underWay() {
    return pending.size();
  }

  /** How many calls were ever made. */
  long made() {
    return made;
  }
}
