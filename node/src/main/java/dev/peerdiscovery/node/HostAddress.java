package dev.peerdiscovery.node;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Guesses the address at which others reach this machine, where no connection has shown it yet. */
final class HostAddress {
  private HostAddress() {}

  /**
   * The first address of an interface that is up: IPv4 before IPv6 unless that is asked for, and
   * loopback only where there is no other.
   */
  static InetAddress guess(boolean ipv6) {
    List<InetAddress> candidates = new ArrayList<>();
    try {
      for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
        if (each.isUp() && !each.isLoopback()) {
          candidates.addAll(Collections.list(each.getInetAddresses()));
        }
      }
    } catch (SocketException e) {
      // Then there is nothing to choose from, and loopback is what remains.
      candidates.clear();
    }
    Optional<InetAddress> best =
        candidates.stream()
            .filter(address -> !address.isLinkLocalAddress() && !address.isMulticastAddress())
            .min(Comparator.comparing(address -> (address.getAddress().length == 16) != ipv6));
    return best.orElseGet(InetAddress::getLoopbackAddress);
  }
}
