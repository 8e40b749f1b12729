package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.Call;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.ProvidersUpdate;
import dev.peerdiscovery.core.message.Request;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Counts the calls and bytes that services cost, of those peers that are counted. */
final class ServiceTraffic implements Observer {
  private final Predicate<VirtualPeer> counts;

  /** What is looked up for a region, by the number of the peer that looks. */
  private final Map<Integer, Set<NodeId>> regions = new HashMap<>();

  private long calls;
  private long bytes;

  /**
   * Traffic of which nothing was seen yet.
   *
   * @param counts whose calls are counted, with what is answered
   */
  ServiceTraffic(Predicate<VirtualPeer> counts) {
    this.counts = counts;
  }

  long calls() {
    return calls;
  }

  long bytes() {
    return bytes;
  }

  @Override
  public void told(VirtualPeer peer, Event event) {
    if (event instanceof Event.LookupStarted started && started.purpose() == Event.Purpose.REGION) {
      regions.computeIfAbsent(peer.number(), number -> new HashSet<>()).add(started.target());
    } else if (event instanceof Event.LookupEnded ended && regions.containsKey(peer.number())) {
      regions.get(peer.number()).remove(ended.target());
    }
  }

  @Override
  public void stopped(VirtualPeer peer) {
    regions.remove(peer.number());
  }

  @Override
  public void called(VirtualPeer from, Call call) {
    if (isForServices(from, call.request())) {
      calls++;
      bytes += MessageSizes.SIGNED.of(call.request());
    }
  }

  @Override
  public void answered(VirtualPeer from, VirtualPeer to, Request request, Outcome answer) {
    if (isForServices(from, request)) {
      bytes += MessageSizes.SIGNED.of(answer);
    }
  }

  @Override
  public void updated(VirtualPeer from, Call call, ProvidersUpdate update) {
    if (counts.test(from)) {
      bytes += MessageSizes.SIGNED.of(update);
    }
  }

  private boolean isForServices(VirtualPeer from, Request request) {
    if (request instanceof PingRequest || !counts.test(from)) {
      return false;
    }
    return !(request instanceof FindNodeRequest find)
        || regions.getOrDefault(from.number(), Set.of()).contains(find.target());
  }
}
