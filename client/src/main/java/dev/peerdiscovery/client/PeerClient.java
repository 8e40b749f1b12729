package dev.peerdiscovery.client;

import dev.peerdiscovery.client.tls.PeerTls;
import dev.peerdiscovery.client.tls.Tls;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.PingProof;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.proto.PeerMethods;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Asks the peers of a network from outside, without joining it: it is answered, and enters nobody's
 * table.
 *
 * <p>It is given one or more entry nodes. A question goes to the one that answered last; when that
 * cannot be reached, to the next. Every method comes in two forms: one that blocks and throws
 * {@link PeerException}, and one ending in {@code Async} whose future fails with it.
 *
 * <p>Nothing waits for ever: there is a {@linkplain Builder#timeout limit} for each wait, and an
 * interrupt of the waiting thread, {@link #close} from another one, or an end of the future by the
 * caller ends it at once, and with it what was asked. Continuations of the futures run on threads
 * of the client's own, and may block.
 *
 * <p>Thread-safe. Close it after use.
 */
public final class PeerClient implements AutoCloseable {
  /** Longer than a node's: the first call of a process that has just started is slow. */
  private static final Duration CALL_DEADLINE = Duration.ofSeconds(5);

  private static final Duration LOOKUP_DEADLINE = Duration.ofSeconds(10);

  /** How long a caller waits in all unless something else is set. */
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  /** How a network may have its ids; only one where that is set. */
  private record Way(Network network, RecordVerifier verifier) {}

  private final List<Way> ways;
  private final FailOver<Endpoint> entries;
  private final int k;
  private final int alpha;
  private final Caller caller;
  private final ClientThreads threads = new ClientThreads("peer-client", Optional.empty());
  private final Waiting waiting = new Waiting(threads);
  private final Duration timeout;
  private final SecureRandom random = new SecureRandom();

  private volatile int preferredWay;

  /** Whether the network has answered as signed; then nobody talks this client out of it. */
  private volatile boolean knownToSign;

  private PeerClient(Builder builder) {
    this.entries = new FailOver<>(builder.entries, PeerClient::isWorthAnother);
    this.k = builder.k;
    this.alpha = builder.alpha;
    AddressPolicy policy = AddressPolicy.of(builder.scope, onLoopback(entries.nodes()));
    this.ways =
        builder.identities().stream().map(identity -> way(identity, builder, policy)).toList();
    PeerMethods methods = new PeerMethods(ways.get(0).network());
    this.caller =
        builder
            .opener
            .map(opener -> Caller.over(opener, methods, policy, ChannelLimits.defaults()))
            .orElseGet(
                () -> Caller.overTcp(methods, policy, ChannelLimits.defaults(), builder.peerTls()));
    this.timeout = builder.timeout;
  }

  private static Way way(IdentityMode identity, Builder builder, AddressPolicy policy) {
    return new Way(
        Network.of(builder.network, identity, builder.scope),
        identity == IdentityMode.SIGNED
            ? RecordVerifier.signed(builder.network, policy, Ed25519::verify)
            : RecordVerifier.assigned(builder.network, policy));
  }

  /** Loopback addresses in answers are for those who came in by one. */
  private static boolean onLoopback(List<Endpoint> entries) {
    AddressPolicy loopback = AddressPolicy.of(Scope.LOOPBACK, true);
    return entries.stream().anyMatch(loopback::allows);
  }

  /** A builder; at least one {@link Builder#via entry node} must be given. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * What a setting of TLS comes to for somebody who is no peer, under an identity made for it: for
   * channels to a node's other services.
   *
   * @throws IOException when files cannot be used; the message says which, and why
   */
  public static PeerTls tls(Tls setting) throws IOException {
    return setting.mode() == Tls.Mode.OFF
        ? PeerTls.off()
        : PeerTls.ofClient(setting, Ed25519.generate(), Ed25519::verify);
  }

  /**
   * A peer that answered {@link #ping}.
   *
   * @param record what it says about itself
   * @param proved whether it proved its id at the endpoint that was dialled
   * @param observed where it saw the call come from
   * @param roundTrip the time from the question to the answer, making a connection included
   */
  public record Pong(
      SignedPeerRecord record, boolean proved, Optional<Endpoint> observed, Duration roundTrip) {}

  /**
   * Asks the first entry node that answers who it is.
   *
   * @throws PeerException when none answers in time
   */
  public Pong ping() {
    return waiting.block(timeout, this::pinging);
  }

  /** Asks the first entry node that answers who it is. */
  public CompletableFuture<Pong> pingAsync() {
    return waiting.future(timeout, this::pinging);
  }

  private Waiting.Begun<Pong> pinging() {
    return asking("ping", answer -> this::pingEitherWay);
  }

  /**
   * Asks the peer at an endpoint who it is.
   *
   * @throws PeerException when it does not answer in time
   */
  public Pong ping(Endpoint endpoint) {
    return waiting.block(timeout, () -> pinging(endpoint));
  }

  /** Asks the peer at an endpoint who it is. */
  public CompletableFuture<Pong> pingAsync(Endpoint endpoint) {
    return waiting.future(timeout, () -> pinging(endpoint));
  }

  private Waiting.Begun<Pong> pinging(Endpoint endpoint) {
    checkOpen();
    return new Waiting.Begun<>(
        "ping", pingEitherWay(endpoint), () -> "no answer from " + endpoint, pong -> {});
  }

  private CompletableFuture<Pong> pingEitherWay(Endpoint endpoint) {
    return eitherWay(way -> ping(endpoint, way));
  }

  private CompletableFuture<Pong> ping(Endpoint endpoint, Way way) {
    byte[] drawn = new byte[PingRequest.NONCE_BYTES];
    random.nextBytes(drawn);
    Bytes nonce = Bytes.copyOf(drawn);
    long startedNanos = System.nanoTime();
    PingRequest request =
        new PingRequest(way.network(), Optional.empty(), Optional.empty(), endpoint, nonce);
    return answer("ping", endpoint, request, CALL_DEADLINE, PingResponse.class)
        .thenApply(
            response -> {
              Duration roundTrip = Duration.ofNanos(System.nanoTime() - startedNanos);
              return new Pong(
                  response.responder(),
                  isProved(request, response, way),
                  response.observed(),
                  roundTrip);
            });
  }

  private static boolean isProved(PingRequest request, PingResponse response, Way way) {
    return response.responder().content().endpoints().contains(request.dialled())
        && way.verifier().isGenuine(response.responder())
        && PingProof.isIn(response, request, way.verifier().signatures());
  }

  /**
   * Asks the first entry node that answers for the peers it knows nearest to a target.
   *
   * @throws PeerException when none answers in time
   */
  public List<SignedPeerRecord> findNode(NodeId target) {
    return waiting.block(timeout, () -> findingNode(target));
  }

  /** Asks the first entry node that answers for the peers it knows nearest to a target. */
  public CompletableFuture<List<SignedPeerRecord>> findNodeAsync(NodeId target) {
    return waiting.future(timeout, () -> findingNode(target));
  }

  private Waiting.Begun<List<SignedPeerRecord>> findingNode(NodeId target) {
    return asking("findNode", answer -> entry -> eitherWay(way -> findNode(entry, target, way)));
  }

  private CompletableFuture<List<SignedPeerRecord>> findNode(Endpoint at, NodeId target, Way way) {
    FindNodeRequest request =
        new FindNodeRequest(way.network(), Optional.empty(), Optional.empty(), target);
    return answer("findNode", at, request, CALL_DEADLINE, FindNodeResponse.class)
        .thenApplyAsync(
            response -> response.peers().stream().filter(way.verifier()::isGenuine).toList(),
            threads.timer());
  }

  /**
   * Asks the way that was right last, and where it is not known for sure and the answer is that the
   * network has its ids in another way, in that. Once signed, always signed: or whoever answers for
   * an entry node later could have this client take unsigned records.
   */
  private <T> CompletableFuture<T> eitherWay(Function<Way, CompletableFuture<T>> question) {
    int first = preferredWay;
    int second = (first + 1) % ways.size();
    return question
        .apply(ways.get(first))
        .handle(
            (answer, error) -> {
              boolean signs = ways.get(first).network().identity() == IdentityMode.SIGNED;
              if (error == null) {
                knownToSign |= signs;
                return CompletableFuture.completedFuture(answer);
              }
              boolean isDowngrade = signs && knownToSign;
              if (second == first || isDowngrade || !isOfOtherIdentity(error)) {
                return CompletableFuture.<T>failedFuture(FailOver.unwrapped(error));
              }
              return question
                  .apply(ways.get(second))
                  .whenComplete((ok, failed) -> preferredWay = failed == null ? second : first);
            })
        .thenCompose(Function.identity());
  }

  private static boolean isOfOtherIdentity(Throwable error) {
    return FailOver.unwrapped(error) instanceof PeerException failed
        && failed.outcome() instanceof Refusal refusal
        && refusal.reason() == Refusal.Reason.OTHER_IDENTITY;
  }

  /**
   * Finds the k peers of the whole network that are nearest to a target, hop by hop.
   *
   * @throws PeerException when no entry node answers in time
   */
  public LookupResult lookup(NodeId target) {
    return waiting.block(timeout, () -> lookingUp(target, step -> {}));
  }

  /**
   * Finds the k peers of the whole network that are nearest to a target, hop by hop.
   *
   * @param watcher is told of every answer as it comes in, one at a time; it must not block, and
   *     what it throws ends the lookup and fails the future
   */
  public CompletableFuture<LookupResult> lookupAsync(
      NodeId target, Consumer<LookupResult.Step> watcher) {
    return waiting.future(timeout, () -> lookingUp(target, watcher));
  }

  private Waiting.Begun<LookupResult> lookingUp(
      NodeId target, Consumer<LookupResult.Step> watcher) {
    return asking(
        "looking up " + target,
        answer ->
            entry ->
                eitherWay(
                    way ->
                        ping(entry, way)
                            .thenCompose(
                                pong -> {
                                  OutsideLookup lookup = lookup(way, target, watcher);
                                  answer.whenComplete((done, error) -> lookup.stop());
                                  return lookup.from(pong.record(), entry, LOOKUP_DEADLINE);
                                })));
  }

  private OutsideLookup lookup(Way way, NodeId target, Consumer<LookupResult.Step> watcher) {
    return new OutsideLookup(
        caller, way.verifier(), way.network(), threads.timer(), target, k, alpha, watcher);
  }

  /**
   * Asks one entry node after another, beginning with the one that answered last.
   *
   * @param question what to ask an entry node, for an answer that may be over before
   */
  private <T> Waiting.Begun<T> asking(
      String what,
      Function<CompletableFuture<T>, Function<Endpoint, CompletableFuture<T>>> question) {
    checkOpen();
    CompletableFuture<T> answer = new CompletableFuture<>();
    entries.ask(answer, question.apply(answer));
    return new Waiting.Begun<>(what, answer, () -> "no answer from " + entries.nodes(), t -> {});
  }

  private void checkOpen() {
    if (waiting.isClosed()) {
      throw PeerException.closed();
    }
  }

  /** A network that refuses us will not like us better at another of its nodes. */
  static boolean isWorthAnother(Throwable error) {
    return error instanceof PeerException failed
        && (failed.outcome() instanceof Failure || isBusy(failed.outcome()));
  }

  private static boolean isBusy(Outcome outcome) {
    return outcome instanceof Refusal refusal
        && switch (refusal.reason()) {
          case OVERLOADED, QUARANTINED, NOT_SERVING, REGION_UNREACHABLE -> true;
          default -> false;
        };
  }

  private <A extends Outcome> CompletableFuture<A> answer(
      String question, Endpoint to, Request request, Duration deadline, Class<A> wanted) {
    return caller
        .call(to, request, deadline)
        .thenApply(
            result -> {
              if (wanted.isInstance(result.outcome())) {
                return wanted.cast(result.outcome());
              }
              throw PeerException.of(
                  question + " at " + to, result.outcome(), result.cause().orElse(null));
            });
  }

  /**
   * Closes all channels; questions under way fail. May be called from any thread, more than once.
   */
  @Override
  public void close() {
    // First, or a lookup would take what it has for a result, or wait for a timer that is gone.
    waiting.close();
    caller.close();
    threads.close();
  }

  /** Configures a {@link PeerClient}. Not thread-safe. */
  public static final class Builder {
    private final List<Endpoint> entries = new ArrayList<>();
    private String network = "default";
    private Optional<IdentityMode> identity = Optional.empty();
    private Scope scope = Scope.PRIVATE;
    private int k = 20;
    private int alpha = 3;
    private Optional<ChannelOpener> opener = Optional.empty();
    private Tls tls = Tls.off();
    private Duration timeout = TIMEOUT;

    private Builder() {}

    /** Adds an entry node; the order is the order in which they are tried. */
    public Builder via(Endpoint entry) {
      entries.add(entry);
      return this;
    }

    /**
     * Adds entry nodes, each {@code HOST:PORT}, several in one text with commas between them.
     *
     * @throws IllegalArgumentException when one is no endpoint
     */
    public Builder via(String... entry) {
      for (String text : entry) {
        Endpoint.parseAll(text).forEach(this::via);
      }
      return this;
    }

    /** Sets the network's name; "default" unless set. */
    public Builder network(String name) {
      PeerRecord.checkNetworkName(name);
      network = name;
      return this;
    }

    /**
     * Sets how the network's peers come by their ids. Unless set, the client goes by what the first
     * entry node says that answers, and so has to trust it: one that lies can have it take unsigned
     * records. Once a node has answered as signed, and with TLS from the beginning, it is signed.
     */
    public Builder identity(IdentityMode mode) {
      identity = Optional.of(mode);
      return this;
    }

    /** Sets which addresses the network is made of; {@link Scope#PRIVATE} unless set. */
    public Builder scope(Scope value) {
      scope = value;
      return this;
    }

    /** Sets how many peers a lookup is for, 1 to 64; 20 unless set. */
    public Builder k(int value) {
      if (value < 1 || value > FindNodeResponse.MAX_PEERS) {
        throw new IllegalArgumentException("k: must be 1 to 64, got " + value);
      }
      k = value;
      return this;
    }

    /** Sets how many calls of a lookup are under way before its final sweep; 3 unless set. */
    public Builder alpha(int value) {
      if (value < 1 || value > FindNodeResponse.MAX_PEERS) {
        throw new IllegalArgumentException("alpha: must be 1 to 64, got " + value);
      }
      alpha = value;
      return this;
    }

    /**
     * Sets what protects the network's connections, {@link Tls#off()} unless set. With {@link
     * Tls#peer()} the client has an identity of its own for as long as it lives.
     */
    public Builder tls(Tls value) {
      tls = value;
      return this;
    }

    /** How the network may have its ids; TLS is for those that come from keys. */
    private List<IdentityMode> identities() {
      if (identity.isPresent()) {
        return List.of(identity.get());
      }
      return tls.mode() == Tls.Mode.OFF
          ? List.of(IdentityMode.SIGNED, IdentityMode.ASSIGNED)
          : List.of(IdentityMode.SIGNED);
    }

    /**
     * Sets how long a caller waits for an answer at most, over all entry nodes, in the forms that
     * block and in the futures: 1 ms to 24 h; 30 s unless set. An entry node has 5 s of it, and a
     * lookup that has begun 10 s.
     *
     * @throws IllegalArgumentException when it is out of bounds
     */
    public Builder timeout(Duration limit) {
      timeout = Waiting.checkLimit(limit);
      return this;
    }

    private PeerTls peerTls() {
      try {
        return PeerClient.tls(tls);
      } catch (IOException e) {
        throw new IllegalArgumentException("tls: " + e.getMessage(), e);
      }
    }

    /** Has channels opened in another way than over TCP. */
    public Builder channels(ChannelOpener value) {
      opener = Optional.of(value);
      return this;
    }

    /**
     * The client.
     *
     * @throws IllegalArgumentException when no entry node is given, or the files that TLS needs
     *     cannot be used
     */
    public PeerClient build() {
      if (entries.isEmpty()) {
        throw new IllegalArgumentException("via: at least one entry node is needed");
      }
      if (opener.isPresent() && tls.mode() != Tls.Mode.OFF) {
        throw new IllegalArgumentException("tls: whoever opens the channels has to secure them");
      }
      return new PeerClient(this);
    }
  }
}
