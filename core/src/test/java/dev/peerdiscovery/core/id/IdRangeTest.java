package dev.peerdiscovery.core.id;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdRangeTest {
  @ParameterizedTest
  @CsvSource({
    "0..16, 0, 16, 17",
    "7, 7, 7, 1",
    "7..7, 7, 7, 1",
    "0..1023, 0, 1023, 1024",
    "0x10..0x1f, 16, 31, 16",
    "4294967295..0x100000000, 4294967295, 0x100000000, 2"
  })
  void parse_readsBothEnds(String text, String first, String last, int size) {
    IdRange range = IdRange.parse(text);

    assertThat(range.first()).isEqualTo(NodeId.parse(first));
    assertThat(range.last()).isEqualTo(NodeId.parse(last));
    assertThat(range.size()).isEqualTo(size);
    assertThat(range.ids())
        .hasSize(size)
        .isSorted()
        .doesNotHaveDuplicates()
        .startsWith(range.first())
        .endsWith(range.last());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "..", "1..", "..1", "1...3", "1..2..3", "3..1", "a..b", "-1..3", "1 .. 3"})
  void parse_refusesWhatIsNoRange(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> IdRange.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0..1024", "0..4294967295", "0..0x8000000000000000", "1..0x10000000000000001"})
  void parse_refusesMoreThanFitsATable(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IdRange.parse(text))
        .withMessage("range: more than 1024 ids");
  }

  @Test
  void aRange_mayEndAtTheTopOfTheSpace() {
    NodeId top = NodeId.ZERO.complement();
    IdRange range = new IdRange(top.minus(NodeId.of(1023)), top);

    assertThat(range.size()).isEqualTo(1024);
    assertThat(range.ids()).hasSize(1024).isSorted().endsWith(top);
    assertThatIllegalArgumentException().isThrownBy(() -> new IdRange(NodeId.ZERO, top));
  }
}
