package dev.peerdiscovery.tests.trouble;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What the soak calls growth. */
class VitalsTest {
  private final Violations violations = new Violations(what -> {});
  private final Vitals vitals = new Vitals();

  private void add(int count, long threads) {
    for (int i = 0; i < count; i++) {
      vitals.add(new Vitals.Sample(50 << 20, threads + i % 3, 300));
    }
  }

  @Test
  void flat_isNone() {
    add(40, 80);
    assertThat(vitals.rows(violations)).contains("| threads | 81 | 81 |");
    assertThat(violations.counts()).isEmpty();
  }

  @Test
  void moreAtTheEndThanAtTheBegin_isOne() {
    add(20, 80);
    add(20, 110);
    assertThat(vitals.rows(violations)).contains("| threads | 81 | 111 |");
    assertThat(violations.counts()).containsOnlyKeys("growth");
  }

  @Test
  void aFewSamples_sayNothing() {
    add(2, 80);
    add(2, 200);
    assertThat(vitals.rows(violations)).anyMatch(row -> row.contains("too few samples"));
    assertThat(violations.counts()).isEmpty();
  }

  @Test
  void aSample_countsWhatThisProcessHas() {
    Vitals.Sample sample = Vitals.Sample.now();
    assertThat(sample.heapBytes()).isPositive();
    assertThat(sample.threads()).isPositive();
    assertThat(sample.files()).isPositive();
  }
}
