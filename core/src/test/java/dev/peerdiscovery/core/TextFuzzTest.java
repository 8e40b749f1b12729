package dev.peerdiscovery.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.peerdiscovery.core.id.IdRange;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/**
 * Whatever text is given for an id, a range of ids or an endpoint, it is read or refused with a
 * sentence of some length, and what was read is read again from what it is written as.
 *
 * <pre>
 * JAZZER_FUZZ=1 mvn test -pl core -Dtest=TextFuzzTest#id      fuzzes one
 * </pre>
 */
class TextFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void id(byte[] text) {
    isReadOrRefused(NodeId::parse, text);
  }

  @FuzzTest(maxDuration = "10m")
  void range(byte[] text) {
    try {
      IdRange range = IdRange.parse(string(text));
      assertThat(range.first().compareTo(range.last())).isNotPositive();
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).hasSizeBetween(10, 300);
    }
  }

  @FuzzTest(maxDuration = "10m")
  void endpoint(byte[] text) {
    isReadOrRefused(Endpoint::parse, text);
  }

  private static String string(byte[] text) {
    return new String(text, StandardCharsets.UTF_8);
  }

  private static <V> void isReadOrRefused(Function<String, V> parser, byte[] text) {
    V read;
    try {
      read = parser.apply(string(text));
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).hasSizeBetween(10, 300);
      return;
    }
    assertThat(parser.apply(read.toString())).isEqualTo(read);
  }
}
