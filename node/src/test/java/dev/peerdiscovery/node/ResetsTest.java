package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ResetsTest {
  private static final long SECOND = 1_000_000_000;

  private final AtomicInteger cutOff = new AtomicInteger();
  private final Resets resets = new Resets(3, cutOff::incrementAndGet);

  @Test
  void oneMoreThanMayBe_withinAWindow_cutsTheConnectionOff_once() {
    for (int i = 0; i < 3; i++) {
      resets.add(i * SECOND);
    }
    assertThat(cutOff).hasValue(0);
    resets.add(30 * SECOND);
    assertThat(cutOff).hasValue(1);
    resets.add(30 * SECOND);
    assertThat(cutOff).hasValue(1);
  }

  @Test
  void windowThatIsOver_isForgotten() {
    for (int window = 0; window < 5; window++) {
      for (int i = 0; i < 3; i++) {
        resets.add(window * 31L * SECOND);
      }
    }
    assertThat(cutOff).hasValue(0);
    resets.add(4 * 31L * SECOND + 1);
    assertThat(cutOff).hasValue(1);
  }
}
