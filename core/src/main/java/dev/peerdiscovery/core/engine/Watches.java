package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.GetProvidersResponse;
import dev.peerdiscovery.core.message.HeldProvider;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Provider;
import dev.peerdiscovery.core.record.ServiceName;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.LongConsumer;

/**
 * Finds out who provides a service: once, or again and again for whoever watches. A watch reads the
 * whole region every five to ten minutes, and in between three of it tell of each record that they
 * store, renewals included. So what it knows lasts as long as publishers renew it, whoever of the
 * three fails or lies. Keepers that take no more streams are asked instead, one at a time.
 */
final class Watches implements Part {
  static final int MAX_WATCHES = 256;
  static final int MAX_RESOLVES = 64;
  private static final int STREAMS = 3;

  /** Whoever ends streams at once is not asked for another before the next look. */
  private static final int MAX_ATTEMPTS = 4 * STREAMS;

  private static final Duration STREAM_DEADLINE = Duration.ofMinutes(30);

  /** Between two questions to keepers that take no more streams. */
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(3);

  private final Lookers lookers;
  private final Storer storer;
  private final Map<ServiceName, Watch> watches = new LinkedHashMap<>();
  private final Map<ResolveId, LongConsumer> resolves = new LinkedHashMap<>();
  private int returned;
  private boolean leaving;
  private long resolved;
  private long dueNanos = NEVER;

  Watches(Lookers lookers, Storer storer) {
    this.lookers = lookers;
    this.storer = storer;
  }

  private final class Watch {
    final ServiceName service;
    final NodeId key;
    final Seen seen;
    final Map<NodeId, CallId> streams = new LinkedHashMap<>();
    final Storer.Listener listener;
    final LookPlan plan = new LookPlan(lookers);

    /** Whom to ask for a stream next. */
    List<Keeper> region = List.of();

    int attempts;
    int lost;

    /** Keepers of the last look that take no more streams, and whose turn it is first. */
    final Deque<Contact> refusing = new ArrayDeque<>();

    long askNanos = NEVER;
    long version;
    boolean synced;
    boolean over;

    Watch(ServiceName service) {
      this.service = service;
      this.key = service.key();
      this.seen = new Seen(service, lookers.verifier());
      this.listener = (held, now) -> take(List.of(held), now);
    }

    boolean isPartlyRefused() {
      return !refusing.isEmpty() && streams.size() < STREAMS;
    }

    void take(List<HeldProvider> providers, long nowNanos) {
      seen.take(providers, nowNanos);
      dueNanos = Long.MIN_VALUE;
    }
  }

  /**
   * Begins to watch a service; nothing when there are too many. Once begun it is the same watch.
   */
  boolean watch(ServiceName service, long nowNanos) {
    if (watches.containsKey(service)) {
      return true;
    }
    if (leaving || watches.size() >= MAX_WATCHES) {
      return false;
    }
    Watch watch = new Watch(service);
    watches.put(service, watch);
    storer.listen(watch.key, watch.listener);
    takeOwn(watch.seen, watch.key, nowNanos);
    dueNanos = Long.MIN_VALUE;
    return true;
  }

  /** What is kept here counts as what any keeper says. */
  private void takeOwn(Seen seen, NodeId key, long nowNanos) {
    seen.take(
        storer.sample(key, HeldProvider.MAX_IN_MESSAGE, nowNanos),
        storer.count(key, nowNanos),
        nowNanos);
  }

  /** Watches a service no more. */
  void unwatch(ServiceName service) {
    Watch watch = watches.remove(service);
    if (watch != null) {
      watch.over = true;
      storer.ignore(watch.key, watch.listener);
      watch.streams.values().forEach(lookers.calls()::cancel);
    }
  }

  int count() {
    return watches.size();
  }

  /** What a watch knows; nothing for a service that is not watched. */
  Optional<Services.View> view(ServiceName service, long nowNanos) {
    Watch watch = watches.get(service);
    if (watch == null) {
      return Optional.empty();
    }
    tell(watch, nowNanos);
    return Optional.of(
        new Services.View(
            watch.version, watch.synced, watch.seen.isTruncated(), watch.seen.all(nowNanos)));
  }

  /** Whether keepers have more of a service than its watch knows. */
  boolean isTruncated(ServiceName service) {
    Watch watch = watches.get(service);
    return watch != null && watch.seen.isTruncated();
  }

  /** Looks who provides a service, once; nothing when too many are asking. */
  Optional<ResolveId> resolve(ServiceName service, long nowNanos) {
    if (leaving
        || resolves.size() >= MAX_RESOLVES
        || lookers.lookups().underWay() >= lookers.config().lookupsMax()) {
      return Optional.empty();
    }
    ResolveId id = new ResolveId(++resolved);
    Seen seen = new Seen(service, lookers.verifier());
    NodeId key = service.key();
    takeOwn(seen, key, nowNanos);
    LongConsumer end =
        now -> {
          if (resolves.remove(id) != null) {
            lookers
                .events()
                .add(new Event.Resolved(id, service, seen.all(now), seen.isTruncated()));
          }
        };
    resolves.put(id, end);
    Look.Outlook outlook =
        new Look.Outlook() {
          @Override
          public void answered(Contact from, GetProvidersResponse response, long now) {
            seen.take(response.providers(), response.held(), now);
          }

          @Override
          public void ended(List<Keeper> region, long now) {
            end.accept(now);
          }
        };
    new Look(lookers, key, HeldProvider.MAX_IN_MESSAGE, outlook).begin(List.of(), nowNanos);
    return Optional.of(id);
  }

  /** Ends everything with what is known: the node leaves. */
  void leave(long nowNanos) {
    leaving = true;
    List.copyOf(resolves.values()).forEach(end -> end.accept(nowNanos));
    List.copyOf(watches.keySet()).forEach(this::unwatch);
  }

  @Override
  public void advance(long nowNanos) {
    boolean isDue = nowNanos >= dueNanos || returned != lookers.contacts().returned();
    if (!isDue || watches.isEmpty()) {
      return;
    }
    returned = lookers.contacts().returned();
    dueNanos = NEVER;
    for (Watch watch : watches.values()) {
      tell(watch, nowNanos);
      look(watch, nowNanos);
      stream(watch, nowNanos);
      ask(watch, nowNanos);
      dueNanos = Math.min(dueNanos, watch.seen.nextExpiry());
      dueNanos = Math.min(dueNanos, watch.plan.nextWake());
    }
  }

  private void tell(Watch watch, long nowNanos) {
    watch.seen.expire(nowNanos);
    List<Provider> present = new ArrayList<>();
    List<Provider> gone = new ArrayList<>();
    if (watch.seen.takeChanges(present, gone)) {
      watch.version++;
      lookers
          .events()
          .add(
              new Event.ServiceChanged(
                  watch.service, watch.version, List.copyOf(present), List.copyOf(gone)));
    }
  }

  private void look(Watch watch, long nowNanos) {
    if (!watch.plan.begins(nowNanos)) {
      return;
    }
    List<SignedPeerRecord> remembered = new ArrayList<>();
    watch.region.forEach(keeper -> remembered.add(keeper.contact().record()));
    long version = watch.version;
    watch.seen.forgetSampled();
    takeOwn(watch.seen, watch.key, nowNanos);
    Look.Outlook outlook =
        new Look.Outlook() {
          @Override
          public void answered(Contact from, GetProvidersResponse response, long now) {
            watch.seen.take(response.providers(), response.held(), now);
            dueNanos = Long.MIN_VALUE;
          }

          @Override
          public void ended(List<Keeper> region, long now) {
            looked(watch, version, region, now);
          }
        };
    new Look(lookers, watch.key, HeldProvider.MAX_IN_MESSAGE, outlook).begin(remembered, nowNanos);
  }

  private void looked(Watch watch, long versionBefore, List<Keeper> region, long nowNanos) {
    if (watch.over) {
      return;
    }
    tell(watch, nowNanos);
    boolean isVain = watch.version == versionBefore && watch.lost == 0 && !watch.isPartlyRefused();
    watch.plan.ended(region.size(), isVain, nowNanos);
    watch.region = region;
    watch.attempts = 0;
    watch.lost = 0;
    watch.refusing.clear();
    dueNanos = Long.MIN_VALUE;
    if (!watch.synced) {
      watch.synced = true;
      lookers
          .events()
          .add(
              new Event.ServiceSynced(
                  watch.service, watch.version, watch.seen.all(nowNanos).size()));
    }
  }

  /**
   * Opens the streams that are missing, at those who named the most providers: those who hide a
   * service name none, and not every publisher finds everybody where places were taken.
   */
  private void stream(Watch watch, long nowNanos) {
    if (watch.streams.size() >= STREAMS || watch.attempts >= MAX_ATTEMPTS) {
      return;
    }
    List<Keeper> choice = new ArrayList<>(watch.region);
    choice.removeIf(keeper -> watch.streams.containsKey(keeper.contact().id()));
    Collections.shuffle(choice, new Random(lookers.jitter().nextLong()));
    choice.sort(Comparator.comparingInt(Keeper::named).reversed());
    for (Keeper keeper : choice) {
      if (watch.streams.size() < STREAMS && watch.attempts < MAX_ATTEMPTS) {
        watch.attempts++;
        open(watch, keeper.contact(), nowNanos);
      }
    }
  }

  /** Asks a keeper that has too many streams, before what is known of its records is over. */
  private void ask(Watch watch, long nowNanos) {
    if (!watch.isPartlyRefused()) {
      watch.askNanos = NEVER;
      return;
    }
    if (nowNanos >= watch.askNanos) {
      Contact peer = watch.refusing.remove();
      lookers.ask(
          peer,
          lookers.getProviders(peer, watch.key, HeldProvider.MAX_IN_MESSAGE),
          nowNanos,
          (outcome, now) -> {
            if (outcome instanceof GetProvidersResponse response) {
              watch.refusing.add(peer);
              watch.seen.take(response.providers(), response.held(), now);
              dueNanos = Long.MIN_VALUE;
            }
          });
      watch.askNanos = NEVER;
    }
    if (watch.askNanos == NEVER) {
      long half = (watch.seen.nextExpiry() - nowNanos) / 2;
      long pause = Math.min(LONGEST_PAUSE.toNanos(), Math.max(SHORTEST_PAUSE.toNanos(), half));
      watch.askNanos = nowNanos + pause;
    }
    dueNanos = Math.min(dueNanos, watch.askNanos);
  }

  private void open(Watch watch, Contact peer, long nowNanos) {
    CallId id =
        lookers.watch(
            peer,
            watch.key,
            STREAM_DEADLINE,
            nowNanos,
            (update, now) -> watch.take(update.providers(), now),
            (outcome, now) -> {
              watch.streams.remove(peer.id());
              if (isTooMany(outcome)) {
                watch.refusing.add(peer);
              } else {
                watch.lost++;
              }
              dueNanos = Long.MIN_VALUE;
              List<Keeper> others = new ArrayList<>(watch.region);
              others.removeIf(keeper -> keeper.contact().id().equals(peer.id()));
              watch.region = others;
              if (watch.lost > STREAMS) {
                // So many went that the region is another one by now.
                watch.plan.hasten();
              }
            });
    watch.streams.put(peer.id(), id);
  }

  /** A keeper that has enough streams is alive, and another look would find the same ones. */
  private static boolean isTooMany(Outcome outcome) {
    return outcome instanceof Refusal refusal
        && (refusal.reason() == Refusal.Reason.OVERLOADED
            || refusal.reason() == Refusal.Reason.FULL);
  }

  @Override
  public long nextWake() {
    return watches.isEmpty() ? NEVER : dueNanos;
  }
}
