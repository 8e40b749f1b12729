package dev.peerdiscovery.tests.trouble;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the soak calls a hang, in a time of its own. */
class PatienceTest {
  private static final Duration BOUND = Duration.ofSeconds(10);
  private static final Duration SLACK = Duration.ofSeconds(5);

  private final List<String> said = new ArrayList<>();
  private final Violations violations = new Violations(said::add);
  private long nanos;
  private final RunningTime time = new RunningTime(() -> nanos);
  private final Patience patience = new Patience(time, violations);

  private void pass(Duration duration) {
    for (long i = 0; i < duration.toSeconds(); i++) {
      nanos += 1_000_000_000;
      patience.check();
    }
  }

  @Test
  void whatTakesLongerThanItMay_isAHang_once() {
    Patience.Act act = patience.blocking("to wait", BOUND);
    pass(BOUND.plus(SLACK));
    assertThat(said).isEmpty();
    pass(Duration.ofSeconds(3));
    assertThat(said).singleElement().asString().startsWith("BROKEN hang: to wait").contains(" at ");
    act.ended("ok");
    assertThat(patience.underWay()).isZero();
    assertThat(patience.rows()).last().isEqualTo("| to wait | 1 | 18000 | 15000 | 1 | {ok=1} |");
  }

  @Test
  void whatIsOverInTime_isNone() {
    Patience.Act act = patience.promised("to wait", BOUND);
    pass(BOUND);
    act.ended("ok");
    pass(BOUND.multipliedBy(10));
    assertThat(said).isEmpty();
  }

  @Test
  void whatIsInterrupted_hasToEndAtOnce() {
    Patience.Act act = patience.blocking("to wait", BOUND);
    act.interrupt(Duration.ZERO);
    assertThat(Thread.interrupted()).isTrue();
    pass(SLACK.plusSeconds(1));
    assertThat(said).hasSize(1);
    act.ended("CANCELLED");
    act.interrupt(Duration.ZERO);
    assertThat(Thread.interrupted()).isFalse();
  }
}
