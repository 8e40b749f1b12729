package dev.peerdiscovery.core.record;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads host texts: strict IP literals and DNS names, nothing in between.
 *
 * <p>The JDK's own parser also takes {@code 0177.0.0.1} and {@code 1}, which other programs read as
 * different addresses; a policy that is checked on one reading and dialled by another is no policy.
 * Nothing here resolves a name.
 */
final class Hosts {
  static final int MAX_LENGTH = 253;

  private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]{2,45}");
  private static final Pattern LABEL =
      Pattern.compile("[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?");
  private static final Pattern NUMERIC_LABEL = Pattern.compile("[0-9]+|0[xX][0-9a-fA-F]*");

  private Hosts() {}

  /**
   * The one text for a host: IPv4 dotted, IPv6 as in RFC 5952, names in lower case, IPv4-mapped
   * IPv6 as IPv4.
   *
   * @throws IllegalArgumentException when the text is no host; the message does not repeat it
   */
  static String canonical(String host) {
    if (host.isEmpty()) {
      throw new IllegalArgumentException("host: empty");
    }
    if (host.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("host: longer than " + MAX_LENGTH + " characters");
    }
    if (host.indexOf(':') >= 0) {
      return text(ipv6(host));
    }
    if (isDotted(host)) {
      return text(ipv4(host));
    }
    // A name with the root's dot at its end is the same name.
    String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    checkName(name);
    return name.toLowerCase(Locale.ROOT);
  }

  /** The address of a canonical host that is a literal; nothing for a name. */
  static Optional<InetAddress> literal(String canonicalHost) {
    if (canonicalHost.indexOf(':') >= 0) {
      return Optional.of(ipv6(canonicalHost));
    }
    return isDotted(canonicalHost) ? Optional.of(ipv4(canonicalHost)) : Optional.empty();
  }

  /**
   * Whether a text that is no endpoint is an IPv6 address, or one and a port: without brackets the
   * two cannot be told apart.
   */
  static boolean isIpv6WithoutBrackets(String text) {
    return isIpv6(text) || isIpv6(text.substring(0, Math.max(0, text.lastIndexOf(':'))));
  }

  private static boolean isIpv6(String text) {
    try {
      ipv6(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /**
   * The IPv4 address that an IPv6 address stands for at a translator or a tunnel: IPv4-compatible
   * (::/96), IPv4-translated (::ffff:0:0:0/96, RFC 2765), NAT64 (64:ff9b::/96, RFC 6052, and
   * 64:ff9b:1::/48, RFC 8215, as far as it ends with the address), Teredo (2001::/32, RFC 4380) and
   * 6to4 (2002::/16, RFC 3056).
   */
  static Optional<InetAddress> embedded(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length != 16 || address.isLoopbackAddress() || address.isAnyLocalAddress()) {
      return Optional.empty();
    }
    int[] groups = groups(bytes);
    if (groups[0] == 0x2002) {
      return Optional.of(address(Arrays.copyOfRange(bytes, 2, 6)));
    }
    byte[] last = Arrays.copyOfRange(bytes, 12, 16);
    if (groups[0] == 0x2001 && groups[1] == 0) {
      for (int i = 0; i < last.length; i++) {
        last[i] ^= (byte) 0xff;
      }
      return Optional.of(address(last));
    }
    boolean nat64 = groups[0] == 0x64 && groups[1] == 0xff9b;
    boolean translated = groups[4] == 0xffff && groups[5] == 0;
    boolean zeros = groups[2] == 0 && groups[3] == 0;
    boolean stands =
        nat64
            ? groups[2] == 1 || (zeros && groups[4] == 0 && groups[5] == 0)
            : groups[0] == 0
                && groups[1] == 0
                && zeros
                && (translated || (groups[4] == 0 && groups[5] == 0));
    return stands ? Optional.of(address(last)) : Optional.empty();
  }

  /** The /24 of an IPv4 address, also of an embedded one, or the /48: below 2^49. */
  static long subnet(InetAddress address) {
    byte[] bytes = embedded(address).orElse(address).getAddress();
    // IPv4 and IPv6 must not meet.
    long subnet = bytes.length == 4 ? 0 : 1;
    for (int i = 0; i < (bytes.length == 4 ? 3 : 6); i++) {
      subnet = subnet << 8 | (bytes[i] & 0xff);
    }
    return subnet;
  }

  /** The canonical text of an address. */
  static String text(InetAddress address) {
    byte[] bytes = address.getAddress();
    return bytes.length == 4 ? address.getHostAddress() : compressed(bytes);
  }

  /** Whether there is nothing but digits and dots. Read with each record, so no expression. */
  private static boolean isDotted(String host) {
    for (int i = 0; i < host.length(); i++) {
      if (host.charAt(i) != '.' && !isDigit(host.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static InetAddress ipv4(String host) {
    byte[] bytes = new byte[4];
    int at = 0;
    for (int i = 0; i < 4; i++) {
      int end = i < 3 ? host.indexOf('.', at) : host.length();
      int octet = end < 0 ? -1 : octet(host, at, end);
      if (octet < 0) {
        throw new IllegalArgumentException("host: not an IPv4 address, four numbers of 0 to 255");
      }
      bytes[i] = (byte) octet;
      at = end + 1;
    }
    return address(bytes);
  }

  /** The number of 0 to 255, without leading zeros, that a part of a text is; −1 if it is none. */
  private static int octet(String text, int from, int to) {
    boolean leadingZero = to - from > 1 && text.charAt(from) == '0';
    if (from == to || to - from > 3 || leadingZero) {
      return -1;
    }
    int number = 0;
    for (int i = from; i < to; i++) {
      if (!isDigit(text.charAt(i))) {
        return -1;
      }
      number = 10 * number + text.charAt(i) - '0';
    }
    return number <= 255 ? number : -1;
  }

  private static InetAddress ipv6(String host) {
    if (!IPV6.matcher(host).matches()) {
      throw new IllegalArgumentException("host: not an IPv6 address (zones are not supported)");
    }
    if (host.indexOf('.') >= 0) {
      // The JDK would read 0177 here, too.
      ipv4(host.substring(host.lastIndexOf(':') + 1));
    }
    try {
      // In brackets the JDK parses a literal and never asks a resolver.
      return InetAddress.getByName("[" + host + "]");
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("host: not an IPv6 address", e);
    }
  }

  private static InetAddress address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new AssertionError("an address of " + bytes.length + " bytes", e);
    }
  }

  private static void checkName(String name) {
    String[] labels = name.split("\\.", -1);
    for (String label : labels) {
      if (!LABEL.matcher(label).matches()) {
        throw new IllegalArgumentException("host: neither an IP address nor a DNS name");
      }
    }
    if (NUMERIC_LABEL.matcher(labels[labels.length - 1]).matches()) {
      throw new IllegalArgumentException("host: a number is not a DNS name");
    }
  }

  private static int[] groups(byte[] bytes) {
    int[] groups = new int[8];
    for (int i = 0; i < 8; i++) {
      groups[i] = ((bytes[2 * i] & 0xff) << 8) | (bytes[2 * i + 1] & 0xff);
    }
    return groups;
  }

  /** RFC 5952: lower case, no leading zeros, the first longest run of two or more zeros as ::. */
  private static String compressed(byte[] bytes) {
    int[] groups = groups(bytes);
    int runStart = -1;
    int runLength = 1;
    for (int i = 0; i < 8; i++) {
      int end = i;
      while (end < 8 && groups[end] == 0) {
        end++;
      }
      if (end - i > runLength) {
        runStart = i;
        runLength = end - i;
      }
      i = Math.max(i, end - 1);
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      if (i == runStart) {
        text.append("::");
        i += runLength - 1;
      } else {
        if (i > 0 && text.charAt(text.length() - 1) != ':') {
          text.append(':');
        }
        text.append(Integer.toHexString(groups[i]));
      }
    }
    return text.toString();
  }
}
