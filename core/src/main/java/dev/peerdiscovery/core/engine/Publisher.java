package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.engine.Publication.Member;
import dev.peerdiscovery.core.engine.Publication.Wanted;
import dev.peerdiscovery.core.message.GetProvidersResponse;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.ServiceName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the instances that applications registered here, and keeps them published:
 * level-triggered, so that nothing depends on a message that was sent once. What is wanted is
 * compared with what each keeper is known to have; a keeper that lacks it, or has had it for a
 * third of its TTL, is brought a fresh record.
 *
 * <p>A registration is a lease: it is withdrawn when the application does not renew it in time.
 * Where that is wanted, nothing says that an instance is there but right after a check; one that
 * fails has a tombstone published, until another one passes ({@link Presence}). The region is
 * remembered, and looked at anew every five minutes, or when a fifth of it failed.
 */
final class Publisher implements Part {
  static final int MAX_SERVICES = 256;
  static final int MAX_INSTANCES = 16;
  private static final long AT_ONCE = Publication.AT_ONCE;

  private final Lookers lookers;
  private final Storer storer;
  private final Map<ServiceName, Publication> publications = new LinkedHashMap<>();

  private final Incarnations incarnations;
  private final Delivery delivery;
  private boolean leaving;

  private int returned;

  /** The checks that were asked for and not drained. */
  private List<CheckDue> checksDue = List.of();

  /** When anything is due; kept, because there may be thousands of copies. */
  private long dueNanos = NEVER;

  Publisher(Lookers lookers, Storer storer, Incarnations incarnations) {
    this.lookers = lookers;
    this.storer = storer;
    this.incarnations = incarnations;
    this.delivery = new Delivery(lookers, incarnations, () -> dueNanos = AT_ONCE);
  }

  /** What came of wanting an instance published. */
  boolean register(
      ServiceName service,
      Endpoint endpoint,
      Map<String, String> metadata,
      Duration ttl,
      long leaseNanos,
      boolean checks,
      boolean isAnother,
      long nowNanos) {
    Publication publication = publications.get(service);
    int instances = publication == null ? 0 : publication.instances.size();
    boolean known = publication != null && publication.instances.containsKey(endpoint);
    if (leaving
        || (publication == null && publications.size() >= MAX_SERVICES)
        || (!known && instances >= MAX_INSTANCES)) {
      return false;
    }
    if (publication == null) {
      publication = new Publication(service, new LookPlan(lookers));
      publications.put(service, publication);
    }
    Wanted wanted = publication.instances.computeIfAbsent(endpoint, Wanted::new);
    boolean isRenewal =
        known
            && !isAnother
            && !wanted.withdrawn
            && wanted.metadata.equals(metadata)
            && wanted.ttl.equals(ttl);
    wanted.leaseNanos = leaseNanos;
    if (wanted.withdrawn) {
      wanted.presence = new Presence();
    }
    boolean wasFailing = wanted.presence.isFailing();
    wanted.presence.registered(checks);
    if (!isRenewal) {
      wanted.metadata = metadata;
      wanted.ttl = ttl;
      wanted.withdrawn = false;
      wanted.incarnation = incarnations.next(nowNanos);
      wanted.outbids = 0;
    }
    if (!isRenewal || wasFailing != wanted.presence.isFailing()) {
      wanted.changed();
    }
    dueNanos = AT_ONCE;
    return true;
  }

  /** Takes an instance back; whether there was one. */
  boolean deregister(ServiceName service, Endpoint endpoint, long nowNanos) {
    Publication publication = publications.get(service);
    Wanted wanted = registered(service, endpoint);
    if (publication == null || wanted == null) {
      return false;
    }
    withdraw(publication, wanted, Event.Unpublished.Cause.WITHDRAWN, nowNanos);
    return true;
  }

  private @Nullable Wanted registered(ServiceName service, Endpoint endpoint) {
    Publication publication = publications.get(service);
    Wanted wanted = publication == null ? null : publication.instances.get(endpoint);
    return wanted == null || wanted.withdrawn ? null : wanted;
  }

  /** The call that held an instance was lost: unless it is registered again, it ends soon. */
  boolean doubt(ServiceName service, Endpoint endpoint, long leaseNanos, long nowNanos) {
    Wanted wanted = registered(service, endpoint);
    if (wanted == null) {
      return false;
    }
    wanted.leaseNanos = leaseNanos;
    wanted.presence.doubted(nowNanos);
    dueNanos = AT_ONCE;
    return true;
  }

  private void withdraw(
      Publication publication, Wanted wanted, Event.Unpublished.Cause cause, long nowNanos) {
    wanted.withdrawn = true;
    wanted.changed();
    // Whoever cannot be told until then has forgotten it by itself.
    wanted.leaseNanos = nowNanos + wanted.ttl.toNanos();
    lookers.events().add(new Event.Unpublished(publication.service, wanted.endpoint, cause));
    dueNanos = AT_ONCE;
  }

  /** Takes the outcome of a check that was drained. */
  void checked(ServiceName service, Endpoint endpoint, boolean there, long nowNanos) {
    Publication publication = publications.get(service);
    Wanted wanted = publication == null ? null : publication.instances.get(endpoint);
    if (publication == null || wanted == null || !wanted.presence.isUnderWay()) {
      return;
    }
    dueNanos = AT_ONCE;
    boolean isChange =
        wanted.presence.checked(there, wanted.ttl, delivery.third(wanted.ttl), nowNanos);
    if (!there && wanted.presence.isDoubted() && !wanted.withdrawn) {
      withdraw(publication, wanted, Event.Unpublished.Cause.LEASE_OVER, nowNanos);
    } else if (isChange && !wanted.withdrawn) {
      wanted.changed();
      if (!there) {
        lookers
            .events()
            .add(new Event.Unpublished(service, endpoint, Event.Unpublished.Cause.NOT_THERE));
      }
    }
  }

  private void check(Publication publication, Wanted wanted) {
    if (wanted.presence.begin()) {
      if (checksDue.isEmpty()) {
        checksDue = new ArrayList<>();
      }
      checksDue.add(new CheckDue(publication.service, wanted.endpoint));
    }
  }

  List<CheckDue> drainChecks() {
    List<CheckDue> drained = checksDue;
    checksDue = List.of();
    return drained;
  }

  /** The instances that are registered, with how many keepers each has. */
  List<Services.Registration> registrations() {
    List<Services.Registration> registrations = new ArrayList<>();
    for (Publication publication : publications.values()) {
      for (Wanted wanted : publication.instances.values()) {
        if (!wanted.withdrawn) {
          registrations.add(registration(publication, wanted));
        }
      }
    }
    return registrations;
  }

  /** An instance that is registered. */
  Optional<Services.Registration> registration(ServiceName service, Endpoint endpoint) {
    Publication publication = publications.get(service);
    Wanted wanted = registered(service, endpoint);
    return publication == null || wanted == null
        ? Optional.empty()
        : Optional.of(registration(publication, wanted));
  }

  private static Services.Registration registration(Publication publication, Wanted wanted) {
    return new Services.Registration(
        publication.service, wanted.endpoint, publication.keepersOf(wanted), wanted.told);
  }

  /** Tells everybody that the node leaves, all at once, whatever else is under way. */
  void leave(long nowNanos) {
    leaving = true;
    for (Publication publication : publications.values()) {
      for (Wanted wanted : publication.instances.values()) {
        if (!wanted.withdrawn) {
          withdraw(publication, wanted, Event.Unpublished.Cause.WITHDRAWN, nowNanos);
          for (Member member : publication.members.values()) {
            if (member.copies.containsKey(wanted.endpoint) && !member.keeper.token().isEmpty()) {
              delivery.bring(publication, member, wanted, nowNanos);
            }
          }
        }
      }
    }
  }

  int underWay() {
    return delivery.underWay();
  }

  @Override
  public void advance(long nowNanos) {
    boolean isDue = nowNanos >= dueNanos || returned != lookers.contacts().returned();
    if (!isDue || leaving || publications.isEmpty()) {
      return;
    }
    returned = lookers.contacts().returned();
    dueNanos = NEVER;
    for (Publication publication : List.copyOf(publications.values())) {
      endLeases(publication, nowNanos);
      if (publication.instances.isEmpty()) {
        publications.remove(publication.service);
      } else {
        look(publication, nowNanos);
        publication.members.values().removeIf(member -> !member.isOfUse(nowNanos));
        for (Member member : publication.members.values()) {
          bringWhatIsDue(publication, member, nowNanos);
        }
        noteWhatIsPublished(publication);
      }
    }
  }

  private void endLeases(Publication publication, long nowNanos) {
    for (Wanted wanted : List.copyOf(publication.instances.values())) {
      if (!wanted.withdrawn && nowNanos >= wanted.leaseNanos) {
        withdraw(publication, wanted, Event.Unpublished.Cause.LEASE_OVER, nowNanos);
      }
      keep(publication, wanted, nowNanos);
      if (wanted.withdrawn && (nowNanos >= wanted.leaseNanos || !publication.isKept(wanted))) {
        publication.forget(wanted);
      } else {
        due(wanted.leaseNanos);
        due(wanted.presence.again());
        due(wanted.presence.isUnderWay() ? NEVER : wanted.ownDueNanos);
      }
    }
  }

  /** Keeps this node's own record of an instance, as every other node of the region has one. */
  private void keep(Publication publication, Wanted wanted, long nowNanos) {
    boolean isDue = nowNanos >= wanted.ownDueNanos;
    boolean mayBeSaid = wanted.isGone() || wanted.presence.isFresh(nowNanos);
    if (isDue && mayBeSaid) {
      wanted.ownDueNanos = wanted.isGone() ? NEVER : nowNanos + delivery.third(wanted.ttl);
      storer.put(publication.key, delivery.sign(publication, wanted, Bytes.EMPTY), nowNanos);
    }
    boolean isDoubtful = !wanted.withdrawn && nowNanos >= wanted.presence.again();
    if (isDoubtful || (isDue && !mayBeSaid)) {
      check(publication, wanted);
    }
  }

  private void look(Publication publication, long nowNanos) {
    if (!publication.plan.begins(nowNanos)) {
      due(publication.plan.nextWake());
      return;
    }
    Look.Outlook outlook =
        new Look.Outlook() {
          @Override
          public void answered(Contact from, GetProvidersResponse response, long now) {}

          @Override
          public void ended(Region region, long now) {
            looked(publication, region.keepers(), now);
          }
        };
    new Look(lookers, publication.key, 0, outlook).begin(publication.remembered(), nowNanos);
  }

  private void looked(Publication publication, List<Keeper> region, long nowNanos) {
    publication.plan.ended(region.size(), false, nowNanos);
    publication.looked(region);
    dueNanos = AT_ONCE;
  }

  private void bringWhatIsDue(Publication publication, Member member, long nowNanos) {
    for (Wanted wanted : publication.instances.values()) {
      long dueAt = member.dueAt(wanted);
      if (member.asking || delivery.isFull()) {
        // The outcome of a call comes back here.
        return;
      }
      if (nowNanos < dueAt) {
        due(dueAt);
      } else if (!wanted.isGone() && !wanted.presence.isFresh(nowNanos)) {
        check(publication, wanted);
      } else if (member.keeper.token().isEmpty()) {
        delivery.fetchToken(publication, member, nowNanos);
      } else {
        delivery.bring(publication, member, wanted, nowNanos);
      }
    }
  }

  private void noteWhatIsPublished(Publication publication) {
    for (Wanted wanted : publication.instances.values()) {
      Services.Reach reach = publication.reach(wanted, lookers.isAlone());
      // That a region has grown takes nothing back.
      boolean isNews =
          reach == Services.Reach.HALF
              ? wanted.told != Services.Reach.ALL && wanted.told != reach
              : reach != Services.Reach.PENDING && wanted.told != reach;
      if (isNews) {
        wanted.told = reach;
        lookers
            .events()
            .add(
                reach == Services.Reach.UNREACHED
                    ? new Event.Unpublished(
                        publication.service, wanted.endpoint, Event.Unpublished.Cause.UNREACHED)
                    : new Event.Published(
                        publication.service, wanted.endpoint, publication.keepersOf(wanted)));
      }
    }
  }

  private void due(long atNanos) {
    dueNanos = Math.min(dueNanos, atNanos);
  }

  @Override
  public long nextWake() {
    return leaving || publications.isEmpty() ? NEVER : dueNanos;
  }
}
