package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
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
  void aTurnRightAfterItWasTold_isToldToo() {
    look(1 + Watchdog.PATIENCE);
    turns++;
    look(1);
    assertThat(told).containsExactly(false, true);
  }

  @Test
  void begun_looksByItself_untilItIsStopped() {
    AtomicInteger looks = new AtomicInteger();
    Watchdog running = new Watchdog(looks::incrementAndGet, () -> {}, alive -> {});
    running.begin(Duration.ofMillis(1));
    await().atMost(Duration.ofSeconds(20)).until(() -> looks.get() > 3);
    running.stop();
    int then = looks.get();
    assertThat(running.look()).isFalse();
    assertThat(looks.get()).isEqualTo(then);
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
