package dev.peerdiscovery.node;

import dev.peerdiscovery.core.engine.Engine;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.engine.ResolveId;
import dev.peerdiscovery.core.engine.Services;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.ServiceName;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Who asked for services, once or to be told of every change. The engine watches each service once,
 * for all who do, and as long as anybody does. Fields are the engine owner's alone.
 */
final class Finder {
  /** Is told of a service; by the engine's owner. */
  interface Watcher {
    /** What is known when it begins. */
    void began(Services.View view);

    /**
     * Something changed.
     *
     * @param truncated whether keepers have more than is known here
     */
    void changed(Event.ServiceChanged change, boolean truncated);

    /** Enough keepers were asked; not for the first time if it was in doubt meanwhile. */
    void synced(long version, boolean truncated);

    /** There is nothing more to come. */
    void ended(Refusal why);
  }

  private final Engine engine;
  private final Driver driver;
  private final Map<ServiceName, Set<Watcher>> watchers = new HashMap<>();
  private final Map<ResolveId, CompletableFuture<Event.Resolved>> resolves = new HashMap<>();

  Finder(Engine engine, Driver driver) {
    this.engine = engine;
    this.driver = driver;
  }

  /**
   * Asks once who provides a service. For any thread.
   *
   * @return fails with a refusal as a status
   */
  CompletableFuture<Event.Resolved> resolve(ServiceName service) {
    CompletableFuture<Event.Resolved> found = new CompletableFuture<>();
    driver
        .submit(
            now -> {
              Optional<ResolveId> id = engine.services().resolve(service, now);
              if (id.isPresent()) {
                resolves.put(id.get(), found);
              } else {
                Registrations.failed(found, Registrations.overloaded());
              }
            })
        .ifPresent(refusal -> Registrations.failed(found, refusal));
    return found;
  }

  /** Begins to tell of a service. For any thread. */
  void watch(ServiceName service, Watcher watcher) {
    driver.submit(now -> watch(service, watcher, now)).ifPresent(watcher::ended);
  }

  private void watch(ServiceName service, Watcher watcher, long nowNanos) {
    if (!engine.services().watch(service, nowNanos)) {
      watcher.ended(
          new Refusal(Refusal.Reason.OVERLOADED, "too many services are watched at this node"));
      return;
    }
    // Changes that it has heard by this are told below, to those who were here before.
    watcher.began(engine.services().view(service, nowNanos).orElseThrow());
    watchers.computeIfAbsent(service, name -> new LinkedHashSet<>()).add(watcher);
  }

  /** Tells somebody no more. For any thread. */
  void unwatch(ServiceName service, Watcher watcher) {
    driver.post(
        now -> {
          Set<Watcher> others = watchers.get(service);
          if (others != null && others.remove(watcher) && others.isEmpty()) {
            watchers.remove(service);
            engine.services().unwatch(service, now);
          }
        });
  }

  /** The owner's: something happened. */
  void observe(Event event) {
    if (event instanceof Event.Resolved resolved) {
      CompletableFuture<Event.Resolved> found = resolves.remove(resolved.id());
      if (found != null) {
        resolved
            .unknown()
            .ifPresentOrElse(
                why -> Registrations.failed(found, why), () -> found.complete(resolved));
      }
    } else if (event instanceof Event.ServiceChanged changed) {
      boolean truncated = engine.services().isTruncated(changed.service());
      of(changed.service()).forEach(watcher -> watcher.changed(changed, truncated));
    } else if (event instanceof Event.ServiceSynced synced) {
      boolean truncated = engine.services().isTruncated(synced.service());
      of(synced.service()).forEach(watcher -> watcher.synced(synced.version(), truncated));
    } else if (event instanceof Event.ServiceUnknown unknown) {
      List<Watcher> told = of(unknown.service());
      watchers.remove(unknown.service());
      told.forEach(watcher -> watcher.ended(unknown.why()));
    }
  }

  private List<Watcher> of(ServiceName service) {
    return List.copyOf(watchers.getOrDefault(service, Set.of()));
  }

  /** Ends everything: the node closes. The owner's. */
  void endAll() {
    watchers.values().forEach(all -> all.forEach(w -> w.ended(Registrations.closing())));
    watchers.clear();
    resolves.values().forEach(found -> Registrations.failed(found, Registrations.closing()));
    resolves.clear();
  }
}
