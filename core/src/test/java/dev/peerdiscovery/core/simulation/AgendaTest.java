package dev.peerdiscovery.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AgendaTest {
  private record Entry(long atNanos, int number) implements Comparable<Entry> {
    @Override
    public int compareTo(Entry other) {
      int order = Long.compare(atNanos, other.atNanos);
      return order == 0 ? Integer.compare(number, other.number) : order;
    }
  }

  /** Few different times, so that many are equal. */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void entries_comeByTime_andAmongEqualsInTheOrderOfAdding(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Agenda agenda = new Agenda();
    PriorityQueue<Entry> expected = new PriorityQueue<>();
    for (int i = 0; i < 20_000; i++) {
      if (random.nextInt(5) < 3 || expected.isEmpty()) {
        Entry entry = new Entry(random.nextInt(200), i);
        agenda.add(entry.atNanos, entry);
        expected.add(entry);
      } else {
        assertThat(agenda.nextNanos()).isEqualTo(expected.element().atNanos);
        assertThat(agenda.remove()).as("seed " + seed).isEqualTo(expected.remove());
      }
    }
    while (!expected.isEmpty()) {
      assertThat(agenda.remove()).as("seed " + seed).isEqualTo(expected.remove());
    }
    assertThat(agenda.isEmpty()).isTrue();
    assertThat(agenda.nextNanos()).isEqualTo(Long.MAX_VALUE);
  }
}
