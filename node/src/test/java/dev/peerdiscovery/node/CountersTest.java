package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.engine.Event;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CountersTest {
  private final Counters counters = new Counters();

  @Test
  void whatNeverHappened_isNotThere() {
    assertThat(counters.counter("never")).isSameAs(counters.counter("never"));
    assertThat(counters.counts()).isEmpty();
  }

  @Test
  void counts_byName() {
    counters.count("a");
    counters.counter("a").add(2);
    counters.count("b");
    assertThat(counters.counts()).isEqualTo(Map.of("a", 3L, "b", 1L));
  }

  @Test
  void events_haveNamesOfTheirOwn() {
    TestEngine.withAContact().engine().drainEvents().forEach(counters::count);
    counters.count(new Event.SelfDoubt(true));
    counters.count(new Event.SelfDoubt(true));
    counters.count(new Event.SelfDoubt(false));
    counters.count(new Event.HintParked(TestEngine.record(2).id()));
    assertThat(counters.counts())
        .containsEntry("contacts.earned", 1L)
        .containsEntry("lookups.JOIN", 1L)
        .containsEntry("self_doubts", 2L)
        .containsEntry("hints.parked", 1L)
        .doesNotContainKey("identity_collisions");
  }
}
