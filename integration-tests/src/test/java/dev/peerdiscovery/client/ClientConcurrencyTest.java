package dev.peerdiscovery.client;

import static dev.peerdiscovery.tests.Interleavings.require;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.ProvidersUpdate;
import dev.peerdiscovery.core.message.WatchProvidersRequest;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.tests.Interleavings;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What more than one thread touches in a client. */
@Tag(Interleavings.TAG)
class ClientConcurrencyTest {
  /** Whoever turns from a node that failed turns to the next, however many notice. */
  @Param(name = "node", gen = IntGen.class, conf = "0:2")
  public static class OfFailOver {
    private static final List<String> NODES = List.of("a", "b", "c");

    private final FailOver<String> nodes = new FailOver<>(NODES, error -> true);

    @Operation
    public void turnFrom(@Param(name = "node") int node) {
      nodes.turnFrom(NODES.get(node));
    }

    @Operation
    public String current() {
      return nodes.current();
    }
  }

  @Test
  void failOver() {
    Interleavings.check(OfFailOver.class);
  }

  /** No channel is lost: each is in the pool or was shut down. */
  @Param(name = "port", gen = IntGen.class, conf = "1:3")
  public static class OfChannelPool {
    private final Queue<Channel> opened = new ConcurrentLinkedQueue<>();
    private final ChannelPool pool =
        new ChannelPool(
            2,
            endpoint -> {
              Channel channel = new Channel();
              opened.add(channel);
              return CompletableFuture.completedFuture(channel);
            });

    private static Endpoint at(int port) {
      return new Endpoint("10.0.0.1", port);
    }

    @Operation
    public void channel(@Param(name = "port") int port) {
      pool.channel(at(port));
    }

    @Operation
    public void drop(@Param(name = "port") int port) {
      pool.drop(at(port), pool.channel(at(port)));
    }

    @Validate
    public void noneIsLost() {
      require(pool.size() <= 2, pool.size());
      int open = 0;
      for (Channel channel : opened) {
        open += channel.down ? 0 : 1;
      }
      require(open == pool.size(), open);
      pool.close();
      for (Channel channel : opened) {
        require(channel.down, "an open channel of a closed pool");
      }
    }

    private static final class Channel extends ManagedChannel {
      private volatile boolean down;

      @Override
      public ManagedChannel shutdown() {
        down = true;
        return this;
      }

      @Override
      public ManagedChannel shutdownNow() {
        return shutdown();
      }

      @Override
      public boolean isShutdown() {
        return down;
      }

      @Override
      public boolean isTerminated() {
        return down;
      }

      @Override
      public boolean awaitTermination(long timeout, TimeUnit unit) {
        return true;
      }

      @Override
      public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
        throw new AssertionError();
      }

      @Override
      public String authority() {
        return "";
      }
    }
  }

  @Test
  void channelPool() {
    Interleavings.stress(OfChannelPool.class);
  }

  /** A stream that was given up is over, and its call, however late it came, does not go on. */
  public static class OfPeerStream {
    private static final WatchProvidersRequest REQUEST =
        new WatchProvidersRequest(
            Network.of("test", IdentityMode.ASSIGNED, Scope.PRIVATE),
            Optional.empty(),
            Optional.empty(),
            NodeId.ZERO);

    private final Call call = new Call();
    private final PeerStream stream =
        new PeerStream(
            (update, next) -> {},
            (error, ended) -> new Failure(Failure.Kind.UNREACHABLE, "the call failed"),
            Duration.ofHours(1));
    private volatile boolean cancelled;

    @Operation(runOnce = true)
    public void begin() {
      stream.begin(call, REQUEST);
    }

    @Operation
    public void cancel() {
      cancelled = true;
      stream.cancel();
    }

    @Operation(runOnce = true)
    public void fail() {
      stream.end(new Failure(Failure.Kind.UNREACHABLE, "no channel"));
    }

    @Validate
    public void whatWasGivenUpIsOver() {
      require(!cancelled || stream.outcome().isDone(), "a stream that goes on");
      require(!cancelled || !call.started || call.ended, "a call that goes on");
      stream.end(new Failure(Failure.Kind.CANCELLED, "the end of the test"));
    }

    private static final class Call extends ClientCall<WatchProvidersRequest, ProvidersUpdate> {
      private volatile boolean started;
      private volatile boolean ended;

      @Override
      public void start(Listener<ProvidersUpdate> listener, Metadata headers) {
        started = true;
      }

      @Override
      public void request(int count) {}

      @Override
      public void cancel(@Nullable String message, @Nullable Throwable cause) {
        ended = true;
      }

      @Override
      public void halfClose() {}

      @Override
      public void sendMessage(WatchProvidersRequest message) {}
    }
  }

  @Test
  void peerStream() {
    Interleavings.stress(OfPeerStream.class);
  }
}
