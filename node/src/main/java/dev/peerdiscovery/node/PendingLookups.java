package dev.peerdiscovery.node;

import dev.peerdiscovery.core.engine.Engine;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.engine.LookupId;
import dev.peerdiscovery.core.id.NodeId;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** The futures of lookups that somebody asked for. Used by the engine's owner. */
final class PendingLookups {
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
      fail(found, "too many lookups are under way");
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
    pending.values().forEach(found -> fail(found, "the node is closed"));
    pending.clear();
  }

  static void fail(CompletableFuture<Event.LookupEnded> found, String why) {
    found.completeExceptionally(new IllegalStateException("no lookup: " + why));
  }
}
