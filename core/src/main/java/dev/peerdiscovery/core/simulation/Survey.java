package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.Event;
import java.time.Duration;
import java.util.Collection;

/** What an experiment measures of a network, from one moment to another. */
final class Survey implements Observer {
  private final VirtualNetwork network;
  private final Latency latency;
  private final Traffic traffic = new Traffic();
  private Traffic.Count before = traffic.count();
  private long beganNanos;
  private int joins;

  Survey(VirtualNetwork network, Latency latency) {
    this.network = network;
    this.latency = latency;
    network.weather().latency(latency);
    network.observe(this);
    network.observe(traffic);
  }

  /** Forgets what was before. */
  void begin() {
    before = traffic.count();
    beganNanos = network.nowNanos();
    joins = 0;
  }

  @Override
  public void told(VirtualPeer peer, Event event) {
    joins += event instanceof Event.JoinEnded ? 1 : 0;
  }

  Traffic.Count traffic() {
    return traffic.count().minus(before);
  }

  /** What there is to report of the peers that are left. */
  Report report(Collection<VirtualPeer> peers, Tally tally) {
    Traffic.Count count = traffic();
    Duration time = Duration.ofNanos(network.nowNanos() - beganNanos);
    double nodeSeconds = peers.size() * (time.toNanos() / 1e9);
    long contacts = 0;
    for (VirtualPeer peer : peers) {
      contacts += peer.engine().contactCount();
    }
    return new Report(
        peers.size(),
        ratio(contacts, peers.size()),
        tally.lookups(),
        tally.found(),
        tally.recall(),
        tally.hops(),
        tally.hopCounts(),
        ratio(tally.toFinish().mean().toNanos(), (double) latency.median().toNanos()),
        tally.calls(),
        tally.toFind(),
        tally.toFinish(),
        joins,
        ratio(count.joinCalls(), joins),
        count,
        ratio(count.upkeepCalls(), nodeSeconds),
        ratio(count.calls(), nodeSeconds),
        ratio(count.bytes(), nodeSeconds),
        time,
        network.traceHash().toString());
  }

  private static double ratio(long part, double whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }
}
