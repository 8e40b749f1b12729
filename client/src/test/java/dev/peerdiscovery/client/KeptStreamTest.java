package dev.peerdiscovery.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.client.tls.PeerTls;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.Refusal;
import io.grpc.ManagedChannel;
import io.grpc.SynchronizationContext;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeptStreamTest {
  private static final Duration ALMOST = KeptStream.FIRST_WORD.minusNanos(1);

  private final ManagedChannel channel = InProcessChannelBuilder.forName("none").build();
  private final ManualTimer timer = new ManualTimer();
  private final List<Throwable> faults = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private final List<Opened> opened = new ArrayList<>();

  /** What the listener says of each end. */
  private boolean isFinal;

  private record Opened(String node, DiscoveryNode.Sink<String> sink, List<String> cancelled) {
    void ends(Outcome how) {
      sink.ended(PeerException.of("asking", how));
    }
  }

  @AfterEach
  void close() {
    channel.shutdownNow();
    assertThat(faults).isEmpty();
  }

  private KeptStream<String> stream(int nodes, boolean persistent) {
    List<DiscoveryNode> all = new ArrayList<>();
    for (int i = 1; i <= nodes; i++) {
      all.add(new DiscoveryNode("node " + i, channel, Optional.empty(), PeerTls.off()));
    }
    return new KeptStream<>(
        "asking",
        new FailOver<>(all, error -> true),
        (node, sink) -> {
          Opened each = new Opened(node.toString(), sink, new ArrayList<>());
          opened.add(each);
          return () -> each.cancelled.add("cancelled");
        },
        new Told(),
        new SynchronizationContext((thread, error) -> faults.add(error)),
        timer,
        persistent);
  }

  private final class Told implements KeptStream.Listener<String> {
    @Override
    public void begins() {
      told.add("begins");
    }

    @Override
    public void received(String message) {
      told.add(message);
    }

    @Override
    public boolean isFinal(PeerException why) {
      return isFinal;
    }

    @Override
    public void interrupted(PeerException why) {
      told.add("interrupted: " + why.getMessage());
    }

    @Override
    public void over(PeerException why) {
      told.add("over: " + why.getMessage());
    }
  }

  private Opened last() {
    return opened.get(opened.size() - 1);
  }

  private static final Failure GONE = new Failure(Failure.Kind.UNREACHABLE, "gone");
  private static final Refusal FULL = new Refusal(Refusal.Reason.FULL, "no room");
  private static final Refusal BUSY = new Refusal(Refusal.Reason.OVERLOADED, "busy");

  private void assertPause(Duration usual) {
    Duration pause = timer.next().orElseThrow();
    assertThat(pause)
        .isBetween(usual.multipliedBy(4).dividedBy(5), usual.multipliedBy(6).dividedBy(5));
    int before = opened.size();
    timer.pass(pause.minusNanos(1));
    assertThat(opened).hasSize(before);
    timer.pass(Duration.ofNanos(1));
    assertThat(opened).hasSize(before + 1);
  }

  /** A connection that is too old, or that a proxy cut, is no fault of the node. */
  @Test
  void afterOneThatLasted_theSameNodeIsTriedOnce_andNothingIsTold() {
    stream(2, false).start();
    last().sink.received("a word");
    timer.pass(KeptStream.LASTED);
    told.clear();
    last().ends(GONE);
    assertThat(opened).extracting(Opened::node).containsExactly("node 1", "node 1");
    assertThat(told).containsExactly("begins");
    // It is gone, after all: the next.
    last().ends(GONE);
    assertThat(last().node()).isEqualTo("node 2");
  }

  @Test
  void afterOneThatHardlyBegan_orWasRefused_theNextNodeIsTried() {
    stream(3, false).start();
    last().sink.received("a word");
    timer.pass(KeptStream.LASTED.minusNanos(1));
    last().ends(GONE);
    assertThat(last().node()).isEqualTo("node 2");
    // What was never heard has not lasted, however long it was silent.
    timer.pass(KeptStream.LASTED.plusSeconds(1));
    last().ends(GONE);
    assertThat(last().node()).isEqualTo("node 3");
    last().sink.received("a word");
    timer.pass(KeptStream.LASTED);
    last().ends(BUSY);
    assertThat(last().node()).isEqualTo("node 1");
  }

  @Test
  void afterAnEnd_theNextNodeIsTriedAtOnce_andThenThereArePauses_thatGrow() {
    stream(2, false).start();
    assertThat(told).containsExactly("begins");
    int[] usual = {100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000};
    for (int millis : usual) {
      assertThat(last().node).isEqualTo("node 1");
      last().ends(GONE);
      assertThat(last().node).isEqualTo("node 2");
      told.clear();
      last().ends(GONE);
      assertThat(told).containsExactly("interrupted: asking failed: UNREACHABLE: gone");
      assertPause(Duration.ofMillis(millis));
    }
  }

  @Test
  void pausesAreNotAllTheSame() {
    stream(1, false).start();
    List<Duration> pauses = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      last().ends(GONE);
      pauses.add(timer.next().orElseThrow());
      timer.pass(pauses.get(i));
    }
    // They have reached the longest by then.
    assertThat(pauses.subList(6, 30)).doesNotHaveDuplicates();
  }

  @Test
  void aMessage_endsTheRow() {
    stream(1, false).start();
    for (int i = 0; i < 5; i++) {
      last().ends(GONE);
      timer.pass(timer.next().orElseThrow());
    }
    last().sink.received("word");
    last().ends(GONE);
    assertPause(Duration.ofMillis(100));
    assertThat(told).contains("word");
  }

  @Test
  void aNodeThatSaysNothing_isGivenUpInTime_butNotAfterItsFirstWord() {
    stream(2, false).start();
    timer.pass(ALMOST);
    assertThat(opened).hasSize(1);
    timer.pass(Duration.ofNanos(1));
    assertThat(opened.get(0).cancelled).hasSize(1);
    assertThat(last().node).isEqualTo("node 2");
    assertThat(opened).hasSize(2);

    last().sink.received("word");
    timer.pass(Duration.ofDays(1));
    assertThat(opened).hasSize(2);
    assertThat(last().cancelled).isEmpty();
    assertThat(timer.next()).isEmpty();
  }

  @Test
  void whatComesOfAStreamThatWasGivenUp_isNotTold() {
    stream(2, false).start();
    Opened late = last();
    timer.pass(KeptStream.FIRST_WORD);
    told.clear();
    late.sink.received("late");
    late.ends(GONE);
    assertThat(told).isEmpty();
    assertThat(opened).hasSize(2);
    // The patience with the second goes on.
    timer.pass(KeptStream.FIRST_WORD);
    assertThat(told)
        .containsExactly("interrupted: asking at node 2 failed: TIMEOUT: not a word within 5 s");
  }

  @Test
  void anEnd_endsThePatience() {
    stream(1, false).start();
    last().ends(GONE);
    assertThat(timer.next().orElseThrow()).isLessThan(Duration.ofSeconds(1));
    timer.pass(KeptStream.FIRST_WORD.minus(KeptStream.FIRST_PAUSE.multipliedBy(2)));
    assertThat(opened.get(0).cancelled).isEmpty();
  }

  @Test
  void closed_itCancels_andTellsNothing() {
    KeptStream<String> stream = stream(2, false);
    stream.start();
    told.clear();
    stream.close();
    assertThat(last().cancelled).hasSize(1);
    assertThat(timer.next()).isEmpty();
    last().sink.received("late");
    last().ends(GONE);
    assertThat(told).isEmpty();
    assertThat(opened).hasSize(1);
  }

  @Test
  void closedInAPause_orBeforeItsStart_itDoesNotBeginAgain() {
    KeptStream<String> pausing = stream(1, false);
    pausing.start();
    last().ends(GONE);
    pausing.close();
    assertThat(timer.next()).isEmpty();
    timer.pass(Duration.ofDays(1));
    assertThat(opened).hasSize(1);

    KeptStream<String> early = stream(1, false);
    early.close();
    early.start();
    assertThat(opened).hasSize(1);
  }

  @Test
  void anEndThatIsFinal_isTheLast() {
    stream(2, false).start();
    isFinal = true;
    last().ends(BUSY);
    assertThat(told).containsExactly("begins", "over: asking was refused: OVERLOADED: busy");
    assertThat(timer.next()).isEmpty();
    assertThat(opened).hasSize(1);
  }

  @Test
  void withoutRoomAnywhere_fromTheBeginning_itIsOver() {
    stream(2, false).start();
    last().ends(FULL);
    assertThat(told).containsExactly("begins", "begins");
    last().ends(FULL);
    assertThat(told).endsWith("over: asking was refused: FULL: no room");
    assertThat(timer.next()).isEmpty();
  }

  @Test
  void whereOneNodeCannotBeAsked_orOneHadRoomBefore_itGoesOn() {
    stream(2, false).start();
    last().ends(GONE);
    last().ends(FULL);
    assertThat(told).endsWith("interrupted: asking was refused: FULL: no room");
    // In the next row, too, for the first one is not known to be full.
    timer.pass(timer.next().orElseThrow());
    last().ends(FULL);
    last().ends(FULL);
    assertThat(told).endsWith("interrupted: asking was refused: FULL: no room");
    timer.pass(timer.next().orElseThrow());
    last().sink.received("word");
    last().ends(FULL);
    last().ends(FULL);
    assertThat(told).endsWith("interrupted: asking was refused: FULL: no room");
    assertThat(timer.next()).isPresent();
  }

  @Test
  void onePersistent_goesOnWithoutRoom() {
    stream(1, true).start();
    last().ends(FULL);
    assertThat(told).endsWith("interrupted: asking was refused: FULL: no room");
    assertPause(Duration.ofMillis(100));
  }
}
