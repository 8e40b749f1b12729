package dev.peerdiscovery.tests;

import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.node.ListenAddress;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.node.PeerNodeBuilder;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/** Nodes with servers of their own, over sockets of the loopback interface. */
final class LoopbackTransport implements Fleet.Transport {
  private final String host;

  LoopbackTransport(String host) {
    this.host = host;
  }

  @Override
  public Fleet.Running start(PeerNodeBuilder builder) throws Exception {
    ScheduledThreadPoolExecutor threads = new ScheduledThreadPoolExecutor(1);
    threads.setRemoveOnCancelPolicy(true);
    PeerNode node = builder.listen(new ListenAddress(host, 0)).executor(threads).start();
    return new Owner(node, new Endpoint(host, node.port()), threads);
  }

  private record Owner(PeerNode node, Endpoint endpoint, ScheduledExecutorService threads)
      implements Fleet.Running {
    /** Without threads there is no farewell. */
    @Override
    public void kill() {
      threads.shutdownNow();
      node.close();
    }

    @Override
    public void close() {
      node.close();
      threads.shutdownNow();
    }
  }

  @Override
  public void close() {}
}
