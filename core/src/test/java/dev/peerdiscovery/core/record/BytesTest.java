package dev.peerdiscovery.core.record;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BytesTest {
  @Test
  void copyOf_keepsNothingOfTheArray() {
    byte[] source = {1, 2, 3};
    Bytes bytes = Bytes.copyOf(source);

    source[0] = 9;
    bytes.toArray()[1] = 9;

    assertThat(bytes.toArray()).containsExactly(1, 2, 3);
    assertThat(bytes.size()).isEqualTo(3);
    assertThat(bytes.isEmpty()).isFalse();
  }

  @Test
  void areEqual_byContent() {
    Bytes bytes = Bytes.copyOf(new byte[] {1, 2, 3});

    assertThat(bytes)
        .isEqualTo(Bytes.copyOf(new byte[] {1, 2, 3}))
        .hasSameHashCodeAs(Bytes.copyOf(new byte[] {1, 2, 3}))
        .isNotEqualTo(Bytes.copyOf(new byte[] {1, 2, 4}))
        .isNotEqualTo(Bytes.copyOf(new byte[] {1, 2}))
        .isNotEqualTo(Bytes.EMPTY)
        .isNotEqualTo(new byte[] {1, 2, 3});
    // One hash, other bytes: -1 * 31 + 31 == 0 * 31 + 0.
    assertThat(Bytes.copyOf(new byte[] {-1, 31}))
        .hasSameHashCodeAs(Bytes.copyOf(new byte[] {0, 0}))
        .isNotEqualTo(Bytes.copyOf(new byte[] {0, 0}));
  }

  @Test
  void empty_isOne() {
    assertThat(Bytes.copyOf(new byte[0])).isSameAs(Bytes.EMPTY).hasToString("");
    assertThat(Bytes.EMPTY.isEmpty()).isTrue();
    assertThat(Bytes.EMPTY.toArray()).isEmpty();
  }

  @Test
  void toString_isHex() {
    assertThat(Bytes.copyOf(new byte[] {0, 127, -1})).hasToString("007fff");
  }
}
