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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * Finds out who provides a service, for as long as it is watched. A watch reads the whole region
 * every five to ten minutes, and in between three of it tell of each record that they store,
 * renewals included. So what it knows lasts as long as publishers renew it, whichever of the three
 * fail or lie. Keepers that take no more streams are asked instead, one at a time.
 *
 * <p>A watch is <em>sure</em> or not. It is not at first, and becomes so by a look of which enough
 * of the region took part ({@link Region}), or whose first result has instances: those are
 * verified, and there may be more. It ceases to be sure when what it would say next rests on
 * silence: when records are over that keepers were not heard to drop, or when the last instance is
 * withdrawn and too little of the region was read to know of others. Then it looks at the region at
 * once. A watch that is not sure for {@link #UNSURE} is over ({@link Event.ServiceUnknown}); it
 * never says that instances are gone, or that there are none, because this node is cut off.
 */
final class Watches implements Part {
  static final int MAX_WATCHES = 256;
  private static final int STREAMS = 3;

  /** Whoever ends streams at once is not asked for another before the next look. */
  private static final int MAX_ATTEMPTS = 4 * STREAMS;

  private static final Duration STREAM_DEADLINE = Duration.ofMinutes(30);

  /** For how long a watch is not sure before it is over. */
  static final Duration UNSURE = Duration.ofSeconds(10);

  /** How long before the time of an instance is over it is made sure that this is known. */
  private static final Duration LEAD = Duration.ofSeconds(2);

  /** So many keepers that were heard lately show that this node hears what there is to be heard. */
  private static final int WITNESSES = 2;

  /** Between two questions to keepers that take no more streams. */
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(3);

  private final Lookers lookers;
  private final Storer storer;
  private final Map<ServiceName, Watch> watches = new LinkedHashMap<>();
  private int returned;
  private boolean leaving;
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

    /** When each of those that stream was last heard. */
    final Map<NodeId, Long> heardNanos = new HashMap<>();

    long askNanos = NEVER;
    long version;

    /** Whether the last look that is over read enough of the region, and when it ended. */
    boolean isRead;

    long readNanos;

    /** Whether it was sure before. */
    boolean synced;

    boolean sure;
    long unsureSinceNanos;
    boolean over;

    Watch(ServiceName service, long nowNanos) {
      this.service = service;
      this.key = service.key();
      this.seen = new Seen(service, lookers.verifier());
      this.listener = (held, now) -> take(List.of(held), now);
      this.unsureSinceNanos = nowNanos;
    }

    /** Whether there are, or may be, more than are known here. */
    boolean isTruncated() {
      return seen.isTruncated() || (sure && !isRead);
    }

    /** Whether within a time before now the region, or some of it, was heard. */
    boolean isHeard(Duration within, long nowNanos) {
      long since = nowNanos - within.toNanos();
      long witnesses = heardNanos.values().stream().filter(at -> at >= since).count();
      return (isRead && readNanos >= since) || witnesses >= WITNESSES;
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
    Watch watch = new Watch(service, nowNanos);
    watches.put(service, watch);
    storer.listen(watch.key, watch.listener);
    storer.tell(watch.seen, watch.key, nowNanos);
    dueNanos = Long.MIN_VALUE;
    return true;
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
            watch.version, watch.sure, watch.isTruncated(), watch.seen.all(nowNanos)));
  }

  /** Whether keepers have more of a service than its watch knows. */
  boolean isTruncated(ServiceName service) {
    Watch watch = watches.get(service);
    return watch != null && watch.isTruncated();
  }

  /** Ends everything: the node leaves. */
  void leave() {
    leaving = true;
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
    for (Watch watch : List.copyOf(watches.values())) {
      tell(watch, nowNanos);
      long endNanos = watch.sure ? NEVER : watch.unsureSinceNanos + UNSURE.toNanos();
      if (nowNanos >= endNanos) {
        unwatch(watch.service);
        Refusal why = Region.unreachable(Refusal.BUSY);
        lookers.events().add(new Event.ServiceUnknown(watch.service, why));
        continue;
      }
      look(watch, nowNanos);
      stream(watch, nowNanos);
      ask(watch, nowNanos);
      due(endNanos);
      due(watch.seen.nextExpiry());
      due(watch.plan.nextWake());
    }
  }

  private void due(long atNanos) {
    dueNanos = Math.min(dueNanos, atNanos);
  }

  private void tell(Watch watch, long nowNanos) {
    watch.seen.expire(nowNanos);
    Optional<Duration> ttl = watch.sure ? watch.seen.ttlOfLapsed() : Optional.empty();
    if (ttl.isPresent() && isKnownGone(watch, ttl.get(), nowNanos)) {
      watch.seen.confirmLapsed();
    }
    tellChanges(watch);
    boolean isUnknown =
        watch.seen.ttlOfLapsed().isPresent() || (watch.seen.isEmpty() && !watch.isRead);
    if (watch.sure && isUnknown) {
      watch.sure = false;
      watch.unsureSinceNanos = nowNanos;
      watch.plan.soon(nowNanos);
      due(nowNanos);
    }
    lookAhead(watch, nowNanos);
  }

  /** Has the region looked at before the time of an instance is over, if that will be needed. */
  private void lookAhead(Watch watch, long nowNanos) {
    Optional<Duration> ttl = watch.seen.ttlOfLapsing(nowNanos + LEAD.toNanos());
    if (ttl.isPresent() && !watch.isHeard(ttl.get().dividedBy(3), nowNanos)) {
      watch.plan.soon(nowNanos);
    }
    long lapseNanos = watch.seen.nextLapse();
    if (lapseNanos < NEVER && lapseNanos - LEAD.toNanos() > nowNanos) {
      due(lapseNanos - LEAD.toNanos());
    }
  }

  /**
   * Whether those whose time is over are gone, and not only out of hearing. A publisher renews a
   * record every third of its TTL, so keepers that were heard within the last third, and did not
   * tell of it, had it not renewed.
   */
  private boolean isKnownGone(Watch watch, Duration ttl, long nowNanos) {
    return !lookers.contacts().isDoubtful()
        && (watch.isRead || !watch.seen.isEmpty())
        && watch.isHeard(ttl.dividedBy(3), nowNanos);
  }

  private void tellChanges(Watch watch) {
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
    storer.tell(watch.seen, watch.key, nowNanos);
    Look.Outlook outlook =
        new Look.Outlook() {
          @Override
          public void answered(Contact from, GetProvidersResponse response, long now) {
            watch.seen.take(response.providers(), response.held(), now);
            dueNanos = Long.MIN_VALUE;
          }

          @Override
          public void ended(Region region, long now) {
            looked(watch, version, region, now);
          }
        };
    new Look(lookers, watch.key, HeldProvider.MAX_IN_MESSAGE, outlook).begin(remembered, nowNanos);
  }

  private void looked(Watch watch, long versionBefore, Region region, long nowNanos) {
    if (watch.over) {
      return;
    }
    watch.isRead = region.isRead();
    if (watch.isRead) {
      watch.readNanos = nowNanos;
      watch.seen.expire(nowNanos);
      watch.seen.confirmLapsed();
    }
    boolean isFirst = !watch.synced && !watch.seen.isEmpty();
    boolean becomesSure = !watch.sure && (watch.isRead || isFirst);
    tellChanges(watch);
    boolean isVain = watch.version == versionBefore && watch.lost == 0 && !watch.isPartlyRefused();
    watch.plan.ended(region.size(), isVain, nowNanos);
    watch.region = region.keepers();
    watch.attempts = 0;
    watch.lost = 0;
    watch.refusing.clear();
    watch.heardNanos.keySet().retainAll(watch.streams.keySet());
    dueNanos = Long.MIN_VALUE;
    if (becomesSure) {
      watch.sure = true;
      watch.synced = true;
      lookers
          .events()
          .add(
              new Event.ServiceSynced(
                  watch.service, watch.version, watch.seen.all(nowNanos).size()));
    }
    if (!watch.sure) {
      watch.plan.again(nowNanos);
    } else if (!watch.isRead) {
      watch.plan.hasten();
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
    choice.removeIf(keeper -> isPaused(keeper.contact(), nowNanos));
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
      if (isPaused(peer, nowNanos)) {
        watch.refusing.add(peer);
      } else {
        poll(watch, peer, nowNanos);
      }
      watch.askNanos = NEVER;
    }
    if (watch.askNanos == NEVER) {
      long half = (watch.seen.nextExpiry() - nowNanos) / 2;
      long pause = Math.min(LONGEST_PAUSE.toNanos(), Math.max(SHORTEST_PAUSE.toNanos(), half));
      watch.askNanos = nowNanos + pause;
    }
    due(watch.askNanos);
  }

  private void poll(Watch watch, Contact peer, long nowNanos) {
    lookers.ask(
        peer,
        lookers.getProviders(peer, watch.key, HeldProvider.MAX_IN_MESSAGE),
        nowNanos,
        (outcome, now) -> {
          if (outcome instanceof GetProvidersResponse response) {
            watch.heardNanos.put(peer.id(), now);
            watch.seen.take(response.providers(), response.held(), now);
          }
          if (outcome instanceof GetProvidersResponse || isTooMany(outcome)) {
            watch.refusing.add(peer);
          }
          dueNanos = Long.MIN_VALUE;
        });
  }

  /** Whether a peer asked to be left alone; then it is tried when that is over. */
  private boolean isPaused(Contact peer, long nowNanos) {
    long pause = lookers.contacts().dials().pauseNanos(peer.endpoint(), nowNanos);
    if (pause > 0) {
      due(nowNanos + pause);
    }
    return pause > 0;
  }

  private void open(Watch watch, Contact peer, long nowNanos) {
    CallId id =
        lookers.watch(
            peer,
            watch.key,
            STREAM_DEADLINE,
            nowNanos,
            (update, now) -> {
              watch.heardNanos.put(peer.id(), now);
              watch.take(update.providers(), now);
            },
            (outcome, now) -> {
              watch.streams.remove(peer.id());
              watch.heardNanos.remove(peer.id());
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
