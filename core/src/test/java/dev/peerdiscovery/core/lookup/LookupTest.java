package dev.peerdiscovery.core.lookup;

import static dev.peerdiscovery.core.Peers.contact;
import static dev.peerdiscovery.core.Peers.ids;
import static dev.peerdiscovery.core.Peers.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.peerdiscovery.core.Peers;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.lookup.Lookup.Settings;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Each rule of the class comment as a scenario. The target is 0, so an id is its own distance, and
 * the soft timeout is 100; a call is lost after 400.
 */
class LookupTest {
  private static final NodeId TARGET = NodeId.ZERO;
  private static final NodeId SELF = NodeId.of(1_000);
  private static final long SOFT = 100;
  private static final long LOST = 400;
  private static final Patience PATIENCE = new Patience(SOFT, LOST);

  private Lookup lookup;

  @Nested
  class Asking {
    @Test
    void next_asksAlpha_nearestFirst() {
      start(4, 3, 9, 1, 7, 3);

      assertThat(ask(0)).isEqualTo(ids(1, 3, 7));
      assertThat(lookup.calls()).isEqualTo(3);
      assertThat(lookup.target()).isEqualTo(TARGET);
      assertThat(lookup.isDone()).isFalse();
    }

    @Test
    void next_asksOneForEachThatAnswers_whileThereIsProgress() {
      start(4, 3, 10, 20, 30, 40);
      ask(0);

      answer(20, 9);
      assertThat(ask(0)).isEqualTo(ids(9));
      answer(9, 8);
      assertThat(ask(0)).isEqualTo(ids(8));
    }

    @Test
    void next_asksNobody_outsideTheKNearest() {
      start(2, 3, 1, 2, 3, 4);

      assertThat(ask(0)).isEqualTo(ids(1, 2));
    }

    @Test
    void next_asksTheNextNearest_whenOneOfTheKFailed() {
      start(2, 3, 1, 2, 3, 4);
      ask(0);

      fail(1);
      assertThat(ask(0)).isEqualTo(ids(3));
    }

    @Test
    void next_neverAsksTheSameTwice() {
      start(4, 3, 1, 2, 3);
      ask(0);

      answer(3, 1, 2, 3);
      answer(2, 1, 2, 3);
      assertThat(ask(0)).isEmpty();
      answer(1, 1, 2, 3);
      assertThat(ask(0)).isEmpty();
      assertThat(lookup.isDone()).isTrue();
      assertThat(lookup.calls()).isEqualTo(3);
    }

    @Test
    void next_countsOneThatWasPushedOutOfTheK_whileItIsUnderWay() {
      start(2, 3, 20, 30);
      ask(0);

      answer(20, 1, 2);

      assertThat(ask(0)).as("30 is still under way").isEqualTo(ids(1, 2));
      answer(1);
      answer(2);
      assertThat(lookup.isDone()).as("nobody waits for 30").isTrue();
    }
  }

  @Nested
  class TheSweep {
    @Test
    void begins_whenTheNearestHasAnswered() {
      start(6, 2, 1, 2, 3, 4, 5, 6, 7, 8);
      assertThat(ask(0)).isEqualTo(ids(1, 2));

      answer(1);

      assertThat(ask(0)).as("the rest of the k, and no more").isEqualTo(ids(3, 4, 5, 6));
    }

    @Test
    void begins_whenAlphaAnswersBroughtNothingNearer() {
      start(6, 2, 1, 2, 3, 4, 5, 6, 7, 8);
      ask(0);

      answer(2, 50, 51);
      assertThat(ask(0)).isEqualTo(ids(3));
      answer(3, 52);
      assertThat(ask(0)).isEqualTo(ids(4, 5, 6));
    }

    @Test
    void waits_whenSomethingNearerCameUpInBetween() {
      start(6, 2, 10, 20, 30, 40, 50, 60);
      ask(0);

      answer(20, 70);
      assertThat(ask(0)).isEqualTo(ids(30));
      answer(30, 5);
      assertThat(ask(0)).isEqualTo(ids(5));
      answer(10, 71);
      assertThat(ask(0)).as("one without progress, not two").isEqualTo(ids(40));
    }

    @Test
    void takesTheNearestThatCounts_whenANearerOneFailedOrIsSlow() {
      start(4, 2, 1, 2, 3, 4, 5);
      ask(0);
      fail(1);
      assertThat(ask(0)).isEqualTo(ids(3));

      answer(2);
      assertThat(ask(0)).isEqualTo(ids(4, 5));
    }

    @Test
    void isLeftOut_whenTheSettingsSaySo() {
      lookup = lookup(new Settings(6, 2, false), 1, 2, 3, 4, 5, 6, 7);

      assertThat(ask(0)).isEqualTo(ids(1, 2));
      for (long id = 1; id <= 4; id++) {
        answer(id);
        assertThat(ask(0)).as("after %d", id).isEqualTo(ids(id + 2));
      }
      answer(5);
      answer(6);
      assertThat(lookup.isDone()).isTrue();
    }
  }

  @Nested
  class TheEnd {
    @Test
    void comes_whenEachOfTheKNearestHasAnswered() {
      start(2, 3, 1, 2, 3);
      ask(0);

      answer(1, 7, 8);
      assertThat(lookup.isDone()).isFalse();
      answer(2, 9);

      assertThat(lookup.isDone()).isTrue();
      assertThat(ask(0)).isEmpty();
      assertThat(result()).isEqualTo(ids(1, 2));
      assertThat(lookup.nextWake()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void comes_withFewerThanK_whenThereAreNoMore() {
      start(20, 3, 1, 2);
      ask(0);
      answer(1, 2);
      answer(2, 1);

      assertThat(lookup.isDone()).isTrue();
      assertThat(result()).isEqualTo(ids(1, 2));
    }

    @Test
    void isThere_whenThereIsNobodyToAsk() {
      start(20, 3);

      assertThat(lookup.isDone()).isTrue();
      assertThat(ask(0)).isEmpty();
      assertThat(result()).isEmpty();
      assertThat(lookup.nextWake()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void isThere_whenTheAskerIsTheOnlyStart() {
      start(20, 3, 1_000);

      assertThat(lookup.isDone()).isTrue();
      assertThat(ask(0)).isEmpty();
    }

    @Test
    void comes_whenEverybodyFailed() {
      start(20, 3, 1, 2);
      ask(0);
      fail(1);
      fail(2);

      assertThat(lookup.isDone()).isTrue();
      assertThat(result()).isEmpty();
    }

    @Test
    void comesAtOnce_whenItIsStopped_andAnswersUnderWayStillCount() {
      start(4, 2, 1, 2, 3, 4);
      ask(0);

      lookup.stop();

      assertThat(lookup.isDone()).isTrue();
      assertThat(ask(0)).isEmpty();
      assertThat(answer(2, 9)).isEqualTo(1);
      assertThat(result()).isEqualTo(ids(2));
      assertThat(ask(0)).isEmpty();
    }

    @Test
    void theResult_isTheKNearestResponders_inOrder() {
      start(2, 3, 30, 20, 10);
      ask(0);
      answer(20, 5);
      answer(10, 30);
      assertThat(result()).isEqualTo(ids(10, 20));
      ask(0);
      answer(5);

      assertThat(result()).as("10 and 5 answered last").isEqualTo(ids(5, 10));
      assertThat(lookup.result()).isUnmodifiable();
    }

    @Test
    void theResult_holdsResponders_notThoseWhoWereMentioned() {
      start(3, 3, 5, 6);
      ask(0);
      answer(5, 1, 2);
      ask(0);
      fail(1);
      ask(0);
      answer(6);
      answer(2);

      assertThat(lookup.isDone()).isTrue();
      assertThat(result()).isEqualTo(ids(2, 5, 6));
    }
  }

  @Nested
  class SlowPeers {
    @Test
    void nextWake_isTheFirstSoftTimeout() {
      lookup =
          new Lookup(
              TARGET,
              Optional.of(SELF),
              new Settings(4, 3, true),
              records(1, 2),
              id -> new Patience(id.equals(NodeId.of(1)) ? 300 : 200, LOST));
      assertThat(lookup.nextWake()).isEqualTo(Long.MAX_VALUE);

      ask(7);

      assertThat(lookup.nextWake()).isEqualTo(207);
      assertThat(ask(207)).isEmpty();
      assertThat(lookup.nextWake()).isEqualTo(307);
      answer(1);
      assertThat(lookup.nextWake()).as("2 is held to be lost").isEqualTo(407);
      answer(2);
      assertThat(lookup.nextWake()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aSlowPeer_makesRoomForAnother_atItsSoftTimeoutAndNotBefore() {
      start(4, 2, 1, 2, 3, 4);
      ask(0);

      assertThat(ask(SOFT - 1)).isEmpty();
      assertThat(ask(SOFT)).isEqualTo(ids(3, 4));
    }

    @Test
    void aLatePeer_isWaitedFor() {
      start(2, 3, 1, 2, 3);
      ask(0);
      answer(2);
      assertThat(ask(SOFT)).as("beside 1").isEqualTo(ids(3));
      answer(3);
      assertThat(ask(LOST - 1)).isEmpty();
      assertThat(lookup.isDone()).as("1 may be slow").isFalse();

      answer(1);

      assertThat(lookup.isDone()).isTrue();
      assertThat(result()).isEqualTo(ids(1, 2));
    }

    @Test
    void aLatePeer_whoseCallMustBeLost_isCalledOnceMore() {
      start(2, 3, 1, 2, 3);
      ask(0);
      answer(2);
      ask(SOFT);
      answer(3);

      assertThat(ask(LOST)).isEqualTo(ids(1));
      answer(1);

      assertThat(lookup.isDone()).isTrue();
      assertThat(result()).isEqualTo(ids(1, 2));
    }

    @Test
    void besideASecondCall_othersAreAsked_withoutWaitingForItsSoftTimeout() {
      start(3, 3, 1, 2, 3);
      ask(0);
      answer(2);
      ask(SOFT);
      assertThat(ask(LOST)).isEqualTo(ids(1, 3));

      answer(3, 4, 5);

      assertThat(ask(LOST + 1)).as("1 takes no place").isEqualTo(ids(4));
    }

    @Test
    void theEarlierCall_countsToo_andEndsTheWaitForTheLater() {
      start(2, 3, 1, 2);
      ask(0);
      answer(2);
      ask(SOFT);
      ask(LOST);

      lookup.failed(NodeId.of(1), true);
      assertThat(lookup.isDone()).as("the second call is under way").isFalse();
      assertThat(ask(LOST + 1)).as("a third").isEmpty();
      answer(1);
      lookup.failed(NodeId.of(1), true);

      assertThat(lookup.isDone()).isTrue();
      assertThat(result()).isEqualTo(ids(1, 2));
    }

    @Test
    void aSilentPeer_doesNotHoldUpTheEnd_onceItWasCalledTwice() {
      start(2, 3, 1, 2, 3);
      ask(0);
      answer(2);
      ask(SOFT);
      answer(3);
      ask(LOST);
      ask(LOST + SOFT);
      assertThat(ask(2 * LOST - 1)).isEmpty();
      assertThat(lookup.isDone()).as("the second call may be late").isFalse();

      assertThat(ask(2 * LOST)).isEmpty();

      assertThat(lookup.isDone()).isTrue();
      assertThat(result()).isEqualTo(ids(2, 3));
      assertThat(lookup.calls()).isEqualTo(4);
    }

    @Test
    void aRefusal_isFinal_evenIfTheCallWasMadeTwice() {
      start(2, 3, 1, 2);
      ask(0);
      answer(2);
      ask(SOFT);
      ask(LOST);

      lookup.failed(NodeId.of(1), false);

      assertThat(lookup.isDone()).isTrue();
      assertThat(result()).isEqualTo(ids(2));
    }

    @Test
    void aLateAnswer_counts_untilTheEnd() {
      start(2, 3, 1, 2, 3);
      ask(0);
      answer(2);
      ask(SOFT);

      assertThat(answer(1, 4, 5)).isEqualTo(2);

      assertThat(lookup.isDone()).as("1 and 2 are the two nearest again").isTrue();
      assertThat(result()).isEqualTo(ids(1, 2));
    }

    @Test
    void aLateFailure_isOneLikeAnyOther() {
      start(2, 1, 1, 2);
      ask(0);
      ask(SOFT);
      lookup.failed(NodeId.of(1), true);

      assertThat(ask(SOFT)).as("2 is being asked, and alpha is 1").isEmpty();
      answer(2);
      assertThat(ask(SOFT)).as("once more").isEqualTo(ids(1));
    }

    @Test
    void theOnlyContact_isWaitedFor_howeverSlow() {
      start(2, 3, 9);
      ask(0);

      assertThat(ask(SOFT)).isEmpty();
      assertThat(ask(LOST)).as("once more").isEqualTo(ids(9));
      ask(LOST + SOFT);
      ask(2 * LOST);
      assertThat(lookup.isDone()).as("nobody else can help").isFalse();
      assertThat(lookup.nextWake()).isEqualTo(Long.MAX_VALUE);

      answer(9, 1);
      assertThat(lookup.isDone()).isFalse();
      assertThat(ask(50 * LOST)).isEqualTo(ids(1));
      answer(1);
      assertThat(lookup.isDone()).isTrue();
      assertThat(result()).isEqualTo(ids(1, 9));
    }

    @Test
    void theOnlyContact_isGivenUp_whenItsCallsFail() {
      start(2, 3, 9);
      ask(0);
      ask(SOFT);
      lookup.failed(NodeId.of(9), true);
      assertThat(ask(SOFT)).isEqualTo(ids(9));
      ask(2 * SOFT);
      assertThat(lookup.isDone()).isFalse();

      lookup.failed(NodeId.of(9), true);

      assertThat(lookup.isDone()).isTrue();
      assertThat(result()).isEmpty();
    }
  }

  @Nested
  class Failures {
    @Test
    void aLostCall_isMadeOnceMore() {
      start(4, 3, 1);
      ask(0);
      lookup.failed(NodeId.of(1), true);
      assertThat(lookup.isDone()).isFalse();
      assertThat(ask(0)).isEqualTo(ids(1));

      lookup.failed(NodeId.of(1), true);

      assertThat(ask(0)).isEmpty();
      assertThat(lookup.isDone()).isTrue();
      assertThat(lookup.calls()).isEqualTo(2);
    }

    @Test
    void aRefusedCall_isNotMadeAgain() {
      start(4, 3, 1);
      ask(0);
      fail(1);

      assertThat(ask(0)).isEmpty();
      assertThat(lookup.isDone()).isTrue();
    }

    @Test
    void aNewerRecord_revivesOneThatFailed() {
      start(4, 3, 1, 2, 3);
      ask(0);
      fail(1);

      answer(2, List.of(record(NodeId.of(1), 2)));

      assertThat(lookup.next(0)).contains(record(NodeId.of(1), 2));
      lookup.answered(contact(record(NodeId.of(1), 2)), List.of());
      assertThat(result()).isEqualTo(ids(1, 2));
    }

    @Test
    void theSameRecordOrAnOlderOne_revivesNobody() {
      lookup =
          new Lookup(
              TARGET,
              Optional.of(SELF),
              new Settings(4, 3, true),
              List.of(record(NodeId.of(1), 5), record(NodeId.of(2))),
              id -> PATIENCE);
      ask(0);
      fail(1);

      answer(2, List.of(record(NodeId.of(1), 5), record(NodeId.of(1), 4)));

      assertThat(ask(0)).isEmpty();
      assertThat(lookup.isDone()).isTrue();
    }

    @Test
    void aNewerRecord_isTheOneThatIsDialled() {
      start(4, 1, 2, 9);
      ask(0);

      answer(2, List.of(record(NodeId.of(9), 3), record(NodeId.of(9), 2)));

      assertThat(lookup.next(0)).contains(record(NodeId.of(9), 3));
    }

    @Test
    void aNewerRecord_thatCameWhileTheOldOneWasDialled_isTriedWhenThatFails() {
      start(4, 2, 1, 2);
      ask(0);
      answer(2, List.of(record(NodeId.of(1), 2)));

      fail(1);

      assertThat(lookup.isDone()).isFalse();
      assertThat(lookup.next(0)).contains(record(NodeId.of(1), 2));
      fail(1);
      assertThat(lookup.isDone()).isTrue();
      assertThat(lookup.calls()).isEqualTo(3);
    }

    @Test
    void aNewerRecord_thatLeadsNowhere_doesNotHideTheGoodOne() {
      start(4, 1, 2, 9);
      ask(0);
      answer(2, List.of(record(NodeId.of(9), 3), record(NodeId.of(9), 4)));

      assertThat(lookup.next(0)).contains(record(NodeId.of(9), 4));
      fail(9);

      assertThat(lookup.next(0)).contains(record(NodeId.of(9)));
      answer(9);
      assertThat(result()).isEqualTo(ids(2, 9));
    }

    @Test
    void aNewerRecord_doesNotAskAgain_whoHasAnswered() {
      start(4, 3, 1, 2);
      ask(0);
      answer(1);
      answer(2, List.of(record(NodeId.of(1), 2)));

      assertThat(ask(0)).isEmpty();
      assertThat(lookup.isDone()).isTrue();
    }
  }

  @Nested
  class Hops {
    @Test
    void hop_countsTheAnswersThatLedToAPeer_theFirstTime() {
      start(4, 1, 30);
      ask(0);
      answer(30, 20);
      ask(0);
      answer(20, 10, 30);

      assertThat(lookup.hop(NodeId.of(30))).isZero();
      assertThat(lookup.hop(NodeId.of(20))).isEqualTo(1);
      assertThat(lookup.hop(NodeId.of(10))).isEqualTo(2);
      assertThatIllegalArgumentException().isThrownBy(() -> lookup.hop(NodeId.of(77)));
    }
  }

  @Nested
  class Outsiders {
    @Test
    void anOutsider_hasNoId_soAnyIdCanBeFound() {
      Lookup outside =
          new Lookup(
              TARGET, Optional.empty(), new Settings(4, 3, true), records(1_000), id -> PATIENCE);

      assertThat(outside.next(0)).contains(record(SELF));
    }
  }

  @Nested
  class StrangeAnswers {
    @Test
    void theAsker_theAnswerer_andDuplicates_areNothingNew() {
      start(4, 3, 5);
      ask(0);

      assertThat(answer(5, 1_000, 5, 6, 6, 7)).isEqualTo(2);

      assertThat(ask(0)).isEqualTo(ids(6, 7));
      answer(6, 1_000, 5, 6, 7);
      answer(7, 1_000, 5, 6, 7);
      assertThat(lookup.isDone()).isTrue();
      assertThat(result()).isEqualTo(ids(5, 6, 7));
    }

    @Test
    void peersFarther_areAFallback() {
      start(2, 3, 1);
      ask(0);
      answer(1, 500, 600);
      assertThat(ask(0)).isEqualTo(ids(500));
      fail(500);
      assertThat(ask(0)).isEqualTo(ids(600));
      answer(600);

      assertThat(lookup.isDone()).isTrue();
      assertThat(result()).isEqualTo(ids(1, 600));
    }

    @Test
    void peersThatHaveLeft_areNotAsked() {
      start(4, 3, 5);
      ask(0);

      assertThat(answer(5, List.of(Peers.farewell(NodeId.of(1), 9)))).isZero();
      assertThat(lookup.isDone()).isTrue();
    }

    @Test
    void anAnswer_thatNobodyAskedFor_isIgnored() {
      start(4, 2, 1, 2, 3);
      ask(0);

      assertThat(answer(3, 7)).as("known, not asked").isZero();
      assertThat(answer(77, 7)).as("unknown").isZero();
      assertThat(answer(1, 8)).isEqualTo(1);
      assertThat(answer(1, 9)).as("twice").isZero();
      lookup.failed(NodeId.of(1), true);
      lookup.failed(NodeId.of(3), true);
      lookup.failed(NodeId.of(77), true);

      assertThat(result()).isEqualTo(ids(1));
    }

    @Test
    void anAnswer_afterTheFailure_isIgnored() {
      start(4, 2, 1, 2);
      ask(0);
      fail(1);

      assertThat(answer(1, 7)).isZero();
      assertThat(result()).isEmpty();
    }

    /** Each one asked answers with k that are nearer than everybody before. */
    @Test
    void everNearerInventions_endAtTheBound() {
      int k = 4;
      NodeId far = NodeId.powerOfTwo(200);
      lookup =
          new Lookup(
              TARGET,
              Optional.of(SELF),
              new Settings(k, 3, true),
              List.of(record(far)),
              id -> PATIENCE);
      NodeId nearest = far;
      int steps = 0;
      for (Optional<SignedPeerRecord> next = lookup.next(0);
          next.isPresent();
          next = lookup.next(0)) {
        List<SignedPeerRecord> inventions = new ArrayList<>();
        for (int i = 0; i < k; i++) {
          nearest = nearest.minus(NodeId.of(1));
          inventions.add(record(nearest));
        }
        lookup.answered(contact(next.get()), inventions);
        assertThat(++steps).isLessThanOrEqualTo(16 * k);
      }

      assertThat(lookup.calls()).isEqualTo(16 * k);
      assertThat(lookup.isDone()).isTrue();
      assertThat(result()).hasSize(k);
    }

    /** Of those that were never asked the 8 k nearest are kept. */
    @Test
    void whoIsTooFarToBeKept_isNothingNew() {
      start(3, 3, 50, 60, 70);
      ask(0);

      assertThat(answer(50, LongStream.rangeClosed(101, 124).toArray())).isEqualTo(24);
      assertThat(answer(60, 125)).as("farther than all of them").isZero();
      assertThat(answer(70, 100)).as("nearer than the farthest").isEqualTo(1);
    }

    @Test
    void aPeerThatAnswered_isNeverAskedAgain_howeverManyAreNamed() {
      start(2, 2, 100, 200);
      ask(0);
      answer(100, LongStream.rangeClosed(10, 30).toArray());
      answer(200, 100);
      for (List<NodeId> asked = ask(0); !asked.isEmpty(); asked = ask(0)) {
        assertThat(asked).doesNotContainAnyElementsOf(ids(100, 200));
        asked.forEach(id -> lookup.failed(id, false));
      }

      assertThat(lookup.isDone()).isTrue();
      assertThat(result()).isEqualTo(ids(100, 200));
    }

    @Test
    void deadInventions_doNotPushOutTheLiving() {
      start(2, 2, 100, 200);
      ask(0);
      answer(100, LongStream.rangeClosed(1, 30).toArray());
      for (List<NodeId> dead = ask(0); !dead.isEmpty(); dead = ask(0)) {
        dead.forEach(id -> lookup.failed(id, false));
      }

      answer(200, 50, 51);

      assertThat(ask(0)).isEqualTo(ids(50, 51));
      answer(50);
      answer(51);
      assertThat(lookup.isDone()).isTrue();
      assertThat(result()).isEqualTo(ids(50, 51));
    }
  }

  @Nested
  class RefusedRecords {
    private final SignedPeerRecord forged = Peers.record(NodeId.of(10), -1);
    private final SignedPeerRecord genuine = Peers.record(NodeId.of(10), 1);

    @Test
    void oneThatIsForged_doesNotHideThePeer_howeverNewItSaysItIs() {
      start(3, 2, 100, 200);
      ask(0);
      answer(100, List.of(forged));
      assertThat(lookup.next(0)).contains(forged);
      lookup.refused(NodeId.of(10));
      assertThat(ask(0)).isEmpty();

      answer(200, List.of(forged, genuine));

      assertThat(lookup.next(0)).contains(genuine);
      answer(10);
      assertThat(result()).isEqualTo(ids(10, 100, 200));
      assertThat(lookup.calls()).as("what was not called").isEqualTo(3);
    }

    @Test
    void oneThatIsForged_isNotTriedTwice() {
      start(3, 2, 100, 200);
      ask(0);
      answer(100, List.of(forged));
      lookup.next(0);
      lookup.refused(NodeId.of(10));

      answer(200, List.of(forged));

      assertThat(ask(0)).isEmpty();
      assertThat(lookup.isDone()).isTrue();
    }

    @Test
    void noNumberOfThem_usesUpTheCalls() {
      start(2, 2, 100, 200);
      ask(0);
      answer(100, LongStream.rangeClosed(1, 90).toArray());
      for (int i = 0; i < 90; i++) {
        lookup.next(0).map(SignedPeerRecord::id).ifPresent(lookup::refused);
      }

      answer(200, 50);

      assertThat(lookup.calls()).isEqualTo(2);
      assertThat(lookup.isDone()).isTrue();
    }
  }

  @Test
  void settings_areAtLeastOne() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Settings(0, 3, true));
    assertThatIllegalArgumentException().isThrownBy(() -> new Settings(20, 0, true));
  }

  private void start(int k, int alpha, long... start) {
    lookup = lookup(new Settings(k, alpha, true), start);
  }

  private static Lookup lookup(Settings settings, long... start) {
    return new Lookup(TARGET, Optional.of(SELF), settings, records(start), id -> PATIENCE);
  }

  /** Everybody who is to be asked now. */
  private List<NodeId> ask(long now) {
    List<NodeId> asked = new ArrayList<>();
    for (Optional<SignedPeerRecord> next = lookup.next(now);
        next.isPresent();
        next = lookup.next(now)) {
      asked.add(next.get().id());
    }
    return asked;
  }

  private int answer(long from, long... learned) {
    return answer(from, records(learned));
  }

  private int answer(long from, List<SignedPeerRecord> learned) {
    return lookup.answered(contact(NodeId.of(from)), learned);
  }

  private void fail(long id) {
    lookup.failed(NodeId.of(id), false);
  }

  private List<NodeId> result() {
    return lookup.result().stream().map(Contact::id).toList();
  }

  private static List<SignedPeerRecord> records(long... values) {
    return ids(values).stream().map(Peers::record).toList();
  }
}
