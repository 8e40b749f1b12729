package dev.peerdiscovery.node;

import dev.peerdiscovery.core.record.Endpoint;
import java.net.InetSocketAddress;

/**
 * Where a server listens: unlike an {@link Endpoint} it may be a wildcard address, and port 0 asks
 * for any free port. It never travels.
 *
 * @param host an address of this machine, 0.0.0.0 or :: for all, or a name of it
 * @param port 0 to 65535
 */
public record ListenAddress(String host, int port) {
  /**
   * Checks both parts and brings the host to its canonical form.
   *
   * @throws IllegalArgumentException when one is none
   */
  public ListenAddress {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("port: must be 0 to 65535, got " + port);
    }
    // An endpoint of any other port has the same rules for its host.
    host = new Endpoint(host, 1).host();
  }

  /**
   * Reads {@code HOST:PORT} or {@code [IPV6]:PORT}.
   *
   * @throws IllegalArgumentException when the text is neither
   */
  public static ListenAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    String port = text.substring(colon + 1);
    if (colon < 0 || !port.matches("-?[0-9]{1,9}")) {
      // Not an endpoint either, and that says why.
      Endpoint.parse(text);
    }
    String host = Endpoint.parse(text.substring(0, colon) + ":1").host();
    return new ListenAddress(host, Integer.parseInt(port));
  }

  /** Whether it means all addresses of this machine. */
  public boolean isWildcard() {
    return new Endpoint(host, 1)
        .literal()
        .map(literal -> literal.isAnyLocalAddress())
        .orElse(false);
  }

  /** Whether only this machine can reach it. */
  public boolean isLoopback() {
    return host.equals("localhost")
        || new Endpoint(host, 1)
            .literal()
            .map(literal -> literal.isLoopbackAddress())
            .orElse(false);
  }

  InetSocketAddress toSocketAddress() {
    return new InetSocketAddress(host, port);
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
