package dev.peerdiscovery.core.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressPolicyTest {
  /** Columns: private from elsewhere, private on loopback, public, loopback. */
  @ParameterizedTest
  @CsvSource({
    // Public.
    "8.8.8.8, +, +, +, -",
    "2001:4860:4860::8888, +, +, +, -",
    "100.63.255.255, +, +, +, -",
    "100.128.0.0, +, +, +, -",
    "172.15.255.255, +, +, +, -",
    "172.32.0.0, +, +, +, -",
    "223.255.255.255, +, +, +, -",
    // Private.
    "10.0.0.1, +, +, -, -",
    "172.16.0.1, +, +, -, -",
    "172.31.255.255, +, +, -, -",
    "192.168.0.1, +, +, -, -",
    "100.64.0.1, +, +, -, -",
    "100.127.255.255, +, +, -, -",
    "fc00::1, +, +, -, -",
    "fdff::1, +, +, -, -",
    "fec0::1, +, +, -, -",
    "::ffff:10.0.0.1, +, +, -, -",
    // Loopback.
    "127.0.0.1, -, +, -, +",
    "127.255.255.254, -, +, -, +",
    "::1, -, +, -, +",
    "::ffff:127.0.0.1, -, +, -, +",
    // Never.
    "0.0.0.0, -, -, -, -",
    "0.1.2.3, -, -, -, -",
    "::, -, -, -, -",
    "169.254.169.254, -, -, -, -",
    "::ffff:169.254.169.254, -, -, -, -",
    "fe80::1, -, -, -, -",
    "224.0.0.1, -, -, -, -",
    "239.255.255.255, -, -, -, -",
    "ff02::1, -, -, -, -",
    "240.0.0.1, -, -, -, -",
    "255.255.255.255, -, -, -, -",
    // Judged by the IPv4 address that a translator or tunnel would lead to.
    "64:ff9b::8.8.8.8, +, +, +, -",
    "64:ff9b::10.0.0.1, +, +, -, -",
    "64:ff9b::127.0.0.1, -, +, -, -",
    "64:ff9b::169.254.169.254, -, -, -, -",
    "64:ff9b:1::8.8.8.8, +, +, +, -",
    "64:ff9b:1::10.0.0.1, +, +, -, -",
    "64:ff9b:1::169.254.169.254, -, -, -, -",
    "64:ff9b:1:2::127.0.0.1, -, +, -, -",
    "::ffff:0:10.0.0.1, +, +, -, -",
    "::ffff:0:169.254.169.254, -, -, -, -",
    "2001::5601:5601, -, -, -, -",
    "168.63.129.16, -, -, -, -",
    "2002:808:808::1, +, +, +, -",
    "2002:a00:1::1, +, +, -, -",
    "2002:7f00:1::1, -, +, -, -",
    "2002:a9fe:a9fe::1, -, -, -, -",
    "::8.8.8.8, +, +, +, -",
    "::10.0.0.1, +, +, -, -",
    "::127.0.0.1, -, +, -, -",
    "::2, -, -, -, -",
    // Names.
    "orders.example, +, +, -, -",
    "mylocalhost, +, +, -, -",
    "localhost.example, +, +, -, -",
    "localhost, -, +, -, +",
    "LOCALHOST, -, +, -, +",
    "api.localhost, -, +, -, +",
    "localhost., -, +, -, +",
    "api.localhost., -, +, -, +"
  })
  void allows(String host, char elsewhere, char onLoopback, char inPublic, char inLoopback) {
    assertAllows(AddressPolicy.of(Scope.PRIVATE, false), host, elsewhere);
    assertAllows(AddressPolicy.of(Scope.PRIVATE, true), host, onLoopback);
    for (boolean self : new boolean[] {false, true}) {
      assertAllows(AddressPolicy.of(Scope.PUBLIC, self), host, inPublic);
      assertAllows(AddressPolicy.of(Scope.LOOPBACK, self), host, inLoopback);
    }
  }

  private static void assertAllows(AddressPolicy policy, String host, char expected) {
    Endpoint endpoint = new Endpoint(host, 7400);

    assertThat(policy.allows(endpoint))
        .as("%s in %s", host, policy.scope())
        .isEqualTo(expected == '+');
    // The address that a dial meets is judged as the text was.
    endpoint
        .literal()
        .ifPresent(address -> assertThat(policy.allows(address)).isEqualTo(expected == '+'));
  }

  @Test
  void scope_isTheOneGiven() {
    for (Scope scope : Scope.values()) {
      assertThat(AddressPolicy.of(scope, true).scope()).isEqualTo(scope);
    }
  }

  @Test
  void portsOfOtherServices_areRefusedInPublic_unlessAllowed() {
    AddressPolicy open = AddressPolicy.of(Scope.PUBLIC, false);
    for (int port : new int[] {22, 25, 53, 3306, 6379, 11211}) {
      Endpoint endpoint = new Endpoint("8.8.8.8", port);
      assertThat(open.allows(endpoint)).isFalse();
      assertThat(open.allowingPorts(Set.of(port)).allows(endpoint)).isTrue();
      assertThat(open.allowingPorts(Set.of(1)).allows(endpoint)).isFalse();
      assertThat(AddressPolicy.of(Scope.PRIVATE, false).allows(endpoint)).isTrue();
    }
    for (int port : new int[] {80, 443, 7400, 8080, 50051, 65_535}) {
      assertThat(open.allows(new Endpoint("8.8.8.8", port))).isTrue();
    }
  }
}
