package dev.peerdiscovery.node;

import dev.peerdiscovery.client.tls.PeerTls;
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
   * @param admission has its say on all connections and calls, on those of each listener apart
   * @param peers what peers call
   * @param local what operators and applications call, on this machine or at the second listener
   */
  static NodeServer start(
      ListenAddress listen,
      Optional<ListenAddress> apiListen,
      PeerTls tls,
      PeerTls apiTls,
      Limits limits,
      Admission admission,
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
            admission.gate(),
            server -> {
              server.addStreamTracerFactory(Discovery.callEnds()).addService(peers);
              if (apiListen.isEmpty()) {
                server.addService(healthOf(health));
                for (ServerServiceDefinition each : local) {
                  server.addService(admission.onlyFromHere(each));
                }
                server.addService(admission.onlyFromHere(reflection()));
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
              admission.secondGate(apiTls),
              server -> {
                server
                    .addStreamTracerFactory(Discovery.callEnds())
                    .addService(healthOf(health))
                    .addServices(local)
                    .addService(reflection());
                if (!tls.isOn()) {
                  // A caller that may ask how the node is doing may look up through it, too. But
                  // where a certificate is the way in for peers, there is none beside it.
                  server.addService(peers);
                }
              });
      return new NodeServer(main, Optional.of(api));
    } catch (StartException e) {
      main.stopNow();
      throw e;
    }
  }

  private static ServerServiceDefinition healthOf(HealthStatusManager health) {
    return Malformed.refusedBy(health.getHealthService().bindService());
  }

  private static ServerServiceDefinition reflection() {
    return Malformed.refusedBy(ProtoReflectionServiceV1.newInstance().bindService());
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
