package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DepartedTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private static final long BEGIN = 1_000 * SECOND;

  private final Departed departed = new Departed(EngineConfig.defaults());

  @Test
  void pause_doublesFrom5To30Seconds_andAfterTenMinutesTo4Minutes() {
    departed.add(Rig.contact(1), 0);
    List<Long> pauses = new ArrayList<>();
    long now = 0;
    while (now < 20 * 60 * SECOND) {
      long next = departed.nextRetry();
      pauses.add((next - now) / SECOND);
      now = next;
      assertThat(departed.takeDue(now - 1)).isEmpty();
      assertThat(departed.takeDue(now)).contains(Rig.contact(1));
      assertThat(departed.takeDue(now)).isEmpty();
    }

    assertThat(pauses.subList(0, 5)).containsExactly(5L, 10L, 20L, 30L, 30L);
    assertThat(pauses.subList(5, pauses.size() - 4)).containsOnly(30L);
    assertThat(pauses.subList(pauses.size() - 4, pauses.size()))
        .containsExactly(60L, 120L, 240L, 240L);
  }

  @Test
  void onlyThoseThatWentWithoutAFarewell_areLost() {
    assertThat(departed.hasLost()).isFalse();
    departed.add(Rig.contact(1), true, 0);
    assertThat(departed.hasLost()).isFalse();
    departed.add(Rig.contact(2), false, 0);
    assertThat(departed.hasLost()).isTrue();
    departed.remove(NodeId.of(2));
    assertThat(departed.hasLost()).isFalse();
  }

  @Test
  void forgets_after48Hours() {
    departed.add(Rig.contact(1), 0);
    long twoDays = Duration.ofDays(2).toNanos();

    assertThat(departed.takeDue(twoDays)).isPresent();
    assertThat(departed.takeDue(twoDays + Duration.ofMinutes(4).toNanos())).isEmpty();
    assertThat(departed.size()).isZero();
    assertThat(departed.nextRetry()).isEqualTo(Part.NEVER);
  }

  @Test
  void add_keepsTheNewest256() {
    for (int i = 0; i < 1000; i++) {
      departed.add(Rig.contact(i), i);
    }

    assertThat(departed.size()).isEqualTo(256);
    assertThat(departed.contains(NodeId.of(743))).isFalse();
    assertThat(departed.contains(NodeId.of(744))).isTrue();
    assertThat(departed.contains(NodeId.of(999))).isTrue();
  }

  @Test
  void add_again_beginsAnew() {
    departed.add(Rig.contact(1), 0);
    departed.takeDue(5 * SECOND);
    departed.add(Rig.contact(1), 100 * SECOND);

    assertThat(departed.size()).isEqualTo(1);
    assertThat(departed.nextRetry()).isEqualTo(105 * SECOND);
  }

  @Test
  void remove_endsTheRetries() {
    departed.add(Rig.contact(1), 0);
    departed.remove(NodeId.of(1));

    assertThat(departed.takeDue(5 * SECOND)).isEmpty();
  }

  @Test
  void takeDue_comesRoundToEveryone_whenMoreAreDueThanAreCalled() {
    for (int i = 0; i < 256; i++) {
      departed.add(Rig.contact(i), 0);
    }
    Set<NodeId> called = new HashSet<>();
    for (int second = 5; second < 5 + 256; second++) {
      departed.takeDue(second * SECOND).ifPresent(contact -> called.add(contact.id()));
    }

    assertThat(called).hasSize(256);
  }

  @Test
  void newestFirst_beginsWithTheLastThatWentAway_andOneThatWentAgainIsTheNewest() {
    departed.add(Rig.contact(1), 0);
    departed.add(Rig.contact(2), 1);
    departed.add(Rig.contact(3), 2);
    departed.add(Rig.contact(1), 3);

    assertThat(departed.newestFirst())
        .containsExactly(Rig.contact(1), Rig.contact(3), Rig.contact(2));
    assertThat(departed.remove(NodeId.of(3))).isTrue();
    assertThat(departed.remove(NodeId.of(3))).isFalse();
    assertThat(departed.contains(NodeId.of(3))).isFalse();
    assertThat(departed.newestFirst()).containsExactly(Rig.contact(1), Rig.contact(2));
  }

  @Test
  void ofThoseDueAtOnce_theOldestIsFirst() {
    departed.add(Rig.contact(2), 0);
    departed.add(Rig.contact(1), 0);

    assertThat(departed.takeDue(5 * SECOND)).contains(Rig.contact(2));
    assertThat(departed.takeDue(5 * SECOND)).contains(Rig.contact(1));
  }

  /** The time in which pauses stay short begins when it went away, and ends after ten minutes. */
  @Test
  void pause_mayGrowBeyond30Seconds_fromTenMinutesOn() {
    for (int i = 1; i <= 2; i++) {
      departed.add(Rig.contact(i), BEGIN);
    }
    for (int second = 5; second <= 300; second += 5) {
      departed.takeDue(BEGIN + second * SECOND);
      departed.takeDue(BEGIN + second * SECOND);
    }
    departed.takeDue(BEGIN + 600 * SECOND - 1);
    departed.takeDue(BEGIN + 600 * SECOND);

    assertThat(departed.nextRetry()).isEqualTo(BEGIN + 630 * SECOND - 1);
    departed.takeDue(BEGIN + 630 * SECOND - 1);
    assertThat(departed.nextRetry()).isEqualTo(BEGIN + 660 * SECOND);
  }

  @Test
  void oneThatIsTooLongGone_isForgotten_andTheNextThatIsDueIsCalled() {
    long later = Duration.ofDays(2).toNanos() + 1;
    departed.add(Rig.contact(1), 0);
    departed.add(Rig.contact(2), later - 10 * SECOND);

    assertThat(departed.takeDue(later)).contains(Rig.contact(2));
    assertThat(departed.contains(NodeId.of(1))).isFalse();
    assertThat(departed.size()).isEqualTo(1);
  }
}
