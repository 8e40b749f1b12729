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
  private static final Set<String> METADATA_HOSTS = Set.of("fd00:ec2::254", "100.100.100.200");

  private final Scope scope;
  private final boolean onLoopback;

  private AddressPolicy(Scope scope, boolean onLoopback) {
    this.scope = scope;
    this.onLoopback = onLoopback;
  }

  /**
   * The policy of a scope for somebody on this machine's loopback interface, or not.
   *
   * @param onLoopback whether the one who asks is itself reached at a loopback address
   */
  public static AddressPolicy of(Scope scope, boolean onLoopback) {
    return new AddressPolicy(scope, onLoopback);
  }

  /** The scope. */
  public Scope scope() {
    return scope;
  }

  /** Whether an endpoint may travel in a record and be dialled, as far as its text tells. */
  public boolean allows(Endpoint endpoint) {
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
