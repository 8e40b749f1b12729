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
 * Engines on a network of virtual time: every message takes {@link #latency}, nothing else takes
 * any, and the same seed gives the same run. Peers can be stopped, silenced and cut from one
 * another.
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
    long armedNanos = Part.NEVER;

    Peer(NodeId id, Endpoint endpoint, EngineConfig config, List<Endpoint> seeds) {
      this.id = id;
      this.endpoint = endpoint;
      this.engine =
          new Engine(
              config,
              id,
              NETWORK,
              1,
              seeds,
              VirtualNetwork::sign,
              RecordVerifier.assigned(NETWORK.name(), AddressPolicy.of(NETWORK.scope(), false)),
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

  /** What is to happen, and when; the number keeps the order among equal times. */
  private record Due(long atNanos, long number, Runnable what) {}

  private final PriorityQueue<Due> agenda =
      new PriorityQueue<>(Comparator.comparingLong(Due::atNanos).thenComparingLong(Due::number));

  private final Map<Endpoint, Peer> peers = new HashMap<>();
  private final SplittableRandom random;
  private long number;
  private long nowNanos;

  Duration latency = Duration.ofMillis(10);

  /** Whether a message from one peer reaches the other. */
  BiPredicate<Peer, Peer> passes = (from, to) -> true;

  /** Sees every request that arrives: the caller, the callee, the request. */
  final List<Traffic> traffic = new ArrayList<>();

  record Traffic(NodeId from, NodeId to, Request request) {}

  VirtualNetwork(long seed) {
    this.random = new SplittableRandom(seed);
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
    Peer peer = new Peer(id, endpoint, config, List.of(seeds));
    peers.put(endpoint, peer);
    peer.engine.advertise(List.of(endpoint), nowNanos);
    settle(peer);
    return peer;
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
    peer.events.addAll(peer.engine.drainEvents());
    for (Call call : peer.engine.drainCalls()) {
      perform(peer, call);
    }
    long wake = peer.engine.nextWake();
    if (wake < peer.armedNanos) {
      peer.armedNanos = wake;
      at(Math.max(wake, nowNanos), () -> wake(peer, wake));
    }
  }

  private void wake(Peer peer, long armed) {
    if (!peer.stopped && peer.armedNanos == armed) {
      peer.armedNanos = Part.NEVER;
      peer.engine.wake(nowNanos);
      settle(peer);
    }
  }

  private void perform(Peer from, Call call) {
    long hardDeadline = nowNanos + call.deadline().toNanos();
    Peer to = peers.get(call.to());
    if (to == null || to.stopped) {
      complete(from, call, unreachable(), nowNanos + latency.toNanos());
    } else if (!passes.test(from, to)) {
      complete(from, call, timeout(), hardDeadline);
    } else {
      at(nowNanos + latency.toNanos(), () -> arrive(from, to, call, hardDeadline));
    }
  }

  private void arrive(Peer from, Peer to, Call call, long hardDeadline) {
    if (to.stopped) {
      complete(from, call, unreachable(), nowNanos);
      return;
    }
    traffic.add(new Traffic(from.id, to.id, call.request()));
    Responder responder = to.engine.responder();
    Outcome answer = responder.answer(call.request(), Optional.of(from.endpoint));
    to.engine.heard(nowNanos);
    if (!(answer instanceof Refusal)) {
      call.request()
          .caller()
          .filter(responder::isNews)
          .ifPresent(caller -> to.engine.heardOf(caller, nowNanos));
    }
    settle(to);
    if (passes.test(to, from)) {
      complete(from, call, answer, nowNanos + latency.toNanos());
    } else {
      complete(from, call, timeout(), hardDeadline);
    }
  }

  private void complete(Peer from, Call call, Outcome outcome, long atNanos) {
    at(
        atNanos,
        () -> {
          if (!from.stopped) {
            from.engine.completed(call.id(), outcome, nowNanos);
            settle(from);
          }
        });
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
