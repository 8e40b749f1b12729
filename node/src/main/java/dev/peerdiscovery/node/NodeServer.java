package dev.peerdiscovery.node;

import dev.peerdiscovery.client.tls.PeerTls;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The listeners of a node that has its own: one port for everything, or peers on one and operators
 * and health on the other. The limits keep a stranger from holding more than a share of either.
 */
final class NodeServer {
  private final Listener main;
  private final Optional<Listener> api;

  private NodeServer(Listener main, Optional<Listener> api) {
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
    Listener main =
        Listener.start(
            listen,
            "--listen",
            tls,
            limits,
            admission.halfOpen(),
            server -> {
              server
                  .addTransportFilter(admission.connections())
                  .addStreamTracerFactory(inFlight)
                  .addService(peers);
              if (apiListen.isEmpty()) {
                server.addService(healthOf(health, admission));
                for (ServerServiceDefinition each : local) {
                  server.addService(onlyFromHere(each));
                }
                server.addService(onlyFromHere(reflection()));
              }
            });
    if (apiListen.isEmpty()) {
      return new NodeServer(main, Optional.empty());
    }
    try {
      Listener api =
          Listener.start(
              apiListen.get(),
              "--api",
              apiTls,
              limits,
              admission.halfOpen(),
              server -> {
                server
                    .addTransportFilter(admission.connectionsOfSecond(apiTls))
                    .addStreamTracerFactory(inFlight)
                    .addService(healthOf(health, admission))
                    .addServices(local)
                    .addService(reflection());
                if (!tls.isOn()) {
                  // Whoever may ask how the node is doing may look up through it, too. But where a
                  // certificate is the way in for peers, there is none beside it.
                  server.addService(peers);
                }
              });
      return new NodeServer(main, Optional.of(api));
    } catch (StartException e) {
      main.stopNow();
      throw e;
    }
  }

  /** Answered however much there is to do, but for those who hold too many calls open. */
  private static ServerServiceDefinition healthOf(HealthStatusManager health, Admission admission) {
    return ServerInterceptors.intercept(
        Malformed.refusedBy(health.getHealthService().bindService()), admission.ofCallsHeldOpen());
  }

  private static ServerServiceDefinition reflection() {
    return Malformed.refusedBy(ProtoReflectionServiceV1.newInstance().bindService());
  }

  private static ServerServiceDefinition onlyFromHere(ServerServiceDefinition service) {
    return ServerInterceptors.intercept(service, CallerAddress.loopbackOnly());
  }

  /** The port on which peers are served. */
  int port() {
    return main.port();
  }

  /** The port on which operators are served, if it is another. */
  Optional<Integer> apiPort() {
    return api.map(Listener::port);
  }

  /** Lets open calls of both listeners end for a while, then ends them. */
  void stop(long graceMillis) throws InterruptedException {
    List<Listener> listeners = Stream.concat(Stream.of(main), api.stream()).toList();
    listeners.forEach(Listener::shutdown);
    long untilNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(graceMillis);
    try {
      for (Listener listener : listeners) {
        listener.awaitEnd(untilNanos);
      }
    } finally {
      listeners.forEach(Listener::stopNow);
    }
  }
}
