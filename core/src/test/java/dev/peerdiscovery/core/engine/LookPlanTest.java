package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** When a region is looked at. */
class LookPlanTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final long FIVE_MINUTES = 300 * SECOND;

  private final Rig rig = new Rig();
  private final LookPlan plan = new LookPlan(rig.lookers());

  private void look(int region, boolean isVain) {
    assertThat(plan.begins(0)).isTrue();
    assertThat(plan.begins(0)).as("one at a time").isFalse();
    assertThat(plan.nextWake()).isEqualTo(Part.NEVER);
    plan.ended(region, isVain, SECOND);
  }

  @Test
  void theNextLook_comesAfterFiveToSixMinutes() {
    look(5, false);
    assertThat(plan.nextWake()).isBetween(SECOND + FIVE_MINUTES, SECOND + 360 * SECOND);
    assertThat(plan.begins(plan.nextWake() - 1)).isFalse();
    assertThat(plan.begins(plan.nextWake())).isTrue();
  }

  @Test
  void afterOneThatWasOfNoUse_itTakesTwiceAsLong() {
    look(5, true);
    assertThat(plan.nextWake()).isBetween(SECOND + 2 * FIVE_MINUTES, SECOND + 720 * SECOND);
  }

  @Test
  void afterOneThatFoundNobody_itComesSoon() {
    look(0, true);
    assertThat(plan.nextWake()).isEqualTo(3 * SECOND);
  }

  @Test
  void whereManyFailed_itComesHalfAMinuteAfterTheLastBegan() {
    look(5, false);
    plan.hasten();
    assertThat(plan.nextWake()).isEqualTo(30 * SECOND);
  }

  @Test
  void whereManyCameBack_itComesAsSoon_andOnceForThem() {
    look(5, false);
    for (int i = 1; i <= 3; i++) {
      rig.departed.add(Rig.contact(i), 0);
    }
    rig.earn(SECOND, NodeId.of(1), NodeId.of(2));
    assertThat(plan.begins(30 * SECOND)).as("two are few").isFalse();
    rig.earn(SECOND, NodeId.of(3));
    assertThat(plan.begins(30 * SECOND - 1)).isFalse();
    assertThat(plan.begins(30 * SECOND)).isTrue();
    plan.ended(5, false, 31 * SECOND);
    assertThat(plan.begins(90 * SECOND)).isFalse();
  }

  @Test
  void whereWhatIsKnownIsInDoubt_itComesWithinASecond_butNotWithinTwoOfTheLast() {
    look(5, false);
    plan.soon(SECOND);
    assertThat(plan.nextWake()).isBetween(2 * SECOND, 3 * SECOND);
    plan.soon(100 * SECOND);
    assertThat(plan.begins(plan.nextWake())).isTrue();
    plan.ended(5, false, 100 * SECOND);
    plan.again(100 * SECOND);
    assertThat(plan.nextWake()).isEqualTo(102 * SECOND);
  }

  @Test
  void soon_isSpreadOverASecond() {
    look(5, false);
    plan.soon(100 * SECOND);
    assertThat(plan.nextWake()).isBetween(100 * SECOND, 101 * SECOND);
    assertThat(plan.nextWake() % SECOND).as("drawn").isNotZero();
  }

  @Test
  void aNodeThatIsNotReady_orIsBusy_triesAgainSoon() {
    Lookers ready = rig.lookers();
    boolean[] isReady = new boolean[1];
    LookPlan waiting =
        new LookPlan(
            new Lookers(
                ready.config(),
                ready.self(),
                ready.verifier(),
                ready.contacts(),
                ready.lookups(),
                ready.calls(),
                ready.events(),
                () -> isReady[0],
                ready.isAlone(),
                ready.jitter()));
    assertThat(waiting.begins(0)).isFalse();
    assertThat(waiting.nextWake()).isEqualTo(2 * SECOND);
    isReady[0] = true;
    for (int i = 0; i < rig.config.lookupsMax(); i++) {
      rig.lookup(NodeId.of(1_000 + i), Rig.record(NodeId.of(7)));
    }
    assertThat(waiting.begins(2 * SECOND)).as("too many lookups").isFalse();
    assertThat(waiting.nextWake()).isEqualTo(4 * SECOND);
    rig.lookups.endAll(4 * SECOND);
    assertThat(waiting.begins(4 * SECOND)).isTrue();
  }
}
