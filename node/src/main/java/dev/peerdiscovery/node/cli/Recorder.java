package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Writes down who looks up whom while it joins, as the servers see it that are asked. It sits in
 * front of each of them and listens to what the peers tell everybody; it knows nothing of offsets.
 *
 * <p>A peer's join lasts until its own event says that it ended with contacts. For the first peer
 * that is the one that it makes when it earns its first contact.
 *
 * <p>Thread-safe.
 */
final class Recorder {
  /**
   * Somebody looked something up.
   *
   * @param caller the id in the caller's record
   * @param target the id that it asked for
   */
  record Asked(NodeId caller, NodeId target) {}

  private final Set<Asked> asked = new LinkedHashSet<>();
  private final Set<NodeId> joined = new HashSet<>();

  /** By caller, whom it has called. */
  private final Map<NodeId, Set<NodeId>> called = new HashMap<>();

  /** By peer, those whom it has called back or has no room for. */
  private final Map<NodeId, Set<NodeId>> settled = new HashMap<>();

  private int findNodes;

  /** What sits in front of a peer's server. */
  ServerInterceptor at(NodeId receiver) {
    return new ServerInterceptor() {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
          @Override
          public void onMessage(Q message) {
            received(receiver, message);
            super.onMessage(message);
          }
        };
      }
    };
  }

  /** What listens to a peer's events. */
  Consumer<Event> of(NodeId peer) {
    return event -> happened(peer, event);
  }

  private void received(NodeId receiver, Object message) {
    if (message instanceof Request request) {
      received(receiver, request);
    }
  }

  private synchronized void received(NodeId receiver, Request request) {
    if (request.caller().isEmpty()) {
      return;
    }
    SignedPeerRecord caller = request.caller().get();
    called.computeIfAbsent(caller.id(), id -> new TreeSet<>()).add(receiver);
    if (request instanceof FindNodeRequest findNode && !joined.contains(caller.id())) {
      findNodes++;
      asked.add(new Asked(caller.id(), findNode.target()));
    }
  }

  private synchronized void happened(NodeId peer, Event event) {
    if (event instanceof Event.JoinEnded ended && ended.contacts() > 0) {
      joined.add(peer);
    } else if (event instanceof Event.ContactEarned earned) {
      settled.computeIfAbsent(peer, id -> new HashSet<>()).add(earned.contact().id());
    } else if (event instanceof Event.HintParked parked) {
      settled.computeIfAbsent(peer, id -> new HashSet<>()).add(parked.id());
    }
    notifyAll();
  }

  /** Who asked for whom so far. */
  synchronized Set<Asked> asked() {
    return Set.copyOf(asked);
  }

  /** How many calls it took to ask for that. */
  synchronized int findNodes() {
    return findNodes;
  }

  /**
   * Waits until a peer has joined.
   *
   * @return whether it did in time
   */
  synchronized boolean awaitJoined(NodeId peer, Duration atMost) throws InterruptedException {
    return await(() -> joined.contains(peer), atMost);
  }

  /**
   * Waits until everybody whom a peer has called has called it back.
   *
   * @return those who did not in time
   */
  synchronized Set<NodeId> awaitCalledBack(NodeId caller, Duration atMost)
      throws InterruptedException {
    await(() -> silent(caller).isEmpty(), atMost);
    return silent(caller);
  }

  private Set<NodeId> silent(NodeId caller) {
    Set<NodeId> silent = new TreeSet<>(called.getOrDefault(caller, Set.of()));
    silent.removeIf(peer -> settled.getOrDefault(peer, Set.of()).contains(caller));
    return silent;
  }

  private boolean await(BooleanSupplier condition, Duration atMost) throws InterruptedException {
    long endNanos = System.nanoTime() + atMost.toNanos();
    while (!condition.getAsBoolean()) {
      long leftMillis = (endNanos - System.nanoTime()) / 1_000_000;
      if (leftMillis <= 0) {
        return false;
      }
      wait(leftMillis);
    }
    return true;
  }
}
