package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whom the node leaves alone: busy peers, those that break rules, hosts that it just tried. */
class DialsTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final Outcome INVALID =
      new Failure(Failure.Kind.INVALID_ANSWER, "the answer is malformed");
  private static final Endpoint AT = new Endpoint("10.0.0.1", 7400);

  private final Dials dials = new Dials();
  private final Rig rig = new Rig();
  private final Contact peer = Rig.contact(1);

  @Test
  void busy_isPausedForAsLongAsItAskedFor() {
    dials.busy(AT, Duration.ofSeconds(3), 0);

    assertThat(dials.isPaused(AT, 3 * SECOND - 1)).isTrue();
    assertThat(dials.isPaused(new Endpoint("10.0.0.1", 7401), 0)).isFalse();
    assertThat(dials.isPaused(AT, 3 * SECOND)).isFalse();
    dials.busy(AT, Duration.ZERO, 0);
    assertThat(dials.isPaused(AT, 0)).isFalse();
  }

  @Test
  void threeViolationsWithinAMinute_areQuarantinedForTen() {
    assertThat(dials.violated(AT, 0)).isFalse();
    assertThat(dials.violated(AT, 30 * SECOND)).isFalse();
    // The first is too long ago.
    assertThat(dials.violated(AT, 61 * SECOND)).isFalse();
    assertThat(dials.violated(AT, 62 * SECOND)).isFalse();
    assertThat(dials.isPaused(AT, 62 * SECOND)).isFalse();
    assertThat(dials.violated(AT, 63 * SECOND)).isTrue();
    assertThat(dials.isPaused(AT, 662 * SECOND)).isTrue();
    assertThat(dials.isPaused(AT, 663 * SECOND)).isFalse();
  }

  @Test
  void hostThatIsTried_isTriedAgainAfterTenSeconds_unlessItAnswered() {
    Endpoint other = new Endpoint("10.0.0.1", 9999);
    assertThat(dials.mayTry(AT, 0)).isTrue();
    assertThat(dials.mayTry(AT, 1)).isFalse();
    assertThat(dials.mayTry(other, 10 * SECOND - 1)).isFalse();
    assertThat(dials.mayTry(new Endpoint("10.0.0.2", 7400), 1)).isTrue();
    dials.answered(AT);
    assertThat(dials.mayTry(AT, 2)).isTrue();
    assertThat(dials.mayTry(other, 2)).isFalse();
    assertThat(dials.mayTry(other, 10 * SECOND)).isTrue();
  }

  @Tag("slow")
  @Test
  void memory_isBounded_whateverIsNoted() {
    for (int i = 0; i < 3 * Dials.MAX; i++) {
      Endpoint one = new Endpoint("10.%d.%d.1".formatted(i >> 8, i & 0xff), 7400);
      dials.busy(one, Duration.ofSeconds(1), i);
      dials.violated(one, i);
      dials.mayTry(one, i);
      dials.answered(one);
    }
    assertThat(dials.size()).isEqualTo(4 * Dials.MAX);
  }

  @Test
  void lookup_leavesABusyContactAlone_untilItsPauseIsOver_andKeepsIt() {
    rig.contacts.earned(peer, 0);
    Outcome busy = new Refusal(Refusal.Reason.OVERLOADED, "too much to do", Duration.ofSeconds(5));
    for (int i = 0; i < 10; i++) {
      rig.contacts.failed(peer, busy, 0, 0);
    }

    assertThat(askedBy(5 * SECOND - 1)).isEmpty();
    assertThat(askedBy(5 * SECOND)).contains(peer.endpoint());
    assertThat(rig.table.contact(peer.id())).isPresent();
    assertThat(rig.table.suspects()).isZero();
    assertThat(rig.departed.size()).isZero();
  }

  private Optional<Endpoint> askedBy(long nowNanos) {
    rig.lookups.start(
        peer.id(),
        Event.Purpose.REQUESTED,
        true,
        new Lookups.Companion() {
          @Override
          public boolean answered(
              Contact from,
              java.util.List<dev.peerdiscovery.core.record.SignedPeerRecord> named,
              long now) {
            return false;
          }

          @Override
          public void ended(long now) {}
        },
        nowNanos);
    rig.lookups.advance(nowNanos);
    return rig.calls.drain().stream().map(Call::to).findFirst();
  }

  @Test
  void contactWhoseAnswersAreMalformed_isLost_andItsRecordNotCalled() {
    rig.contacts.earned(peer, 0);
    rig.contacts.failed(peer, INVALID, 0, 1);
    rig.contacts.failed(peer, INVALID, 2, 3);
    assertThat(rig.table.contact(peer.id())).isPresent();
    rig.contacts.failed(peer, INVALID, 4, 5);

    assertThat(rig.table.contact(peer.id())).isEmpty();
    assertThat(rig.events.drain()).contains(new Event.ContactLost(peer, Event.Loss.QUARANTINED));
    rig.hints.offer(Rig.record(NodeId.of(1)), SECOND);
    rig.hints.advance(SECOND);
    assertThat(rig.calls.drain()).isEmpty();
    assertThat(rig.events.drain()).contains(new Event.HintDropped(NodeId.of(1), Event.Drop.PAUSED));
  }

  @Test
  void pause_saysWhatIsLeft_andIsForgottenWhenItIsOver() {
    assertThat(dials.pauseNanos(AT, 0)).isZero();
    dials.busy(AT, Duration.ofSeconds(3), SECOND);

    assertThat(dials.pauseNanos(AT, 2 * SECOND)).isEqualTo(2 * SECOND);
    assertThat(dials.pauseNanos(new Endpoint("10.0.0.9", 1), 2 * SECOND)).isZero();
    assertThat(dials.size()).isEqualTo(1);
    assertThat(dials.pauseNanos(AT, 4 * SECOND)).isZero();
    assertThat(dials.size()).isZero();
  }

  @Test
  void violations_aMinuteApart_stillCountTogether() {
    dials.violated(AT, 0);
    dials.violated(AT, 30 * SECOND);
    assertThat(dials.violated(AT, 60 * SECOND)).isTrue();
    assertThat(dials.violated(AT, 61 * SECOND)).as("counted anew").isFalse();
  }

  /** What is noted again is not what is forgotten first. */
  @Test
  void whatWasNotedAgain_isTheNewest() {
    dials.busy(AT, Duration.ofSeconds(1), 0);
    Endpoint second = new Endpoint("10.0.0.2", 7400);
    dials.busy(second, Duration.ofSeconds(1), 0);
    dials.busy(AT, Duration.ofSeconds(1), 0);
    for (int port = 1; port < Dials.MAX; port++) {
      dials.busy(new Endpoint("10.0.0.3", port), Duration.ofSeconds(1), 0);
    }

    assertThat(dials.isPaused(AT, 0)).isTrue();
    assertThat(dials.isPaused(second, 0)).isFalse();
    assertThat(dials.size()).isEqualTo(Dials.MAX);
  }

  @Test
  void tries_areCountedFromWhenTheyWere_andAllThatIsNotedIsCounted() {
    assertThat(dials.mayTry(AT, 100 * SECOND)).isTrue();
    assertThat(dials.mayTry(AT, 110 * SECOND - 1)).isFalse();
    assertThat(dials.mayTry(AT, 110 * SECOND)).isTrue();
    dials.busy(AT, Duration.ofSeconds(3), 0);
    dials.violated(AT, 0);
    dials.answered(AT);
    assertThat(dials.size()).isEqualTo(4);
  }
}
