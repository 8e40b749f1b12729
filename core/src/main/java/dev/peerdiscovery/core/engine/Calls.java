package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.ProvidersUpdate;
import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.core.record.Endpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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

  /** Takes what a stream brings before its outcome. */
  @FunctionalInterface
  interface Updates {
    void updated(ProvidersUpdate update, long nowNanos);
  }

  private record Pending(Completion completion, long startedNanos, @Nullable Updates updates) {}

  private final Map<CallId, Pending> pending = new HashMap<>();
  private List<Call> undrained = new ArrayList<>();
  private List<CallId> cancelled = List.of();
  private long made;

  void make(Endpoint to, Request request, Duration deadline, long nowNanos, Completion completion) {
    make(to, request, deadline, nowNanos, completion, null);
  }

  /** Makes a call that is answered by a stream. */
  CallId makeStream(
      Endpoint to,
      Request request,
      Duration deadline,
      long nowNanos,
      Updates updates,
      Completion completion) {
    return make(to, request, deadline, nowNanos, completion, updates);
  }

  private CallId make(
      Endpoint to,
      Request request,
      Duration deadline,
      long nowNanos,
      Completion completion,
      @Nullable Updates updates) {
    CallId id = new CallId(++made);
    pending.put(id, new Pending(completion, nowNanos, updates));
    undrained.add(new Call(id, to, request, deadline));
    return id;
  }

  /** Takes an update of a stream; of no use once the call is completed. */
  void updated(CallId id, ProvidersUpdate update, long nowNanos) {
    Pending call = pending.get(id);
    if (call != null && call.updates != null) {
      call.updates.updated(update, nowNanos);
    }
  }

  /** Asks whoever performs a call to give up on it. It is owed its completion all the same. */
  void cancel(CallId id) {
    if (pending.containsKey(id)) {
      if (cancelled.isEmpty()) {
        cancelled = new ArrayList<>();
      }
      cancelled.add(id);
    }
  }

  List<CallId> drainCancelled() {
    List<CallId> drained = cancelled;
    cancelled = List.of();
    return drained;
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
