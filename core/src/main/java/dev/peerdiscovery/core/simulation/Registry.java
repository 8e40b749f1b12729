package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.ServiceName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Has peers publish services, and knows who does: what the network has to find out. Where a
 * publisher is gone another peer publishes instead, as soon as it has joined.
 */
final class Registry implements Observer {
  /** So long an application takes at most to be known once it is registered. */
  static final Duration KNOWN_AFTER = Duration.ofSeconds(10);

  private static final Duration LEASE = Duration.ofDays(300);
  private static final int PORT = 8080;

  /** One publisher of a service. */
  private static final class Publishing {
    final VirtualPeer peer;
    final long sinceNanos;

    Publishing(VirtualPeer peer, long sinceNanos) {
      this.peer = peer;
      this.sinceNanos = sinceNanos;
    }
  }

  private final VirtualNetwork network;
  private final Duration ttl;
  private final SplittableRandom random;
  private final Oracle oracle;
  private final List<Map<VirtualPeer, Publishing>> publishers = new ArrayList<>();

  /** Services that lost a publisher and wait for another, each as often as it lacks one. */
  private final List<Integer> vacant = new ArrayList<>();

  Registry(VirtualNetwork network, Oracle oracle, Duration ttl, SplittableRandom random) {
    this.network = network;
    this.oracle = oracle;
    this.ttl = ttl;
    this.random = random;
    network.observe(this);
  }

  static ServiceName name(int service) {
    return new ServiceName(Newcomer.NETWORK.name(), "service-" + service);
  }

  /** Has so many peers publish another service. */
  int add(int instances) {
    int service = publishers.size();
    publishers.add(new LinkedHashMap<>());
    for (int i = 0; i < instances; i++) {
      VirtualPeer peer;
      do {
        peer = oracle.at(random.nextInt(oracle.size()));
      } while (!peer.isHonest() || publishers.get(service).containsKey(peer));
      publish(service, peer);
    }
    return service;
  }

  private void publish(int service, VirtualPeer peer) {
    publishers.get(service).put(peer, new Publishing(peer, network.nowNanos()));
    Endpoint at = new Endpoint(peer.endpoint().host(), PORT + service);
    peer.engine()
        .services()
        .register(name(service), at, Map.of("zone", "a"), ttl, LEASE, network.nowNanos());
    network.settle(peer);
  }

  @Override
  public void stopped(VirtualPeer peer) {
    for (int service = 0; service < publishers.size(); service++) {
      if (publishers.get(service).remove(peer) != null) {
        vacant.add(service);
      }
    }
  }

  @Override
  public void told(VirtualPeer peer, Event event) {
    if (event instanceof Event.JoinEnded && !vacant.isEmpty() && peer.isHonest()) {
      int service = vacant.remove(vacant.size() - 1);
      network.after(Duration.ZERO, () -> publishIfThere(service, peer));
    }
  }

  private void publishIfThere(int service, VirtualPeer peer) {
    if (peer.isRunning() && !publishers.get(service).containsKey(peer)) {
      publish(service, peer);
    } else {
      vacant.add(service);
    }
  }

  boolean publishes(VirtualPeer peer) {
    for (Map<VirtualPeer, Publishing> of : publishers) {
      if (of.containsKey(peer)) {
        return true;
      }
    }
    return false;
  }

  /** Those who publish a service since before that time, and still do. */
  List<VirtualPeer> since(int service, long nanos) {
    List<VirtualPeer> since = new ArrayList<>();
    for (Publishing publishing : publishers.get(service).values()) {
      if (publishing.sinceNanos <= nanos) {
        since.add(publishing.peer);
      }
    }
    return since;
  }

  int services() {
    return publishers.size();
  }

  /** How many instances there are now. */
  int instances() {
    int instances = 0;
    for (Map<VirtualPeer, Publishing> of : publishers) {
      instances += of.size();
    }
    return instances;
  }
}
