package dev.peerdiscovery.node;

import dev.peerdiscovery.core.engine.Engine;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.engine.LookupId;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Refusal;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** The futures of lookups that were asked for. Used by the engine's owner. */
final class PendingLookups {
  /** A lookup that does not take place, or did not end. */
  static final class Refused extends IllegalStateException {
    private static final long serialVersionUID = 1;

    private final transient Refusal why;

    private Refused(Refusal why) {
      super("no lookup: " + why.detail());
      this.why = why;
    }

    /** The same for callers that are elsewhere. */
    Refusal why() {
      return why;
    }
  }

  private static final Refusal CLOSED =
      new Refusal(Refusal.Reason.NOT_SERVING, "the node is closed");
  private static final Refusal TOO_MANY =
      new Refusal(Refusal.Reason.OVERLOADED, "too many lookups are under way");

  /** Of the engine's owner, until the threads are gone that it would run on. */
  private final Map<LookupId, CompletableFuture<Event.LookupEnded>> pending =
      new ConcurrentHashMap<>();

  /** Begins a lookup; its future fails when there are too many. */
  void begin(
      Engine engine, NodeId target, CompletableFuture<Event.LookupEnded> found, long nowNanos) {
    Optional<LookupId> id = engine.lookup(target, nowNanos);
    if (id.isPresent()) {
      pending.put(id.get(), found);
    } else {
      found.completeExceptionally(new Refused(TOO_MANY));
    }
  }

  void ended(Event.LookupEnded event) {
    CompletableFuture<Event.LookupEnded> found = pending.remove(event.id());
    if (found != null) {
      found.complete(event);
    }
  }

  /** Fails all that have not ended. */
  void failAll() {
    pending.values().forEach(PendingLookups::failClosed);
    pending.clear();
  }

  /** Fails one, because the node is closed. */
  static void failClosed(CompletableFuture<Event.LookupEnded> found) {
    found.completeExceptionally(new Refused(CLOSED));
  }
}
