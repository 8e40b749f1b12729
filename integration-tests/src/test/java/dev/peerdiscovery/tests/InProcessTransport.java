package dev.peerdiscovery.tests;

import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.node.PeerNodeBuilder;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Nodes in servers of their host's, on gRPC's in-process transport and a few shared threads. */
final class InProcessTransport implements Fleet.Transport {
  private final ScheduledThreadPoolExecutor pool = new ScheduledThreadPoolExecutor(4);
  private final AtomicInteger number = new AtomicInteger();

  InProcessTransport() {
    pool.setRemoveOnCancelPolicy(true);
  }

  @Override
  public Fleet.Running start(PeerNodeBuilder builder) throws Exception {
    int n = number.incrementAndGet();
    Endpoint endpoint = new Endpoint("10.1." + n / 250 + "." + (n % 250 + 1), 7400);
    Cut cut = new Cut();
    InProcessServerBuilder host =
        InProcessServerBuilder.forName(endpoint.toString()).executor(pool);
    PeerNode node =
        builder
            .advertise(endpoint)
            .executor(pool)
            .channels(to -> InProcessChannelBuilder.forName(to.toString()).intercept(cut))
            .attachTo(host);
    Server server = host.build().start();
    node.join();
    return new Hosted(node, endpoint, server, cut);
  }

  /** Cuts a node off: from then on none of its calls gets anywhere. */
  private static final class Cut implements ClientInterceptor {
    volatile boolean done;

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      if (!done) {
        return next.newCall(method, options);
      }
      return new ClientCall<>() {
        @Override
        public void start(Listener<A> listener, Metadata headers) {
          listener.onClose(Status.UNAVAILABLE, new Metadata());
        }

        @Override
        public void request(int messages) {}

        @Override
        public void cancel(String message, Throwable cause) {}

        @Override
        public void halfClose() {}

        @Override
        public void sendMessage(Q message) {}
      };
    }
  }

  private record Hosted(PeerNode node, Endpoint endpoint, Server server, Cut cut)
      implements Fleet.Running {
    @Override
    public void kill() {
      cut.done = true;
      server.shutdownNow();
      node.close();
    }

    @Override
    public void close() {
      node.close();
      server.shutdownNow();
    }
  }

  @Override
  public void close() {
    pool.shutdownNow();
    try {
      pool.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
