package dev.peerdiscovery.node;

import dev.peerdiscovery.client.tls.PeerTls;
import io.grpc.Codec;
import io.grpc.DecompressorRegistry;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The listeners of a node that has its own: one port for everything, or peers on one and operators
 * and health on the other. The limits keep a stranger from holding more than a share of either.
 */
final class NodeServer {
  private final Server main;
  private final Optional<Server> api;

  private NodeServer(Server main, Optional<Server> api) {
    this.main = main;
    this.api = api;
  }

  /**
   * Begins to listen.
   *
   * @param tls what the first speaks
   * @param apiTls what the second speaks
   * @param limits what strangers may take of it
   * @param admission has its say on all connections, on those of each listener apart
   * @param inFlight counts the calls of peers
   * @param peers what peers call, interceptors included
   * @param local what operators and applications call, on this machine or at the second listener
   */
  static NodeServer start(
      ListenAddress listen,
      Optional<ListenAddress> apiListen,
      PeerTls tls,
      PeerTls apiTls,
      Limits limits,
      Admission admission,
      CallsInFlight inFlight,
      ServerServiceDefinition peers,
      List<ServerServiceDefinition> local,
      HealthStatusManager health)
      throws StartException {
    NettyServerBuilder main =
        builder(listen, tls, limits)
            .addTransportFilter(admission.connections())
            .addStreamTracerFactory(inFlight)
            .addService(peers);
    if (apiListen.isEmpty()) {
      main.addService(Malformed.refusedBy(health.getHealthService().bindService()));
      for (ServerServiceDefinition each : local) {
        main.addService(ServerInterceptors.intercept(each, CallerAddress.loopbackOnly()));
      }
      main.addService(ServerInterceptors.intercept(reflection(), CallerAddress.loopbackOnly()));
      return new NodeServer(listen(main, listen, "--listen"), Optional.empty());
    }
    NettyServerBuilder api =
        builder(apiListen.get(), apiTls, limits)
            .addTransportFilter(admission.connectionsOfSecond(apiTls))
            .addStreamTracerFactory(inFlight)
            .addService(Malformed.refusedBy(health.getHealthService().bindService()))
            .addServices(local)
            .addService(reflection());
    if (!tls.isOn()) {
      // Whoever may ask how the node is doing may look up through it, too. But where a certificate
      // is the way in for peers, there is none beside it.
      api.addService(peers);
    }
    Server started = listen(main, listen, "--listen");
    try {
      return new NodeServer(started, Optional.of(listen(api, apiListen.get(), "--api")));
    } catch (StartException e) {
      started.shutdownNow();
      throw e;
    }
  }

  private static ServerServiceDefinition reflection() {
    return Malformed.refusedBy(ProtoReflectionServiceV1.newInstance().bindService());
  }

  private static NettyServerBuilder builder(ListenAddress listen, PeerTls tls, Limits limits) {
    NettyServerBuilder builder = NettyServerBuilder.forAddress(listen.toSocketAddress());
    tls.secure(builder);
    return builder
        .directExecutor()
        .maxInboundMessageSize(limits.requestBytes())
        // What is small on the wire and vast in memory is refused unseen.
        .decompressorRegistry(DecompressorRegistry.emptyInstance().with(Codec.Identity.NONE, false))
        .maxInboundMetadataSize(limits.metadataBytes())
        .maxConcurrentCallsPerConnection(limits.callsPerConnection())
        .flowControlWindow(limits.flowControlBytes())
        .handshakeTimeout(limits.handshake().toMillis(), TimeUnit.MILLISECONDS)
        .maxConnectionIdle(limits.connectionIdle().toMillis(), TimeUnit.MILLISECONDS)
        .maxConnectionAge(limits.connectionAge().toMillis(), TimeUnit.MILLISECONDS)
        .maxConnectionAgeGrace(limits.connectionGrace().toMillis(), TimeUnit.MILLISECONDS)
        .permitKeepAliveTime(limits.keepAlive().toMillis(), TimeUnit.MILLISECONDS)
        .permitKeepAliveWithoutCalls(true)
        .maxRstFramesPerWindow(limits.resetsPerWindow(), (int) Limits.RESET_WINDOW.toSeconds());
  }

  private static Server listen(NettyServerBuilder builder, ListenAddress at, String flag)
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

  /** The port on which peers are served. */
  int port() {
    return main.getPort();
  }

  /** The port on which operators are served, if it is another. */
  Optional<Integer> apiPort() {
    return api.map(Server::getPort);
  }

  /** Lets open calls of both listeners end for a while, then ends them. */
  void stop(long graceMillis) throws InterruptedException {
    List<Server> servers = Stream.concat(Stream.of(main), api.stream()).toList();
    servers.forEach(Server::shutdown);
    long untilNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(graceMillis);
    for (Server server : servers) {
      if (!server.awaitTermination(untilNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        server.shutdownNow();
      }
    }
    for (Server server : servers) {
      server.awaitTermination(1, TimeUnit.SECONDS);
    }
  }
}
