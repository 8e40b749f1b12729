package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MailboxTest {
  private final Mailbox mailbox = new Mailbox(2);
  private final List<Runnable> owner = new ArrayList<>();
  private final List<Integer> told = new ArrayList<>();

  private Mailbox.Put put(int number) {
    return mailbox.put(() -> told.add(number), owner::add);
  }

  @Test
  void whatIsTooMuch_isDropped_untilTheOwnerHasTakenSome() {
    assertThat(put(1)).isEqualTo(Mailbox.Put.TAKEN);
    assertThat(put(2)).isEqualTo(Mailbox.Put.TAKEN);
    assertThat(put(3)).isEqualTo(Mailbox.Put.DROPPED);
    assertThat(mailbox.waiting()).isEqualTo(2);
    owner.get(0).run();
    assertThat(mailbox.waiting()).isEqualTo(1);
    assertThat(put(4)).isEqualTo(Mailbox.Put.TAKEN);
    owner.subList(1, 3).forEach(Runnable::run);
    assertThat(told).containsExactly(1, 2, 4);
    assertThat(mailbox.waiting()).isZero();
  }

  @Test
  void anOwnerThatTakesNothing_isNotTakenForOneThatHasTooMuch() {
    for (int i = 0; i < 5; i++) {
      assertThat(mailbox.put(() -> told.add(1), input -> false)).isEqualTo(Mailbox.Put.OWNER_GONE);
    }
    assertThat(mailbox.waiting()).isZero();
    assertThat(told).isEmpty();
  }

  @Test
  void whatThrows_makesRoomAllTheSame() {
    assertThat(
            mailbox.put(
                () -> {
                  throw new IllegalStateException("on purpose");
                },
                owner::add))
        .isEqualTo(Mailbox.Put.TAKEN);
    try {
      owner.get(0).run();
    } catch (IllegalStateException expected) {
      told.add(0);
    }
    assertThat(told).containsExactly(0);
    assertThat(mailbox.waiting()).isZero();
  }
}
