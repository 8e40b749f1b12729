package dev.peerdiscovery.tests.trouble;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the soak calls lost and gone, in a time of its own. */
class LedgerTest {
  private static final Duration LOST = Duration.ofSeconds(30);
  private static final Duration GONE = Duration.ofSeconds(35);

  private final List<String> said = new ArrayList<>();
  private final Violations violations = new Violations(said::add);
  private long nanos;
  private final RunningTime time = new RunningTime(() -> nanos);
  private final Ledger ledger = new Ledger(time, violations, LOST, GONE);
  private final int number = ledger.draw("orders", "an instance");

  private void pass(Duration duration, List<Integer> shown) {
    for (long i = 0; i < duration.toSeconds(); i++) {
      nanos += 1_000_000_000;
      ledger.look("a watch", 0, "orders", shown);
    }
  }

  @Test
  void whatIsWantedAndMissing_isLost_afterItsTime_onceAtAPlace() {
    ledger.want(number);
    pass(LOST, List.of());
    assertThat(said).isEmpty();
    pass(Duration.ofSeconds(5), List.of());
    assertThat(said).singleElement().asString().startsWith("BROKEN lost: a watch does not show");
    ledger.look("another", 0, "orders", List.of());
    assertThat(violations.counts()).containsEntry("lost", 2);
  }

  @Test
  void whatIsShownInBetween_isNotLost() {
    ledger.want(number);
    for (int i = 0; i < 3; i++) {
      pass(LOST.minusSeconds(1), List.of());
      pass(Duration.ofSeconds(1), List.of(number));
    }
    assertThat(said).isEmpty();
  }

  @Test
  void whatIsUnwantedAndShown_isGone_afterItsTime_andUndecidedIsNeither() {
    pass(GONE.multipliedBy(2), List.of(number));
    pass(GONE.multipliedBy(2), List.of());
    assertThat(said).isEmpty();
    ledger.reject(number);
    pass(GONE, List.of(number));
    assertThat(said).isEmpty();
    pass(Duration.ofSeconds(1), List.of(number));
    assertThat(said).singleElement().asString().startsWith("BROKEN gone: a watch shows");
  }

  @Test
  void aPlaceThatHasJustBegun_hasItsTimeToo() {
    ledger.want(number);
    pass(LOST.minusSeconds(1), List.of());
    long restarted = time.nanos();
    nanos += 1_000_000_000;
    ledger.look("a watch", restarted, "orders", List.of());
    assertThat(said).isEmpty();
  }

  @Test
  void whatWasForgotten_mustNotComeBack() {
    ledger.reject(number);
    pass(GONE.multipliedBy(11), List.of());
    ledger.forget();
    ledger.look("a watch", 0, "orders", List.of(number));
    assertThat(said).singleElement().asString().contains("ended long ago");
  }

  @Test
  void theDifference_namesWhatIsTooMuchAndTooLittle() {
    int other = ledger.draw("orders", "another");
    ledger.want(number);
    ledger.reject(other);
    assertThat(ledger.difference("orders", List.of(other)))
        .containsExactly("+" + other + " (another)", "-" + number + " (an instance)");
    assertThat(ledger.difference("orders", List.of(number))).isEmpty();
    assertThat(ledger.wantedFor("orders", LOST)).isZero();
    pass(LOST.plusSeconds(1), List.of(number));
    assertThat(ledger.wantedFor("orders", LOST)).isOne();
  }

  @Test
  void aPauseOfTheProcess_countsASecond() {
    ledger.want(number);
    pass(Duration.ofSeconds(20), List.of());
    nanos += Duration.ofMinutes(1).toNanos();
    ledger.look("a watch", 0, "orders", List.of());
    assertThat(said).isEmpty();
    assertThat(time.nanos()).isEqualTo(Duration.ofSeconds(21).toNanos());
  }
}
