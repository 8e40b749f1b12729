package dev.peerdiscovery.node;

import dev.peerdiscovery.client.tls.PeerTls;
import io.grpc.Codec;
import io.grpc.DecompressorRegistry;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One port that is listened on, with what a stranger may take of it at most. */
final class Listener {
  /**
   * Streams that any connection may reset within the window: what costs more than to answer as many
   * calls. It holds for applications, too; the limit of strangers is {@link Resets}.
   */
  private static final int MOST_RESETS = 300_000;

  private final Server server;
  private final HalfOpen halfOpen;
  private final ServerThreads threads;

  private Listener(Server server, HalfOpen halfOpen, ServerThreads threads) {
    this.server = server;
    this.halfOpen = halfOpen;
    this.threads = threads;
  }

  /**
   * Begins to listen.
   *
   * @param flag what an operator sets to have it listen elsewhere
   * @param gate what all calls there pass through
   * @param services adds what is called there
   */
  static Listener start(
      ListenAddress at,
      String flag,
      PeerTls tls,
      Limits limits,
      Gate gate,
      Consumer<NettyServerBuilder> services)
      throws StartException {
    NettyServerBuilder builder = builder(at, tls, limits);
    gate.guard(builder);
    services.accept(builder);
    ServerThreads threads = ServerThreads.take();
    threads.serve(builder, gate.halfOpen(), gate.age());
    try {
      return new Listener(start(builder, at, flag), gate.halfOpen(), threads);
    } catch (StartException | RuntimeException e) {
      threads.close();
      throw e;
    }
  }

  private static NettyServerBuilder builder(ListenAddress at, PeerTls tls, Limits limits) {
    NettyServerBuilder builder = NettyServerBuilder.forAddress(at.toSocketAddress());
    tls.secure(builder);
    return builder
        .directExecutor()
        .maxInboundMessageSize(limits.requestBytes())
        // Calls that name a compression are refused at the gate.
        .decompressorRegistry(DecompressorRegistry.emptyInstance().with(Codec.Identity.NONE, false))
        .maxInboundMetadataSize(limits.metadataBytes())
        .maxConcurrentCallsPerConnection(limits.callsPerConnection())
        .flowControlWindow(limits.flowControlBytes())
        .handshakeTimeout(limits.handshake().toMillis(), TimeUnit.MILLISECONDS)
        .maxConnectionIdle(limits.connectionIdle().toMillis(), TimeUnit.MILLISECONDS)
        .permitKeepAliveTime(limits.keepAlive().toMillis(), TimeUnit.MILLISECONDS)
        .permitKeepAliveWithoutCalls(true)
        .maxRstFramesPerWindow(MOST_RESETS, (int) Limits.RESET_WINDOW.toSeconds());
  }

  private static Server start(NettyServerBuilder builder, ListenAddress at, String flag)
      throws StartException {
    String what = "cannot listen on " + at + ": ";
    try {
      return builder.build().start();
    } catch (IOException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      String message = String.valueOf(cause.getMessage());
      // Netty's own transport has other exceptions than the JDK, around the system's words.
      String why =
          message.contains("already in use")
              ? "address already in use (hint: " + flag + " HOST:0 takes any free port)"
              : message.replaceFirst("^bind\\(\\.\\.\\) failed with error\\(-?[0-9]+\\): ", "");
      throw new StartException(StartException.Reason.LISTEN, what + why, e);
    } catch (UnresolvedAddressException e) {
      throw new StartException(
          StartException.Reason.LISTEN, what + "the name is not an address of this machine", e);
    }
  }

  int port() {
    return server.getPort();
  }

  /** Accepts nothing more. Whoever has not begun to speak is not waited for. */
  void shutdown() {
    server.shutdown();
    halfOpen.close();
  }

  /** Lets open calls end until then, and then ends them. Blocks. */
  void awaitEnd(long untilNanos) throws InterruptedException {
    if (!server.awaitTermination(untilNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
      server.shutdownNow();
    }
    server.awaitTermination(1, TimeUnit.SECONDS);
  }

  /** Ends what is open. To be called once. */
  void stopNow() {
    server.shutdownNow();
    halfOpen.close();
    threads.close();
  }
}
