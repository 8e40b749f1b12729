package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.id.NodeId;
import java.time.Duration;
import java.util.SplittableRandom;

/**
 * Has every peer look something up once a minute, at a moment of its own, from the time when it has
 * been there for a minute.
 */
final class Asking implements Observer {
  static final Duration MINUTE = Duration.ofMinutes(1);

  private final VirtualNetwork network;
  private final Probes probes;
  private final SplittableRandom random;
  private boolean asks;

  /** Looks on from now on, so as to know who comes. */
  Asking(VirtualNetwork network, Probes probes, SplittableRandom random) {
    this.network = network;
    this.probes = probes;
    this.random = random;
    network.observe(this);
  }

  /** Longer than so many lookups take, unless most peers go before they ask: four times as long. */
  static Duration longest(int lookups, int peers) {
    return MINUTE.multipliedBy(4L * lookups).dividedBy(peers).plus(MINUTE);
  }

  /** Begins to have them ask. */
  void begin() {
    asks = true;
  }

  /** Has nobody ask any more, and runs until the last lookup is over. */
  void end() {
    asks = false;
    network.runUntil("lookups", Duration.ofMinutes(5), () -> probes.underWay() == 0);
  }

  @Override
  public void started(VirtualPeer peer) {
    long first = MINUTE.toNanos() + random.nextLong(MINUTE.toNanos());
    network.after(Duration.ofNanos(first), () -> turn(peer));
  }

  private void turn(VirtualPeer peer) {
    if (peer.isRunning()) {
      if (asks) {
        probes.ask(peer, NodeId.random(random));
      }
      network.after(MINUTE, () -> turn(peer));
    }
  }
}
