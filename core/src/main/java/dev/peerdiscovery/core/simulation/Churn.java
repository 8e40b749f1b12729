package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import java.time.Duration;
import java.util.SplittableRandom;

/**
 * Peers that come and go: each stays for a session and is then gone without a word, and another of
 * another id joins at once at another address, through three that are there at that moment.
 */
final class Churn implements Observer {
  private static final int SEEDS = 3;

  private final VirtualNetwork network;
  private final Oracle oracle;
  private final Sessions sessions;
  private final EngineConfig config;
  private final SplittableRandom random;

  /** Has whoever starts from now on stay for a session. */
  Churn(
      VirtualNetwork network,
      Oracle oracle,
      Sessions sessions,
      EngineConfig config,
      SplittableRandom random) {
    this.network = network;
    this.oracle = oracle;
    this.sessions = sessions;
    this.config = config;
    this.random = random;
    network.observe(this);
  }

  @Override
  public void started(VirtualPeer peer) {
    Duration session = sessions.draw(random);
    network.after(session, () -> replace(peer));
  }

  private void replace(VirtualPeer peer) {
    if (!peer.isRunning()) {
      return;
    }
    network.remove(peer);
    Endpoint[] seeds = new Endpoint[Math.min(SEEDS, oracle.size())];
    for (int i = 0; i < seeds.length; i++) {
      seeds[i] = oracle.at(random.nextInt(oracle.size())).endpoint();
    }
    network.start(NodeId.random(random), config, seeds);
  }
}
