package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WatchdogTest {
  private final List<Boolean> told = new ArrayList<>();
  private long turns = 7;
  private int probes;
  private final Watchdog watchdog = new Watchdog(() -> turns, () -> probes++, told::add);

  private void look(int times) {
    for (int i = 0; i < times; i++) {
      assertThat(watchdog.look()).isTrue();
    }
  }

  @Test
  void ownerThatTakesTurns_isAsked_andNothingIsTold() {
    for (int i = 0; i < 10; i++) {
      look(1);
      assertThat(probes).isEqualTo(i + 1);
      turns++;
    }
    assertThat(told).isEmpty();
  }

  @Test
  void ownerThatTakesNone_isToldOnce_andWhenItIsBack() {
    look(Watchdog.PATIENCE);
    assertThat(told).isEmpty();
    look(1);
    assertThat(told).containsExactly(false);
    look(5);
    assertThat(told).containsExactly(false);
    assertThat(probes).as("one waits already").isEqualTo(1);
    turns++;
    look(1);
    assertThat(told).containsExactly(false, true);
    assertThat(probes).isEqualTo(2);
    look(Watchdog.PATIENCE);
    assertThat(told).as("a second time").containsExactly(false, true, false);
  }

  @Test
  void aTurnMeanwhile_beginsTheCountAnew() {
    look(Watchdog.PATIENCE);
    turns++;
    look(Watchdog.PATIENCE);
    assertThat(told).isEmpty();
  }

  @Test
  void stopped_looksNoMore() {
    watchdog.stop();
    assertThat(watchdog.look()).isFalse();
    assertThat(probes).isZero();
  }
}
