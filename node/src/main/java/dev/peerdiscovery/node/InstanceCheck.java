package dev.peerdiscovery.node;

/** How a node finds out that an instance is there, before each time that it says so to others. */
public enum InstanceCheck {
  /** It takes connections. */
  TCP,
  /** It answers {@code grpc.health.v1}, for the service's name or for the server, with SERVING. */
  GRPC_HEALTH,
  /** It is not checked. */
  NONE
}
