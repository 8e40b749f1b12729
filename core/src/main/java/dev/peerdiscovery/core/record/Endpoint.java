package dev.peerdiscovery.core.record;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * Where a peer can be dialled: a host and a port. As text {@code host:port}, with IPv6 in brackets.
 *
 * <p>Being well-formed is all that an endpoint promises. Whether it may be dialled is the {@link
 * AddressPolicy}'s question, whether anybody is there only a call tells.
 *
 * @param host an IPv4 or IPv6 literal or a DNS name of at most 253 characters, in its one canonical
 *     form, so that equal hosts are equal endpoints
 * @param port 1 to 65535
 */
public record Endpoint(String host, int port) {
  private static final String FORM =
      "an endpoint is HOST:PORT, with an IPv6 address in brackets: [::1]:7400";

  /** As RFC 3986 has it: schemes of URLs, and those of gRPC's targets. */
  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]{0,31}:/");

  private static final Pattern PORT = Pattern.compile("-?[0-9]{1,9}");
  private static final Pattern DIGITS = Pattern.compile("-?[0-9]{10,}");

  /**
   * Checks both parts and brings the host to its canonical form.
   *
   * @throws IllegalArgumentException when the host or the port is none; the message never repeats a
   *     host, which may come from a stranger
   */
  public Endpoint {
    host = Hosts.canonical(host);
    checkPort(port);
  }

  /** The endpoint of an address and a port. */
  public static Endpoint of(InetAddress address, int port) {
    return new Endpoint(Hosts.text(address), port);
  }

  /**
   * Reads {@code host:port} or {@code [ipv6]:port}.
   *
   * @throws IllegalArgumentException when the text is not an endpoint; the message says what is
   *     wrong with it, and does not repeat it
   */
  public static Endpoint parse(String text) {
    checkForm(text);
    int colon = text.lastIndexOf(':');
    if (colon < 0 || colon == text.length() - 1 || text.endsWith("]")) {
      throw new IllegalArgumentException("endpoint: no port; " + FORM);
    }
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
      if (host.indexOf(':') < 0) {
        throw new IllegalArgumentException("endpoint: brackets are for IPv6 addresses; " + FORM);
      }
    } else if (host.indexOf('[') >= 0 || host.indexOf(']') >= 0) {
      throw new IllegalArgumentException(
          "endpoint: brackets do not enclose the host alone; " + FORM);
    } else if (host.indexOf(':') >= 0) {
      throw new IllegalArgumentException(
          Hosts.isIpv6WithoutBrackets(text)
              ? "endpoint: IPv6 without brackets; " + FORM
              : "endpoint: more than one colon; " + FORM);
    }
    return new Endpoint(host, parsePort(text.substring(colon + 1)));
  }

  /** Names what is no part of an endpoint but is often written beside one. */
  private static void checkForm(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("endpoint: empty; " + FORM);
    }
    if (SCHEME.matcher(text).lookingAt()) {
      throw new IllegalArgumentException(
          "endpoint: it has a scheme, as a URL or a channel target has (http://, dns:///); leave the"
              + " scheme out: "
              + FORM);
    }
    if (text.indexOf('/') >= 0 || text.indexOf('?') >= 0 || text.indexOf('#') >= 0) {
      throw new IllegalArgumentException(
          "endpoint: it has a path or a query; nothing comes after the port: " + FORM);
    }
    if (text.indexOf('@') >= 0) {
      throw new IllegalArgumentException("endpoint: it has a user; leave out all up to @: " + FORM);
    }
    if (text.indexOf(',') >= 0) {
      throw new IllegalArgumentException("endpoint: it is a list; one is expected here: " + FORM);
    }
    if (text.chars().anyMatch(Character::isWhitespace)) {
      throw new IllegalArgumentException("endpoint: it has a space or a line break; " + FORM);
    }
  }

  /**
   * Reads several, with commas between them.
   *
   * @throws IllegalArgumentException when one is no endpoint
   */
  public static List<Endpoint> parseAll(String text) {
    return Arrays.stream(text.split(",", -1)).map(each -> parse(each.strip())).toList();
  }

  private static int parsePort(String text) {
    if (DIGITS.matcher(text).matches()) {
      throw new IllegalArgumentException("port: must be 1 to 65535, got one of many digits");
    }
    if (!PORT.matcher(text).matches()) {
      throw new IllegalArgumentException("port: not a number of 1 to 65535; " + FORM);
    }
    int port = Integer.parseInt(text);
    checkPort(port);
    return port;
  }

  private static void checkPort(int port) {
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("port: must be 1 to 65535, got " + port);
    }
  }

  /** The address when the host is a literal; nothing when it is a name. Never resolves. */
  public Optional<InetAddress> literal() {
    return Hosts.literal(host);
  }

  /**
   * The network that the address is one of, such as one customer of a provider has: the /24 of an
   * IPv4 address, also of one that an IPv6 address stands for, and else the /48. Two addresses are
   * of one subnet when these are equal; they are below 2^49.
   *
   * @return nothing when the host is a name
   */
  public OptionalLong subnet() {
    Optional<InetAddress> literal = literal();
    return literal.isPresent()
        ? OptionalLong.of(Hosts.subnet(literal.get()))
        : OptionalLong.empty();
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || (other instanceof Endpoint endpoint
            && port == endpoint.port
            && host.equals(endpoint.host));
  }

  @Override
  public int hashCode() {
    return 31 * host.hashCode() + port;
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
