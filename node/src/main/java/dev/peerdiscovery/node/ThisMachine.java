package dev.peerdiscovery.node;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Which callers are on this machine: applications and operators, which may ask more of a node than
 * strangers may. An interface so that a test can be a stranger at a loopback address.
 */
@FunctionalInterface
interface ThisMachine {
  /** Loopback addresses, from which no other machine can call. */
  ThisMachine LOOPBACK = InetAddress::isLoopbackAddress;

  /** Whether callers at this address are on this machine. */
  boolean has(InetAddress address);

  /** The same of the other end of a connection; what did not come over TCP is from here. */
  default boolean isAt(@Nullable SocketAddress remote) {
    return !(remote instanceof InetSocketAddress internet)
        || (internet.getAddress() != null && has(internet.getAddress()));
  }
}
