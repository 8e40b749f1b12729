package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SharedTest {
  private int made;
  private final Shared<String, String> shared = new Shared<>(2, key -> key + ++made);

  @Test
  void usersOfAKey_haveOneValue_andItIsTheirsUntilTheLastGivesItBack() {
    assertThat(shared.take("a")).isEqualTo("a1");
    assertThat(shared.take("a")).isEqualTo("a1");
    assertThat(shared.users("a")).isEqualTo(2);
    assertThat(shared.users("b")).isZero();
    shared.giveBack("a");
    assertThat(shared.users("a")).isEqualTo(1);
    shared.giveBack("a");
    assertThat(shared.users("a")).isZero();
    assertThat(shared.size()).isEqualTo(1);
    assertThat(shared.take("a")).as("kept").isEqualTo("a1");
    assertThat(shared.size()).isEqualTo(1);
  }

  @Test
  void ofThoseWithoutUsers_theOnesGivenBackLastAreKept() {
    for (String key : new String[] {"a", "b", "c"}) {
      shared.take(key);
    }
    assertThat(shared.size()).isEqualTo(3);
    shared.giveBack("b");
    shared.giveBack("a");
    shared.giveBack("c");
    assertThat(shared.size()).isEqualTo(2);
    assertThat(shared.take("a")).isEqualTo("a1");
    assertThat(shared.take("c")).isEqualTo("c3");
    assertThat(shared.take("b")).as("forgotten").isEqualTo("b4");
  }

  @Test
  void giveBackOfWhatIsNotTaken_doesNothing() {
    shared.giveBack("a");
    assertThat(shared.size()).isZero();
  }
}
