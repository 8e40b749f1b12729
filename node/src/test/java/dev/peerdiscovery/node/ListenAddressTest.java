package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListenAddressTest {
  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:0, 127.0.0.1, 0",
    "0.0.0.0:7400, 0.0.0.0, 7400",
    "[::]:0, ::, 0",
    "[0:0::1]:65535, ::1, 65535",
    "Host.Example:10, host.example, 10"
  })
  void text_isRead(String text, String host, int port) {
    assertThat(ListenAddress.parse(text)).isEqualTo(new ListenAddress(host, port));
    assertThat(ListenAddress.parse(ListenAddress.parse(text).toString()))
        .isEqualTo(new ListenAddress(host, port));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":0",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:-1",
        "127.0.0.1:65536",
        "::1:0",
        "[127.0.0.1]:0",
        "0177.0.0.1:0",
        "a b:0",
        "127.0.0.1:0x10"
      })
  void textThatIsNone_isRefused(String text) {
    assertThatThrownBy(() -> ListenAddress.parse(text))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void wildcardAndLoopback_areKnown() {
    assertThat(ListenAddress.parse("0.0.0.0:0").isWildcard()).isTrue();
    assertThat(ListenAddress.parse("[::]:0").isWildcard()).isTrue();
    assertThat(ListenAddress.parse("127.0.0.1:0").isWildcard()).isFalse();
    assertThat(ListenAddress.parse("127.1.2.3:0").isLoopback()).isTrue();
    assertThat(ListenAddress.parse("[::1]:0").isLoopback()).isTrue();
    assertThat(ListenAddress.parse("localhost:0").isLoopback()).isTrue();
    assertThat(ListenAddress.parse("10.0.0.1:0").isLoopback()).isFalse();
  }
}
