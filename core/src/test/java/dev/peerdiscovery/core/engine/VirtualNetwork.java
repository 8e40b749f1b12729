package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.Outcome;
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
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;

/**
 * Engines on a network of virtual time: every message takes {@link #latency}, and up to {@link
 * #spread} more, nothing else takes any, and the same seed gives the same run. Peers can be
 * stopped, restarted, slow, busy, silenced and cut from one another.
 *
 * <p>It fails when an engine asks to be woken for what is due already and then does nothing, twice
 * in a row: its owner would spin.
 */
final class VirtualNetwork {
  static final Network NETWORK = Network.of("test", IdentityMode.ASSIGNED, Scope.PRIVATE);

  /** One peer: its engine and what it has told. */
  final class Peer {
    final NodeId id;
    final Endpoint endpoint;
    final Engine engine;
    final List<Event> events = new ArrayList<>();
    boolean stopped;

    /** How much later than others it answers. */
    Duration slowness = Duration.ZERO;

    /** Whether it refuses everything as overloaded. */
    boolean busy;

    /** How often its timer went off. */
    int wakes;

    private long armedNanos = Part.NEVER;
    private int vainWakes;

    Peer(
        Network network,
        NodeId id,
        Endpoint endpoint,
        EngineConfig config,
        long sequence,
        List<Endpoint> seeds) {
      this.id = id;
      this.endpoint = endpoint;
      this.engine =
          new Engine(
              config,
              id,
              network,
              sequence,
              seeds,
              VirtualNetwork::sign,
              RecordVerifier.assigned(network.name(), AddressPolicy.of(network.scope(), false)),
              random.split(),
              random.split(),
              nowNanos);
    }

    boolean saw(Class<? extends Event> kind) {
      return events.stream().anyMatch(kind::isInstance);
    }

    <E extends Event> List<E> events(Class<E> kind) {
      return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
  }

  /** Looks on. */
  interface Observer {
    /** An engine told something. */
    default void told(Peer peer, Event event) {}

    /** A request arrived at an engine, and this is the answer. */
    default void answered(Peer from, Peer to, Request request, Outcome answer) {}

    /** A call of an engine came to its outcome, and the engine has yet to hear of it. */
    default void completed(Peer from, Call call, Outcome outcome) {}

    /** An engine took something in and has done what it wanted. */
    default void settled(Peer peer) {}
  }

  /** What is to happen, and when; the number keeps the order among equal times. */
  private record Due(long atNanos, long number, Runnable what) {}

  private final PriorityQueue<Due> agenda =
      new PriorityQueue<>(Comparator.comparingLong(Due::atNanos).thenComparingLong(Due::number));

  private final Map<Endpoint, Peer> peers = new HashMap<>();
  private final SplittableRandom random;
  private final SplittableRandom weather;
  private long number;
  private long nowNanos;

  Duration latency = Duration.ofMillis(10);

  /** The most that a message takes longer, drawn evenly. */
  Duration spread = Duration.ZERO;

  final List<Observer> observers = new ArrayList<>();

  /** Whether a message from one peer reaches the other. */
  BiPredicate<Peer, Peer> passes = (from, to) -> true;

  /** Sees every request that arrives: the caller, the callee, the request. */
  final List<Traffic> traffic = new ArrayList<>();

  record Traffic(NodeId from, NodeId to, Request request) {}

  VirtualNetwork(long seed) {
    this.random = new SplittableRandom(seed);
    this.weather = new SplittableRandom(~seed);
  }

  static SignedPeerRecord sign(PeerRecord record) {
    byte[] text = record.toString().getBytes(StandardCharsets.UTF_8);
    return new SignedPeerRecord(record, Bytes.copyOf(text), Bytes.EMPTY, Bytes.EMPTY);
  }

  long nowNanos() {
    return nowNanos;
  }

  static Endpoint endpointOf(int number) {
    return new Endpoint("10.0." + number / 250 + "." + (number % 250 + 1), 7400);
  }

  Peer start(NodeId id, EngineConfig config, Endpoint... seeds) {
    return startAt(id, endpointOf(peers.size()), config, seeds);
  }

  Peer startAt(NodeId id, Endpoint endpoint, EngineConfig config, Endpoint... seeds) {
    return startAs(NETWORK, id, endpoint, config, 1, seeds);
  }

  /** Starts a peer, instead of the one that was at this endpoint if there was one. */
  Peer startAs(
      Network network,
      NodeId id,
      Endpoint endpoint,
      EngineConfig config,
      long sequence,
      Endpoint... seeds) {
    Peer peer = new Peer(network, id, endpoint, config, sequence, List.of(seeds));
    Peer before = peers.put(endpoint, peer);
    if (before != null) {
      before.stopped = true;
    }
    peer.engine.advertise(List.of(endpoint), nowNanos);
    settle(peer);
    return peer;
  }

  /** Starts a peer without seeds that has kept records from before. */
  Peer startRemembering(NodeId id, Endpoint endpoint, List<SignedPeerRecord> records) {
    Peer peer = new Peer(NETWORK, id, endpoint, EngineConfig.defaults(), 1, List.of());
    peers.put(endpoint, peer);
    peer.engine.remember(records, nowNanos);
    peer.engine.advertise(List.of(endpoint), nowNanos);
    settle(peer);
    return peer;
  }

  /** Lets another address lead to a peer, as the name of a service does. */
  void alias(Endpoint name, Peer peer) {
    peers.put(name, peer);
  }

  /** The peer is gone at once: callers find nobody at its endpoint. */
  void stop(Peer peer) {
    peer.stopped = true;
  }

  Optional<LookupId> lookup(Peer peer, NodeId target) {
    Optional<LookupId> id = peer.engine.lookup(target, nowNanos);
    settle(peer);
    return id;
  }

  void leave(Peer peer) {
    peer.engine.leave(nowNanos);
    settle(peer);
  }

  /** Lets virtual time pass. */
  void run(Duration duration) {
    long end = nowNanos + duration.toNanos();
    while (!agenda.isEmpty() && agenda.peek().atNanos() <= end) {
      step();
    }
    nowNanos = end;
  }

  /** Runs until the condition holds; fails when it does not within that much virtual time. */
  void runUntil(String what, Duration limit, BooleanSupplier condition) {
    long end = nowNanos + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (agenda.isEmpty() || agenda.peek().atNanos() > end) {
        throw new AssertionError("not within " + limit + " of virtual time: " + what);
      }
      step();
    }
  }

  private void step() {
    Due due = agenda.remove();
    nowNanos = due.atNanos();
    due.what().run();
  }

  /** Performs what an engine wants, after any input to it. */
  void settle(Peer peer) {
    List<Event> events = peer.engine.drainEvents();
    List<Call> calls = peer.engine.drainCalls();
    peer.events.addAll(events);
    events.forEach(event -> observers.forEach(o -> o.told(peer, event)));
    calls.forEach(call -> perform(peer, call));
    long wake = peer.engine.nextWake();
    if (wake > nowNanos || !events.isEmpty() || !calls.isEmpty()) {
      peer.vainWakes = 0;
    }
    if (wake < peer.armedNanos) {
      peer.armedNanos = wake;
      at(Math.max(wake, nowNanos), () -> wake(peer, wake));
    }
    observers.forEach(o -> o.settled(peer));
  }

  private void wake(Peer peer, long armed) {
    if (!peer.stopped && peer.armedNanos == armed) {
      peer.armedNanos = Part.NEVER;
      peer.wakes++;
      peer.vainWakes++;
      peer.engine.wake(nowNanos);
      settle(peer);
      if (peer.vainWakes > 1) {
        throw new AssertionError(peer.id + " would spin at " + Duration.ofNanos(nowNanos));
      }
    }
  }

  private void perform(Peer from, Call call) {
    long hardDeadline = nowNanos + call.deadline().toNanos();
    Peer to = peers.get(call.to());
    if (to == null || to.stopped) {
      complete(from, call, unreachable(), nowNanos + delay());
    } else if (!passes.test(from, to)) {
      complete(from, call, timeout(), hardDeadline);
    } else {
      at(nowNanos + delay(), () -> arrive(from, to, call, hardDeadline));
    }
  }

  private void arrive(Peer from, Peer to, Call call, long hardDeadline) {
    if (to.stopped) {
      complete(from, call, unreachable(), nowNanos);
      return;
    }
    traffic.add(new Traffic(from.id, to.id, call.request()));
    Outcome answer = receive(to, call.request(), from.endpoint);
    observers.forEach(o -> o.answered(from, to, call.request(), answer));
    long back = nowNanos + delay() + to.slowness.toNanos();
    if (passes.test(to, from) && back <= hardDeadline) {
      complete(from, call, answer, back);
    } else {
      complete(from, call, timeout(), hardDeadline);
    }
  }

  /** Has a peer answer a request, whoever sent it, as its server would. */
  Outcome receive(Peer to, Request request, Endpoint observed) {
    Responder responder = to.engine.responder();
    Outcome answer =
        to.busy
            ? new Refusal(Refusal.Reason.OVERLOADED, "too much to do")
            : responder.answer(request, Optional.of(observed));
    if (!responder.isOwn(request)) {
      to.engine.heard(nowNanos);
    }
    if (!(answer instanceof Refusal)) {
      request
          .caller()
          .filter(responder::isNews)
          .ifPresent(caller -> to.engine.heardOf(caller, nowNanos));
    }
    settle(to);
    return answer;
  }

  private void complete(Peer from, Call call, Outcome outcome, long atNanos) {
    at(
        atNanos,
        () -> {
          if (!from.stopped) {
            observers.forEach(o -> o.completed(from, call, outcome));
            from.engine.completed(call.id(), outcome, nowNanos);
            settle(from);
          }
        });
  }

  private long delay() {
    long most = spread.toNanos();
    return latency.toNanos() + (most == 0 ? 0 : weather.nextLong(most));
  }

  private void at(long nanos, Runnable what) {
    agenda.add(new Due(nanos, number++, what));
  }

  private static Outcome unreachable() {
    return new Failure(Failure.Kind.UNREACHABLE, "nobody is there");
  }

  private static Outcome timeout() {
    return new Failure(Failure.Kind.TIMEOUT, "no answer in time");
  }
}
