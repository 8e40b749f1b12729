package dev.peerdiscovery.node;

import dev.peerdiscovery.proto.admin.v1.AdminServiceGrpc;
import dev.peerdiscovery.proto.discovery.v1.DiscoveryServiceGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What each method of a server is for, which decides what its calls may take. A method that is not
 * listed here is let in like a request of a peer, which is the strictest, so that a service that
 * was forgotten here is not without limits. Immutable.
 */
final class CallKinds {
  /** What a method is for. */
  enum Kind {
    /** A request of a peer, answered soon. */
    PEER,
    /** A stream of a peer. */
    PEER_STREAM,
    /** Of the health service, answered however much there is to do. */
    HEALTH,
    /** For applications and operators. */
    APPLICATION,
    /** Of no service that is known, or that there is. */
    UNKNOWN,
    /** Of the host's own services, and so the host's business. */
    OF_HOST
  }

  private final Map<String, Kind> byMethod = new HashMap<>();
  private final Kind others;

  private CallKinds(ServiceDescriptor peers, Kind others) {
    this.others = others;
    for (MethodDescriptor<?, ?> method : peers.getMethods()) {
      boolean isUnary = method.getType() == MethodDescriptor.MethodType.UNARY;
      byMethod.put(method.getFullMethodName(), isUnary ? Kind.PEER : Kind.PEER_STREAM);
    }
    add(AdminServiceGrpc.getServiceDescriptor(), Kind.APPLICATION);
    add(DiscoveryServiceGrpc.getServiceDescriptor(), Kind.APPLICATION);
  }

  private void add(ServiceDescriptor service, Kind kind) {
    service.getMethods().forEach(method -> byMethod.put(method.getFullMethodName(), kind));
  }

  /** Those of a node's own server. */
  static CallKinds ofOwnServer(ServiceDescriptor peers) {
    CallKinds kinds = new CallKinds(peers, Kind.UNKNOWN);
    kinds.add(HealthGrpc.getServiceDescriptor(), Kind.HEALTH);
    kinds.add(ServerReflectionGrpc.getServiceDescriptor(), Kind.APPLICATION);
    return kinds;
  }

  /** Those of a host's server, which has services and limits of its own. */
  static CallKinds inHost(ServiceDescriptor peers) {
    return new CallKinds(peers, Kind.OF_HOST);
  }

  /** What a method is for. */
  Kind of(String fullMethodName) {
    Kind kind = byMethod.get(fullMethodName);
    return kind == null ? others : kind;
  }

  /** Whether the server is the node's, and with it what is not asked of the node. */
  boolean isOwnServer() {
    return others == Kind.UNKNOWN;
  }

  /** The methods that are known, of each service together. */
  List<String> methods() {
    return byMethod.keySet().stream().sorted().toList();
  }
}
