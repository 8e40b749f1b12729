package dev.peerdiscovery.core.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {
  private static final String LONGEST_NAME = ("a".repeat(49) + ".").repeat(5) + "abc";

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:7400, 127.0.0.1, 7400, true",
    "0.0.0.0:1, 0.0.0.0, 1, true",
    "255.255.255.255:65535, 255.255.255.255, 65535, true",
    "[::1]:7400, ::1, 7400, true",
    "[::]:7400, ::, 7400, true",
    "localhost:7400, localhost, 7400, false",
    "orders.default.svc.cluster.local:443, orders.default.svc.cluster.local, 443, false",
    "my_service:80, my_service, 80, false",
    "_grpc._tcp.example.com:80, _grpc._tcp.example.com, 80, false",
    "xn--bcher-kva.example:80, xn--bcher-kva.example, 80, false",
    "1password.com:80, 1password.com, 80, false",
    "a:80, a, 80, false",
    "cafe:80, cafe, 80, false"
  })
  void parse_andPrint_areInverse(String text, String host, int port, boolean literal) {
    Endpoint endpoint = Endpoint.parse(text);

    assertThat(endpoint).isEqualTo(new Endpoint(host, port)).hasToString(text);
    assertThat(endpoint.host()).isEqualTo(host);
    assertThat(endpoint.port()).isEqualTo(port);
    assertThat(endpoint.literal().isPresent()).isEqualTo(literal);
  }

  @ParameterizedTest
  @CsvSource({
    "EXAMPLE.Com, example.com",
    "example.com., example.com",
    "localhost., localhost",
    // RFC 5952, sections 4 and 5.
    "2001:0DB8:0:0:8:800:200C:417A, 2001:db8::8:800:200c:417a",
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
    "2001:db8::1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:db8::0:1, 2001:db8::1",
    "0:0:0:0:0:0:0:0, ::",
    "0:0:0:0:0:0:0:1, ::1",
    "1:0:0:0:0:0:0:0, 1::",
    "1:0:0:0:0:0:0:2, 1::2",
    "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:0:0, 1:2:3:4:5:6::",
    "0:0:3:4:5:6:7:8, ::3:4:5:6:7:8",
    "0:2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
    "fe80::1, fe80::1",
    "64:ff9b::192.0.2.33, 64:ff9b::c000:221",
    // Mapped IPv4 is IPv4: what is checked must be what is dialled.
    "::ffff:127.0.0.1, 127.0.0.1",
    "::FFFF:7f00:1, 127.0.0.1",
    "0:0:0:0:0:ffff:192.0.2.1, 192.0.2.1"
  })
  void hosts_haveOneCanonicalForm(String host, String canonical) {
    assertThat(new Endpoint(host, 80).host()).isEqualTo(canonical);
    assertThat(new Endpoint(host, 80)).isEqualTo(new Endpoint(canonical, 80));
    assertThat(new Endpoint(canonical, 80).host()).isEqualTo(canonical);
  }

  @ParameterizedTest
  @MethodSource("badHosts")
  void badHosts_areRefused_andNeverRepeated(String host) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Endpoint(host, 80))
        .withMessageStartingWith("host: ")
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(120).doesNotContain("\u001b"));
    assertThatIllegalArgumentException().isThrownBy(() -> Endpoint.parse(host + ":80"));
    assertThatIllegalArgumentException().isThrownBy(() -> Endpoint.parse("[" + host + "]:80"));
  }

  static Stream<Arguments> badHosts() {
    return Stream.of(
            "",
            " ",
            "a b",
            " localhost",
            "localhost ",
            "local\nhost",
            "localhost\n",
            "localhost\r",
            "127.0.0.1\n",
            "::1\n",
            "local\u0000host",
            "\u001b[31mhost",
            "host/path",
            "user@host",
            "b\u00fccher.example",
            "\uff11\uff12\uff17.0.0.1",
            "a".repeat(1_000_000),
            "1".repeat(1_000_000),
            ":".repeat(1_000_000),
            LONGEST_NAME + "d",
            "a".repeat(64) + ".com",
            ".",
            "..",
            ".com",
            "a..b",
            "a.com..",
            "-a.com",
            "a-.com",
            "*.com",
            // Numbers that other programs read as addresses.
            "1",
            "2130706433",
            "0x7f000001",
            "0x7f.0.0.1",
            "127.1",
            "127.0.1",
            "0177.0.0.1",
            "127.0.0.01",
            "127.0.0.1.",
            "1.2.3.4.5",
            "256.0.0.1",
            "1.2.3.-4",
            "1..2.3",
            "a.1",
            "a.0x1",
            // IPv6.
            ":",
            ":::",
            "1:",
            ":1",
            "::1:",
            "1::2::3",
            "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8:9",
            "1:2:3:4:5:6:7:8::",
            "::12345",
            "::g",
            "::1%lo",
            "fe80::1%eth0",
            "fe80::1%1",
            "[[::1]]",
            "::1/128",
            "::ffff:1.2.3",
            "::ffff:256.0.0.1",
            "1.2.3.4::",
            "::ffff:1.2.3.4:5",
            // Mapped, and again a number that is read in two ways.
            "::ffff:0177.0.0.1",
            "::ffff:127.0.0.01",
            "64:ff9b::0300.0.2.33",
            "::08.08.08.08")
        .map(host -> Arguments.argumentSet(printable(host), host));
  }

  private static String printable(String host) {
    String shown = host.length() > 40 ? host.substring(0, 10) + "..." : host;
    return "host '" + shown.replaceAll("\\p{Cntrl}", "<control>") + "'";
  }

  @Test
  void brackets_belongToTheTextOfAnEndpoint_notToTheHost() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Endpoint("[::1]", 80));
  }

  @Test
  void theLongestName_isAHost() {
    assertThat(LONGEST_NAME).hasSize(253);
    assertThat(new Endpoint(LONGEST_NAME, 80).host()).isEqualTo(LONGEST_NAME);
    assertThat(new Endpoint("a".repeat(63) + ".com", 80).host()).hasSize(67);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 70_000, 65_536, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void badPorts_areRefused(int port) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Endpoint("localhost", port))
        .withMessage("port: must be 1 to 65535, got " + port);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "localhost:0           | port: must be 1 to 65535, got 0",
        "localhost:-1          | port: must be 1 to 65535, got -1",
        "localhost:70000       | port: must be 1 to 65535, got 70000",
        "localhost:65536       | port: must be 1 to 65535, got 65536",
        "localhost:4294967295  | port: must be 1 to 65535, got one of many digits",
        "localhost:            | endpoint: no port",
        "[::1]:                | endpoint: no port",
        "localhost:http        | port: not a number",
        "localhost:+80         | port: not a number",
        "localhost: 80         | endpoint: it has a space",
        "'localhost:80 '       | endpoint: it has a space",
        "' localhost:80'       | endpoint: it has a space",
        "local host:80         | endpoint: it has a space",
        "localhost:\uff18\uff10 | port: not a number",
        "localhost             | endpoint: no port",
        "''                    | endpoint: empty",
        "' '                   | endpoint: empty",
        ":80                   | host: empty",
        "::1:80                | endpoint: IPv6 without brackets",
        "fe80::1               | endpoint: IPv6 without brackets",
        "[::1]                 | endpoint: no port",
        "[127.0.0.1]:80        | endpoint: brackets are for IPv6 addresses",
        "[localhost]:80        | endpoint: brackets are for IPv6 addresses",
        "[]:80                 | endpoint: brackets are for IPv6 addresses",
        "2001:db8::1:80        | endpoint: IPv6 without brackets",
        "::ffff:127.0.0.1:80   | endpoint: IPv6 without brackets",
        "[::1:80               | endpoint: brackets do not enclose the host",
        "[::1]80               | endpoint: brackets do not enclose the host",
        "x[::1]:80             | endpoint: brackets do not enclose the host",
        "localhost:80:81       | endpoint: more than one colon",
        "10.0.0.1:80:81        | endpoint: more than one colon",
        "cafe:80:81            | endpoint: more than one colon",
        "tcp:localhost:80      | endpoint: more than one colon",
        "http://localhost:80   | endpoint: it has a scheme",
        "http://127.0.0.1:8080 | endpoint: it has a scheme",
        "https://orders        | endpoint: it has a scheme",
        "HTTPS://a:443/x       | endpoint: it has a scheme",
        "grpc://a:80           | endpoint: it has a scheme",
        "dns:///a:80           | endpoint: it has a scheme",
        "xds:///orders         | endpoint: it has a scheme",
        "peer:///orders        | endpoint: it has a scheme",
        "unix:/tmp/socket      | endpoint: it has a scheme",
        "http://[::1]:80       | endpoint: it has a scheme",
        "127.0.0.1:80/         | endpoint: it has a path",
        "a:80/orders           | endpoint: it has a path",
        "a:80?x=y              | endpoint: it has a path or a query",
        "/a:80                 | endpoint: it has a path",
        "user@a:80             | endpoint: it has a user",
        "a:80,b:81             | endpoint: it is a list"
      })
  void parse_saysWhatIsWrong(String text, String reason) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Endpoint.parse(text))
        .withMessageStartingWith(reason);
  }

  @Test
  void parse_refusesAMegabyte_inAShortMessage() {
    for (String text : new String[] {"a".repeat(1_000_000), ":".repeat(1_000_000)}) {
      for (String suffix : new String[] {"", ":80", "]:80"}) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> Endpoint.parse(text + suffix))
            .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(200));
      }
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Endpoint.parse("localhost:" + "1".repeat(1_000_000)))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(200));
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {31, 32})
  void everyAddress_keepsItsBytesThroughText(long seed) throws UnknownHostException {
    Random random = new Random(seed);
    for (int i = 0; i < 3_000; i++) {
      byte[] bytes = new byte[random.nextInt(4) == 0 ? 4 : 16];
      random.nextBytes(bytes);
      // Runs of zeros are what the short form is about.
      for (int group = 0; group < bytes.length; group += 2) {
        if (random.nextInt(2) == 0) {
          bytes[group] = 0;
          bytes[group + 1] = (byte) random.nextInt(2);
        }
      }
      InetAddress address = InetAddress.getByAddress(bytes);
      Endpoint endpoint = Endpoint.of(address, 80);

      assertThat(endpoint.literal()).contains(address);
      assertThat(Endpoint.parse(endpoint.toString())).isEqualTo(endpoint);
      // The JDK's own text is another spelling of the same address.
      assertThat(new Endpoint(address.getHostAddress(), 80)).isEqualTo(endpoint);
      if (address instanceof Inet6Address) {
        assertThat(endpoint.host()).isEqualTo(shortest(address.getHostAddress()));
      }
    }
  }

  /** The rule of RFC 5952 by brute force: replace each run of zeros, take the best. */
  private static String shortest(String full) {
    String[] groups = full.split(":", -1);
    String best = full;
    int longest = 1;
    for (int from = 0; from < 8; from++) {
      for (int to = from + 1; to <= 8; to++) {
        boolean zeros = true;
        for (int i = from; i < to; i++) {
          zeros &= groups[i].equals("0");
        }
        if (zeros && to - from > longest) {
          longest = to - from;
          String before = String.join(":", Arrays.copyOfRange(groups, 0, from));
          String after = String.join(":", Arrays.copyOfRange(groups, to, 8));
          best = before + "::" + after;
        }
      }
    }
    return best;
  }

  @ParameterizedTest
  @CsvSource({
    "10.1.2.3, 10.1.2.200, true",
    "10.1.2.3, 10.1.3.3, false",
    "10.1.2.3, 10.2.2.3, false",
    "10.1.2.3, 11.1.2.3, false",
    "10.1.2.3, ::ffff:10.1.2.9, true",
    "2001:db8:1::1, 2001:db8:1:ffff::1, true",
    "2001:db8:1::1, 2001:db8:2::1, false",
    "2001:db8:1::1, 2001:db9:1::1, false",
    "200.1.2.3, 200.1.2.4, true",
    "::a:102:300, 10.1.2.3, false"
  })
  void subnet_isThe24_orThe48(String one, String other, boolean same) {
    assertThat(new Endpoint(one, 1).subnet()).isPresent();
    assertThat(new Endpoint(one, 1).subnet().equals(new Endpoint(other, 2).subnet()))
        .isEqualTo(same);
    assertThat(new Endpoint(one, 1).subnet().getAsLong()).isBetween(0L, (1L << 49) - 1);
  }

  @Test
  void subnet_ofAName_isNone() {
    assertThat(new Endpoint("localhost", 1).subnet()).isEmpty();
  }

  @Test
  void several_areReadBetweenCommas_andAllOrNone() {
    assertThat(Endpoint.parseAll("a:1, [::1]:2"))
        .containsExactly(new Endpoint("a", 1), new Endpoint("::1", 2));
    assertThat(Endpoint.parseAll("a:1")).containsExactly(new Endpoint("a", 1));
    assertThatIllegalArgumentException().isThrownBy(() -> Endpoint.parseAll("a:1,,b:2"));
    assertThatIllegalArgumentException().isThrownBy(() -> Endpoint.parseAll(""));
  }

  @Test
  void hashCodes_tellHostsAndPortsApart() {
    Endpoint one = new Endpoint("10.0.0.1", 1);
    assertThat(one).hasSameHashCodeAs(new Endpoint("10.0.0.1", 1));
    assertThat(one.hashCode())
        .isNotEqualTo(new Endpoint("10.0.0.1", 2).hashCode())
        .isNotEqualTo(new Endpoint("10.0.0.2", 1).hashCode());
  }
}
