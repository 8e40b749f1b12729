package dev.peerdiscovery.node;

import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;

/**
 * What the health service says of a node. {@code peerdiscovery.peer.v1.PeerService} is SERVING from
 * the node's first join on, {@code liveness} and the server as a whole while it runs; none of them
 * while the engine is stuck, and none from when the node begins to leave. Thread-safe.
 */
final class NodeHealth {
  /** The health service's name for a process that runs, whether it has joined or not. */
  static final String LIVENESS = "liveness";

  private final HealthStatusManager services = new HealthStatusManager();
  private boolean alive = true;
  private boolean joined;
  private boolean left;

  NodeHealth() {
    publish();
  }

  /** What servers are given. */
  HealthStatusManager services() {
    return services;
  }

  /** The engine's owner takes turns, or does not. */
  synchronized void alive(boolean value) {
    alive = value;
    publish();
  }

  /** The node takes part. */
  synchronized void joined() {
    joined = true;
    publish();
  }

  /** The node leaves; what is said after this changes nothing. */
  synchronized void leaving() {
    if (!left) {
      left = true;
      services.enterTerminalState();
    }
  }

  private void publish() {
    if (left) {
      return;
    }
    services.setStatus(LIVENESS, status(alive));
    services.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, status(alive));
    services.setStatus(PeerServiceGrpc.SERVICE_NAME, status(alive && joined));
  }

  private static ServingStatus status(boolean serves) {
    return serves ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  }
}
