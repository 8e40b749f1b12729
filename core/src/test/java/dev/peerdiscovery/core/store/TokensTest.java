package dev.peerdiscovery.core.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Bytes;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TokensTest {
  private static final NodeId KEY = NodeId.of(1);
  private static final NodeId PUBLISHER = NodeId.of(2);

  private final Tokens tokens = new Tokens(new SplittableRandom(1));
  private final Bytes token = tokens.issue(KEY, PUBLISHER, 0);

  @Test
  void isGoodForItsKeyAndPublisher_andNoOther() {
    assertThat(tokens.isGood(token, KEY, PUBLISHER, 0)).isTrue();
    assertThat(tokens.isGood(token, NodeId.of(3), PUBLISHER, 0)).isFalse();
    assertThat(tokens.isGood(token, KEY, NodeId.of(3), 0)).isFalse();
    assertThat(tokens.isGood(Bytes.EMPTY, KEY, PUBLISHER, 0)).isFalse();
  }

  @Test
  void isGoodForAnEpochAtLeast_andNoLongerThanTwo() {
    long epoch = Tokens.EPOCH.toNanos();
    Bytes late = tokens.issue(KEY, PUBLISHER, epoch - 1);

    assertThat(tokens.isGood(late, KEY, PUBLISHER, 2 * epoch - 1)).isTrue();
    assertThat(tokens.isGood(token, KEY, PUBLISHER, Tokens.MAX_AGE.toNanos())).isFalse();
  }

  @Test
  void isOfNoUseAtAnotherNode() {
    Tokens another = new Tokens(new SplittableRandom(2));

    assertThat(another.isGood(token, KEY, PUBLISHER, 0)).isFalse();
  }
}
