package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SharedTest {
  private final Shared<String, AtomicInteger> shared = new Shared<>(2, key -> new AtomicInteger());

  @Test
  void usersOfAKey_haveOneValue_untilItIsForgotten() {
    AtomicInteger a = shared.take("a");
    assertThat(shared.take("a")).isSameAs(a);
    assertThat(shared.users("a")).isEqualTo(2);
    assertThat(shared.take("b")).isNotSameAs(a);
    assertThat(shared.size()).isEqualTo(2);
    shared.giveBack("a");
    assertThat(shared.users("a")).isEqualTo(1);
    assertThat(shared.take("a")).as("still used").isSameAs(a);
    shared.giveBack("a");
    shared.giveBack("a");
    assertThat(shared.users("a")).isZero();
    assertThat(shared.size()).isEqualTo(2);
    assertThat(shared.take("a")).as("kept while nobody has it").isSameAs(a);
    assertThat(shared.users("a")).isEqualTo(1);
    assertThat(shared.size()).isEqualTo(2);
  }

  @Test
  void ofThoseThatAreNotUsed_theOneGivenBackLongestAgo_isForgotten() {
    AtomicInteger a = shared.take("a");
    AtomicInteger b = shared.take("b");
    AtomicInteger c = shared.take("c");
    shared.giveBack("b");
    shared.giveBack("a");
    assertThat(shared.size()).isEqualTo(3);
    shared.giveBack("c");
    assertThat(shared.size()).isEqualTo(2);
    assertThat(shared.take("a")).isSameAs(a);
    assertThat(shared.take("c")).isSameAs(c);
    assertThat(shared.take("b")).isNotSameAs(b);
  }

  @Test
  void whatWasNotTaken_cannotBeGivenBack() {
    shared.giveBack("a");
    assertThat(shared.users("a")).isZero();
    assertThat(shared.size()).isZero();
  }
}
