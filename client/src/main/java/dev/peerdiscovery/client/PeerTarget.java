package dev.peerdiscovery.client;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * What the target of a channel says: {@code
 * peer://[NODE]/SERVICE[?via=NODE,NODE&namespace=NAME&providers=ID,ID]}.
 *
 * <p>Several nodes can also stand where one does, with commas between them. But gRPC reads targets
 * as RFC 3986 has it, where there is one port; then the colons have to be written as {@code %3A}.
 * Nor are there brackets in a query: those of an IPv6 address are {@code %5B} and {@code %5D}.
 *
 * @param service the service
 * @param namespace where the name belongs, where it is said
 * @param nodes the nodes to ask, in this order; none where they are left to somebody else
 * @param providers the nodes that may provide the service; everybody may when it is empty
 */
record PeerTarget(
    String service, Optional<String> namespace, List<Endpoint> nodes, Set<NodeId> providers) {
  static final int MAX_NODES = 64;
  static final int MAX_PROVIDERS = 1024;

  PeerTarget {
    Registration.checkService(service);
    namespace.ifPresent(Registration::checkNamespace);
    nodes = List.copyOf(nodes);
    providers = Set.copyOf(providers);
  }

  /**
   * Reads a target.
   *
   * @param ambient settings by the names of environment variables, for what the target leaves out
   * @throws IllegalArgumentException when it is none
   */
  static PeerTarget parse(URI uri, Function<String, Optional<String>> ambient) {
    String path = uri.getPath();
    if (path == null || !path.startsWith("/") || uri.getFragment() != null) {
      throw new IllegalArgumentException(
          "target: must be peer:///SERVICE or peer://HOST:PORT/SERVICE");
    }
    Optional<String> via = Optional.ofNullable(uri.getAuthority());
    Optional<String> namespace = Optional.empty();
    Optional<String> providers = Optional.empty();
    for (String parameter : split(Optional.ofNullable(uri.getQuery()), "&")) {
      String value = parameter.substring(parameter.indexOf('=') + 1);
      if (parameter.startsWith("via=") && via.isEmpty()) {
        via = Optional.of(value);
      } else if (parameter.startsWith("namespace=")) {
        namespace = Optional.of(value);
      } else if (parameter.startsWith("providers=")) {
        providers = Optional.of(value);
      } else {
        throw new IllegalArgumentException(
            "target: parameters are via (without a node before the path), namespace and providers");
      }
    }
    return new PeerTarget(
        path.substring(1),
        namespace,
        nodes(via.or(() -> ambient.apply("PEER_NODE"))),
        providers(providers.or(() -> ambient.apply("PEER_PROVIDERS"))));
  }

  private static List<Endpoint> nodes(Optional<String> text) {
    List<Endpoint> nodes = new ArrayList<>();
    for (String each : split(text, ",")) {
      nodes.add(Endpoint.parse(each));
    }
    if (nodes.size() > MAX_NODES) {
      throw new IllegalArgumentException("nodes: more than " + MAX_NODES);
    }
    return nodes;
  }

  private static Set<NodeId> providers(Optional<String> text) {
    Set<NodeId> providers = new LinkedHashSet<>();
    for (String each : split(text, ",")) {
      providers.add(NodeId.parse(each));
    }
    if (providers.size() > MAX_PROVIDERS) {
      throw new IllegalArgumentException("providers: more than " + MAX_PROVIDERS);
    }
    return providers;
  }

  private static List<String> split(Optional<String> text, String separator) {
    return text.isEmpty() || text.get().isEmpty()
        ? List.of()
        : List.of(text.get().split(separator, -1)).stream().map(String::strip).toList();
  }
}
