package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.message.GetProvidersResponse;
import dev.peerdiscovery.core.message.HeldProvider;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.ServiceName;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds out once who provides a service. All who ask for one service at a time share a look: those
 * that come while one is under way wait for the next, because what it has read by then may be older
 * than their question. So each answer knows of every record that was published before it was asked
 * for, and however many ask, the region of a service is read at most every 20 ms.
 *
 * <p>Each question has one answer within {@link #DEADLINE}: instances that were found, or that
 * there is none, if enough of the region said so ({@link Region}), or else that it is not known.
 */
final class Resolves implements Part {
  /** The most questions that wait for an answer. */
  static final int MAX_QUESTIONS = 4_096;

  /** The most services that are asked for at once. */
  static final int MAX_SERVICES = 64;

  /** Shorter than applications wait, so that they hear why there is no answer. */
  static final Duration DEADLINE = Duration.ofSeconds(4);

  /** The least time between the beginnings of two looks for one service. */
  static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

  /** When it is tried again to begin a look. */
  private static final Duration RETRY = Duration.ofMillis(100);

  private record Question(ResolveId id, long deadlineNanos) {}

  /** A service that is asked for; forgotten when all have an answer and the next look may begin. */
  private static final class Asked {
    final ServiceName service;

    /** Those whose look is under way, and those that wait for the next one; each oldest first. */
    final Deque<Question> asking = new ArrayDeque<>();

    final Deque<Question> waiting = new ArrayDeque<>();

    /** What the look under way has found. */
    Seen seen;

    boolean isUnderWay;
    long nextLookNanos;

    Asked(ServiceName service, Seen seen, long nowNanos) {
      this.service = service;
      this.seen = seen;
      this.nextLookNanos = nowNanos;
    }

    /** When something is to be done for it if no answer comes before. */
    long dueNanos() {
      long due = isUnderWay ? NEVER : nextLookNanos;
      for (Deque<Question> questions : List.of(asking, waiting)) {
        if (!questions.isEmpty()) {
          due = Math.min(due, questions.peekFirst().deadlineNanos);
        }
      }
      return due;
    }
  }

  private final Lookers lookers;
  private final Storer storer;
  private final Map<ServiceName, Asked> services = new LinkedHashMap<>();
  private int questions;
  private long asked;
  private boolean leaving;
  private long dueNanos = NEVER;

  Resolves(Lookers lookers, Storer storer) {
    this.lookers = lookers;
    this.storer = storer;
  }

  /** Asks who provides a service; nothing when too many are asking. */
  Optional<ResolveId> resolve(ServiceName service, long nowNanos) {
    boolean isKnown = services.containsKey(service);
    boolean isFull =
        !isKnown
            && (services.size() >= MAX_SERVICES
                || lookers.lookups().underWay() >= lookers.config().lookupsMax());
    if (leaving || isFull || questions >= MAX_QUESTIONS) {
      return Optional.empty();
    }
    ResolveId id = new ResolveId(++asked);
    questions++;
    services
        .computeIfAbsent(service, name -> new Asked(name, seen(name), nowNanos))
        .waiting
        .add(new Question(id, nowNanos + DEADLINE.toNanos()));
    dueNanos = Math.min(dueNanos, nowNanos);
    return Optional.of(id);
  }

  private Seen seen(ServiceName service) {
    return new Seen(service, lookers.verifier());
  }

  @Override
  public void advance(long nowNanos) {
    if (nowNanos < dueNanos) {
      return;
    }
    dueNanos = NEVER;
    for (Iterator<Asked> each = services.values().iterator(); each.hasNext(); ) {
      Asked service = each.next();
      endOverdue(service, service.asking, nowNanos);
      endOverdue(service, service.waiting, nowNanos);
      if (!service.isUnderWay && nowNanos >= service.nextLookNanos) {
        if (service.waiting.isEmpty()) {
          each.remove();
          continue;
        }
        look(service, nowNanos);
      }
      dueNanos = Math.min(dueNanos, service.dueNanos());
    }
  }

  /** Those that have waited for too long are told what the look has found by now. */
  private void endOverdue(Asked service, Deque<Question> of, long nowNanos) {
    while (!of.isEmpty() && of.peekFirst().deadlineNanos <= nowNanos) {
      answer(service, of.remove(), Optional.empty(), nowNanos);
    }
  }

  private void look(Asked service, long nowNanos) {
    boolean isTooEarly =
        !lookers.isReady().getAsBoolean() && lookers.contacts().table().size() == 0;
    if (isTooEarly || lookers.lookups().underWay() >= lookers.config().lookupsMax()) {
      service.nextLookNanos = nowNanos + RETRY.toNanos();
      return;
    }
    service.seen = seen(service.service);
    storer.tell(service.seen, service.service.key(), nowNanos);
    service.nextLookNanos = nowNanos + BETWEEN_LOOKS.toNanos();
    service.asking.addAll(service.waiting);
    service.waiting.clear();
    if (lookers.contacts().isDoubtful()) {
      // Calls would fail, each as late as it can.
      ended(service, Optional.empty(), nowNanos);
      return;
    }
    service.isUnderWay = true;
    Seen seen = service.seen;
    Look.Outlook outlook =
        new Look.Outlook() {
          @Override
          public void answered(Contact from, GetProvidersResponse response, long now) {
            seen.take(response.providers(), response.held(), now);
          }

          @Override
          public void ended(Region region, long now) {
            service.isUnderWay = false;
            Resolves.this.ended(service, Optional.of(region), now);
          }
        };
    new Look(lookers, service.service.key(), HeldProvider.MAX_IN_MESSAGE, outlook)
        .begin(List.of(), nowNanos);
  }

  private void ended(Asked service, Optional<Region> region, long nowNanos) {
    while (!service.asking.isEmpty()) {
      answer(service, service.asking.remove(), region, nowNanos);
    }
    dueNanos = Math.min(dueNanos, nowNanos);
  }

  private void answer(Asked service, Question question, Optional<Region> region, long nowNanos) {
    questions--;
    List<Services.Found> found = service.seen.all(nowNanos);
    boolean isRead = region.map(Region::isRead).orElse(false);
    Optional<Refusal> unknown =
        found.isEmpty() && !isRead
            ? Optional.of(region.map(Region::refusal).orElse(Region.unreachable(Refusal.BUSY)))
            : Optional.empty();
    lookers
        .events()
        .add(
            new Event.Resolved(
                question.id,
                service.service,
                found,
                service.seen.isTruncated() || !isRead,
                unknown));
  }

  /** Ends all questions with what is known: the node leaves. */
  void leave(long nowNanos) {
    leaving = true;
    for (Asked service : services.values()) {
      ended(service, Optional.empty(), nowNanos);
      service.asking.addAll(service.waiting);
      service.waiting.clear();
      ended(service, Optional.empty(), nowNanos);
    }
    services.clear();
  }

  @Override
  public long nextWake() {
    return services.isEmpty() ? NEVER : dueNanos;
  }
}
