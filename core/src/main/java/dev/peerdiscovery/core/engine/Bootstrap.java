package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.random.RandomGenerator;

/**
 * Asks the seeds who they are: in the first round all of them, and then again for the node's whole
 * life, so that islands merge and a node that lost everybody comes back.
 *
 * <p>A seed's address may be a name with many peers behind it. It proves its id on the spot if it
 * advertises the address that was dialled, and else it is a hint like any other.
 */
final class Bootstrap implements Part {
  /** The most seeds asked in one round. */
  static final int MAX_PER_ROUND = 16;

  /** Seeds asked in a round that is made only to find other islands. */
  private static final int FEW = 2;

  private static final class Seed {
    final Endpoint endpoint;
    String lastResult = "not asked yet";

    Seed(Endpoint endpoint) {
      this.endpoint = endpoint;
    }
  }

  private final EngineConfig config;
  private final Self self;
  private final Contacts contacts;
  private final Hints hints;
  private final Prover prover;
  private final Refresh refresh;
  private final Calls calls;
  private final RandomGenerator jitter;
  private final List<Seed> seeds = new ArrayList<>();

  private int underWay;
  private boolean roundUnderWay;
  private boolean firstRoundOver;
  private boolean wasLost = true;
  private long nextRoundNanos;
  private long pauseNanos;

  Bootstrap(
      EngineConfig config,
      Self self,
      Contacts contacts,
      Hints hints,
      Prover prover,
      Refresh refresh,
      Calls calls,
      RandomGenerator jitter,
      List<Endpoint> endpoints,
      long nowNanos) {
    this.config = config;
    this.self = self;
    this.contacts = contacts;
    this.hints = hints;
    this.prover = prover;
    this.refresh = refresh;
    this.calls = calls;
    this.jitter = jitter;
    this.nextRoundNanos = nowNanos;
    this.pauseNanos = config.bootstrapRetryMin().toNanos();
    endpoints.stream().distinct().forEach(endpoint -> seeds.add(new Seed(endpoint)));
  }

  boolean isFirstRoundOver() {
    return firstRoundOver;
  }

  /** The node is part of the network already; the first round can wait for its turn. */
  void resume(long nowNanos) {
    firstRoundOver = true;
    nextRoundNanos = nowNanos + jittered(pause());
  }

  /** Whether another peer may be behind one of the seeds: of some it is known that they are not. */
  boolean hasOthers() {
    return seeds.stream().anyMatch(seed -> !seed.lastResult.equals(EngineStatus.Seed.ITSELF));
  }

  /** What each seed said last. */
  List<EngineStatus.Seed> status() {
    return seeds.stream().map(s -> new EngineStatus.Seed(s.endpoint, s.lastResult)).toList();
  }

  @Override
  public void advance(long nowNanos) {
    boolean lost = isLost();
    if (lost && !wasLost) {
      nextRoundNanos = Math.min(nextRoundNanos, nowNanos);
    }
    wasLost = lost;
    if (seeds.isEmpty()) {
      firstRoundOver = true;
    } else if (!roundUnderWay && nowNanos >= nextRoundNanos) {
      List<Seed> round = seedsOfRound();
      if (round.isEmpty()) {
        roundOver(nowNanos);
      } else {
        roundUnderWay = true;
        if (contacts.table().size() == 0) {
          hints.forgetUnreachable();
        }
        round.forEach(seed -> ask(seed, nowNanos));
      }
    }
  }

  /** Where all peers are configured alike, one of the seeds is the node itself. */
  private List<Seed> seedsOfRound() {
    List<Seed> shuffled = new ArrayList<>();
    for (Seed seed : seeds) {
      if (self.advertised().contains(seed.endpoint)) {
        seed.lastResult = EngineStatus.Seed.ITSELF;
      } else {
        shuffled.add(seed);
      }
    }
    Collections.shuffle(shuffled, new Random(jitter.nextLong()));
    int most = isLost() || !firstRoundOver ? MAX_PER_ROUND : FEW;
    return shuffled.subList(0, Math.min(shuffled.size(), most));
  }

  /** Whether the node has nobody, or nobody it can reach. */
  private boolean isLost() {
    return contacts.table().size() == 0 || contacts.isDoubtful();
  }

  private void ask(Seed seed, long nowNanos) {
    underWay++;
    ask(seed, !firstRoundOver, nowNanos);
  }

  /**
   * Calls a seed.
   *
   * @param again whether a call that timed out is made once more: the first one a node ever makes
   *     is slow, and nobody wants to be called alone for it
   */
  private void ask(Seed seed, boolean again, long nowNanos) {
    PingRequest request = self.ping(Optional.empty(), seed.endpoint, prover.nonce());
    calls.make(
        seed.endpoint,
        request,
        config.callDeadline(),
        nowNanos,
        (outcome, rtt, now) -> {
          seed.lastResult = judge(request, outcome, now);
          if (again && outcome instanceof Failure f && f.kind() == Failure.Kind.TIMEOUT) {
            ask(seed, false, now);
          } else if (--underWay == 0) {
            roundOver(now);
          }
        });
  }

  private String judge(PingRequest request, Outcome outcome, long nowNanos) {
    if (outcome instanceof PingResponse response) {
      if (response.responder().id().equals(self.id())) {
        // No sign of life from the network.
        return judgeOwn(response.responder(), nowNanos);
      }
      contacts.heard(nowNanos);
      // A first round is followed by the join.
      if (firstRoundOver && contacts.table().size() > 0) {
        refresh.lookAroundFrom(response.responder());
      }
      self.compareAddresses(response.responder());
      response.observed().ifPresent(at -> self.observed(response.responder().id(), at));
      Optional<Contact> proved = prover.proved(response, request);
      proved.ifPresentOrElse(
          contact -> {
            boolean isKnown = contacts.table().contact(contact.id()).isPresent();
            if (isKnown || hints.room(self.id().bucketOf(contact.id())) > 0) {
              contacts.earned(contact, nowNanos);
            } else {
              hints.offer(contact.record(), nowNanos);
            }
          },
          () -> hints.offer(response.responder(), nowNanos));
      return "answered as " + response.responder().id();
    }
    if (outcome instanceof Refusal refusal) {
      contacts.heard(nowNanos);
      return "refused: " + refusal.reason() + ": " + refusal.detail();
    }
    Failure failure = (Failure) outcome;
    return failure.kind() + ": " + failure.detail();
  }

  private String judgeOwn(SignedPeerRecord own, long nowNanos) {
    if (!prover.isGenuine(own)) {
      return "claims this node's id, without its key";
    }
    boolean itself = self.isItself(own);
    self.met(own, nowNanos);
    return itself ? EngineStatus.Seed.ITSELF : "another node with this node's id";
  }

  private void roundOver(long nowNanos) {
    roundUnderWay = false;
    firstRoundOver = true;
    nextRoundNanos = nowNanos + jittered(pause());
  }

  /** The pause to the next round: growing while there is nobody, and then by how many there are. */
  private long pause() {
    Duration few = config.bootstrapFewInterval();
    if (isLost()) {
      long pause = pauseNanos;
      pauseNanos = Math.min(2 * pauseNanos, few.toNanos());
      return pause;
    }
    pauseNanos = config.bootstrapRetryMin().toNanos();
    boolean isFew = contacts.table().size() < config.k();
    return (isFew ? few : config.bootstrapInterval()).toNanos();
  }

  private long jittered(long nanos) {
    return (long) (nanos * (0.8 + 0.4 * jitter.nextDouble()));
  }

  @Override
  public long nextWake() {
    return seeds.isEmpty() || roundUnderWay ? NEVER : nextRoundNanos;
  }
}
