package dev.peerdiscovery.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstanceTest {
  private static Instance saying(String authority) {
    return new Instance(
        new Endpoint("10.0.0.1", 8080),
        Map.of(Instance.AUTHORITY, authority),
        NodeId.of(1),
        Duration.ZERO);
  }

  @ParameterizedTest
  @ValueSource(strings = {"orders", "orders.example:443", "10.0.0.1:80", "[2001:db8::1]:80"})
  void authority_isWhatTheMetadataSays(String authority) {
    assertThat(saying(authority).authority()).contains(authority);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "bad authority/@x y", "a\r\nb", "user@host", "host:port", "[::1"})
  void authority_isNone_whereItIsNoHost(String authority) {
    assertThat(saying(authority).authority()).isEmpty();
  }
}
