package dev.peerdiscovery.core.record;

import java.net.InetAddress;
import java.util.Optional;
import java.util.Set;

/**
 * Which addresses may be dialled and handed on. It holds at every dial and for every record, so
 * that nobody can use a node to reach what its owner did not mean to open. Immutable.
 *
 * <p>Never allowed are unspecified, multicast, broadcast and link-local addresses: the last are
 * where clouds keep their metadata services. In {@link Scope#PRIVATE} loopback is for those who are
 * on loopback themselves: a record with 127.0.0.1 that arrives from another machine would name the
 * receiver's own services.
 */
public final class AddressPolicy {
  /** Where clouds keep metadata outside of the link-local range: AWS on IPv6, Alibaba. */
  private static final Set<String> METADATA_HOSTS =
      Set.of("fd00:ec2::254", "100.100.100.200", "168.63.129.16");

  /**
   * Ports of services that are no peers, which in public nobody is sent to: mail, names, files,
   * remote shells, databases, caches, queues, telephony and the like (IANA's registry of service
   * names, and the defaults of what is found open on the Internet).
   */
  private static final Set<Integer> OTHER_SERVICES =
      Set.of(
          7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 79, 110, 111, 113, 119,
          123, 135, 137, 138, 139, 143, 161, 162, 179, 389, 427, 445, 465, 502, 512, 513, 514, 515,
          554, 563, 587, 623, 631, 636, 873, 902, 993, 995, 1080, 1194, 1433, 1434, 1521, 1719,
          1720, 1723, 1883, 2049, 2181, 2375, 2376, 2379, 2380, 3306, 3389, 5060, 5061, 5222, 5269,
          5353, 5432, 5671, 5672, 5900, 5984, 6379, 6443, 6514, 6665, 6666, 6667, 6668, 6669, 6697,
          8086, 9042, 9092, 9160, 9200, 9300, 9418, 10250, 11211, 27017, 27018, 50000);

  private final Scope scope;
  private final boolean onLoopback;
  private final Set<Integer> allowedPorts;

  private AddressPolicy(Scope scope, boolean onLoopback, Set<Integer> allowedPorts) {
    this.scope = scope;
    this.onLoopback = onLoopback;
    this.allowedPorts = allowedPorts;
  }

  /**
   * The policy of a scope for somebody on this machine's loopback interface, or not.
   *
   * @param onLoopback whether the one who asks is itself reached at a loopback address
   */
  public static AddressPolicy of(Scope scope, boolean onLoopback) {
    return new AddressPolicy(scope, onLoopback, Set.of());
  }

  /**
   * The same policy, with ports allowed that are refused in {@link Scope#PUBLIC} because other
   * services are usually there.
   */
  public AddressPolicy allowingPorts(Set<Integer> ports) {
    return new AddressPolicy(scope, onLoopback, Set.copyOf(ports));
  }

  /** The scope. */
  public Scope scope() {
    return scope;
  }

  /** Whether an endpoint may travel in a record and be dialled, as far as its text tells. */
  public boolean allows(Endpoint endpoint) {
    if (!allowsPort(endpoint.port())) {
      return false;
    }
    Optional<InetAddress> literal = endpoint.literal();
    if (literal.isPresent()) {
      return allows(literal.get());
    }
    if (isLocalName(endpoint.host())) {
      return allowsLoopback();
    }
    return scope == Scope.PRIVATE;
  }

  /** Whether an address, such as the one that a name resolved to, may be dialled. */
  public boolean allows(InetAddress address) {
    Optional<InetAddress> embedded = Hosts.embedded(address);
    if (embedded.isPresent() && !allows(embedded.get())) {
      return false;
    }
    if (address.isAnyLocalAddress()
        || address.isMulticastAddress()
        || address.isLinkLocalAddress()
        || METADATA_HOSTS.contains(Hosts.text(address))
        || isBroadcastOrReserved(address)) {
      return false;
    }
    if (address.isLoopbackAddress()) {
      return allowsLoopback();
    }
    return switch (scope) {
      case PRIVATE -> true;
      case PUBLIC -> !isPrivate(address);
      case LOOPBACK -> false;
    };
  }

  private boolean allowsPort(int port) {
    return scope != Scope.PUBLIC || !OTHER_SERVICES.contains(port) || allowedPorts.contains(port);
  }

  private boolean allowsLoopback() {
    return scope == Scope.LOOPBACK || (scope == Scope.PRIVATE && onLoopback);
  }

  private static boolean isLocalName(String host) {
    return host.equals("localhost") || host.endsWith(".localhost");
  }

  /** 0.0.0.0/8 and 240.0.0.0/4, which holds the broadcast address (RFC 1122, RFC 1112). */
  private static boolean isBroadcastOrReserved(InetAddress address) {
    byte[] bytes = address.getAddress();
    return bytes.length == 4 && (bytes[0] == 0 || (bytes[0] & 0xf0) == 0xf0);
  }

  /** RFC 1918, carrier-grade NAT (RFC 6598), site-local and unique local IPv6 (RFC 4193). */
  private static boolean isPrivate(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (address.isSiteLocalAddress()) {
      return true;
    }
    return bytes.length == 4
        ? (bytes[0] & 0xff) == 100 && (bytes[1] & 0xc0) == 64
        : (bytes[0] & 0xfe) == 0xfc;
  }
}
