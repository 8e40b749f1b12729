package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.engine.Publication.Copy;
import dev.peerdiscovery.core.engine.Publication.Member;
import dev.peerdiscovery.core.engine.Publication.Wanted;
import dev.peerdiscovery.core.message.AddProviderRequest;
import dev.peerdiscovery.core.message.AddProviderResponse;
import dev.peerdiscovery.core.message.GetProvidersResponse;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.ProviderRecord;
import dev.peerdiscovery.core.record.SignedProviderRecord;
import java.time.Duration;
import java.util.Optional;

/**
 * Brings the records of the {@link Publisher}'s instances to the members of their regions, and
 * notes at each member what it has, or when it is to be asked again. Makes the records, too: each
 * has a sequence above that of the one before.
 */
final class Delivery {
  private static final int MAX_UNDER_WAY = 64;

  /** A second, so that what is a minute ahead is outbid within twelve seconds, a day within 34. */
  private static final long FIRST_OUTBID_MILLIS = 1_000;

  /** Together more than a century: whatever is further ahead is no clock. */
  private static final int MAX_OUTBIDS = 32;

  private static final Duration RETRY = Duration.ofSeconds(2);

  private final Lookers lookers;
  private final Incarnations incarnations;
  private final Runnable outcomeCame;
  private long sequence;
  private int underWay;

  /**
   * Brings nothing yet.
   *
   * @param outcomeCame is run after each call, when something may be due
   */
  Delivery(Lookers lookers, Incarnations incarnations, Runnable outcomeCame) {
    this.lookers = lookers;
    this.incarnations = incarnations;
    this.outcomeCame = outcomeCame;
  }

  /** How many calls are under way. */
  int underWay() {
    return underWay;
  }

  /** Whether so many calls are under way that others have to wait. */
  boolean isFull() {
    return underWay >= MAX_UNDER_WAY;
  }

  /** A third of the TTL, and up to a fifth more: two attempts and their retries fit into it. */
  long third(Duration ttl) {
    return (long) (ttl.toNanos() / 3.0 * (1 + 0.2 * lookers.jitter().nextDouble()));
  }

  /** Brings a record to a member that has handed out a token. */
  void bring(Publication publication, Member member, Wanted wanted, long nowNanos) {
    AddProviderRequest request =
        new AddProviderRequest(
            lookers.self().network(),
            lookers.self().record(),
            Optional.of(member.keeper.contact().id()),
            sign(publication, wanted, member.keeper.token()));
    long version = wanted.version;
    long incarnation = wanted.incarnation;
    long expiresNanos = nowNanos + wanted.ttl.toNanos();
    member.asking = true;
    underWay++;
    lookers.ask(
        member.keeper.contact(),
        request,
        nowNanos,
        (outcome, now) -> {
          underWay--;
          member.asking = false;
          outcomeCame.run();
          if (outcome instanceof AddProviderResponse added) {
            member.failures = 0;
            member.keeper = withToken(member.keeper, added.token());
            member.copies.put(
                wanted.endpoint, new Copy(version, now + third(wanted.ttl), expiresNanos));
          } else {
            failed(publication, member, wanted, incarnation, outcome, now);
          }
        });
  }

  private void failed(
      Publication publication,
      Member member,
      Wanted wanted,
      long incarnation,
      Outcome outcome,
      long nowNanos) {
    if (!(outcome instanceof Refusal refusal)) {
      member.failures++;
      member.notBeforeNanos = nowNanos + RETRY.toNanos();
    } else {
      switch (refusal.reason()) {
        case BAD_TOKEN -> {
          member.keeper = withToken(member.keeper, Bytes.EMPTY);
          member.notBeforeNanos = nowNanos + RETRY.toNanos();
        }
        case SUPERSEDED -> {
          boolean mayBeOver = wanted.outbids < MAX_OUTBIDS;
          if (mayBeOver && incarnation == wanted.incarnation) {
            outbid(wanted, nowNanos);
          }
          member.notBeforeNanos = nowNanos + (mayBeOver ? RETRY.toNanos() : third(wanted.ttl));
        }
        case FULL, OVERLOADED, NOT_SERVING -> member.notBeforeNanos = nowNanos + third(wanted.ttl);
        default -> member.lost();
      }
    }
    if (member.isLost() && member.inRegion) {
      publication.lost();
    }
  }

  /**
   * A run before registered with a clock that was ahead, by how much is not known: the steps grow,
   * so that few are needed, and what is reached is at most about twice as far ahead.
   */
  private void outbid(Wanted wanted, long nowNanos) {
    wanted.incarnation =
        incarnations.beyond(wanted.incarnation, FIRST_OUTBID_MILLIS << wanted.outbids, nowNanos);
    wanted.outbids++;
  }

  /** Asks a member for another token. */
  void fetchToken(Publication publication, Member member, long nowNanos) {
    member.asking = true;
    underWay++;
    lookers.ask(
        member.keeper.contact(),
        lookers.getProviders(member.keeper.contact(), publication.key, 0),
        nowNanos,
        (outcome, now) -> {
          underWay--;
          member.asking = false;
          outcomeCame.run();
          if (outcome instanceof GetProvidersResponse response) {
            member.keeper = withToken(member.keeper, response.token());
          }
          if (member.keeper.token().isEmpty()) {
            member.failures++;
            member.notBeforeNanos = now + RETRY.toNanos();
          }
        });
  }

  private static Keeper withToken(Keeper keeper, Bytes token) {
    return new Keeper(keeper.contact(), token, keeper.named());
  }

  /** The record of an instance as it is now, above all before it. */
  SignedProviderRecord sign(Publication publication, Wanted wanted, Bytes token) {
    return lookers
        .self()
        .sign(
            new ProviderRecord(
                publication.service,
                lookers.self().id(),
                wanted.endpoint,
                wanted.metadata,
                wanted.ttl,
                wanted.isGone(),
                wanted.incarnation,
                ++sequence,
                token));
  }
}
