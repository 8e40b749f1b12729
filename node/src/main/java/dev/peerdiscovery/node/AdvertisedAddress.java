package dev.peerdiscovery.node;

import dev.peerdiscovery.core.engine.Engine;
import dev.peerdiscovery.core.record.Endpoint;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * Decides where the node says that it can be reached: where it was told to, else at the address it
 * listens on, and where that means all of them, at the one from which the first call left that was
 * answered. While there was none, the machine's own interfaces have to do. Used by the engine's
 * owner.
 */
final class AdvertisedAddress implements Driver.LocalAddressListener {
  private final List<Endpoint> configured;
  private final Optional<ListenAddress> listen;
  private int port;
  private boolean settled;

  AdvertisedAddress(List<Endpoint> configured, Optional<ListenAddress> listen) {
    this.configured = List.copyOf(configured);
    this.listen = listen;
  }

  /** The server listens. */
  void listening(int actualPort) {
    port = actualPort;
  }

  /** What is known before the first call; empty when the first call has to show it. */
  List<Endpoint> known() {
    if (!configured.isEmpty()) {
      return configured;
    }
    return listen.isPresent() && !listen.get().isWildcard()
        ? List.of(new Endpoint(listen.get().host(), port))
        : List.of();
  }

  /** Advertises what is known before the first call. */
  void begin(Engine engine, long nowNanos) {
    if (!known().isEmpty()) {
      settle(known(), engine, nowNanos);
    } else if (!engine.hasSeeds()) {
      guess(engine, nowNanos);
    }
  }

  private void settle(List<Endpoint> endpoints, Engine engine, long nowNanos) {
    settled = true;
    engine.advertise(endpoints, nowNanos);
  }

  /** The node is alone: nobody showed it how it is seen. */
  void alone(Engine engine, long nowNanos) {
    if (engine.self().isEmpty()) {
      guess(engine, nowNanos);
    }
  }

  private void guess(Engine engine, long nowNanos) {
    boolean ipv6 = listen.map(at -> at.host().indexOf(':') >= 0).orElse(false);
    engine.advertise(List.of(Endpoint.of(HostAddress.guess(ipv6), port)), nowNanos);
  }

  @Override
  public void callLeftFrom(InetAddress local, Engine engine, long nowNanos) {
    if (!settled) {
      settle(List.of(Endpoint.of(local, port)), engine, nowNanos);
    }
  }
}
