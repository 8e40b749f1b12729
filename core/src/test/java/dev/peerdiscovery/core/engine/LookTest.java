package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.GetProvidersRequest;
import dev.peerdiscovery.core.message.GetProvidersResponse;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** One look at a region, of which the test plays all members. The key is the node's own id. */
class LookTest {
  private static final int K = 4;
  private static final long MILLI = Duration.ofMillis(1).toNanos();

  private final Rig rig = new Rig(EngineConfig.defaults().toBuilder().k(K).build());
  private final List<NodeId> asked = new ArrayList<>();
  private final List<Region> ended = new ArrayList<>();
  private final List<NodeId> answered = new ArrayList<>();
  private long now;

  private void begin(NodeId... remembered) {
    List<SignedPeerRecord> records = new ArrayList<>();
    for (NodeId id : remembered) {
      records.add(Rig.record(id));
    }
    Look.Outlook outlook =
        new Look.Outlook() {
          @Override
          public void answered(Contact from, GetProvidersResponse response, long nowNanos) {
            answered.add(from.id());
          }

          @Override
          public void ended(Region region, long nowNanos) {
            ended.add(region);
          }
        };
    new Look(rig.lookers(), Rig.ID, 64, outlook).begin(records, now);
  }

  /** Answers each call after a millisecond, until there are none and the look is over. */
  private void run(Function<NodeId, Outcome> network) {
    for (int i = 0; i < 1_000 && ended.isEmpty(); i++) {
      rig.lookups.advance(now);
      List<Call> calls = rig.calls.drain();
      now += calls.isEmpty() ? 100 * MILLI : MILLI;
      for (Call call : calls) {
        NodeId id = call.request().wantedId().orElseThrow();
        if (call.request() instanceof GetProvidersRequest) {
          asked.add(id);
        }
        rig.calls.completed(call.id(), network.apply(id), now);
      }
    }
    assertThat(ended).as("looks that are over").hasSize(1);
  }

  private static GetProvidersResponse naming(NodeId... ids) {
    List<SignedPeerRecord> records = new ArrayList<>();
    for (NodeId id : ids) {
      records.add(Rig.record(id));
    }
    return new GetProvidersResponse(List.of(), 0, records, Bytes.EMPTY);
  }

  private static NodeId[] ids(int from, int to) {
    List<NodeId> ids = new ArrayList<>();
    for (int i = from; i < to; i++) {
      ids.add(NodeId.of(i));
    }
    return ids.toArray(NodeId[]::new);
  }

  @Test
  void allOfTheRegionThatItHearsOf_areRead_andEachOnce() {
    rig.earn(0, ids(1, 5));
    begin();
    // The k nearest end the lookup; these name eight more, all of them in the region.
    run(id -> naming(ids(5, 13)));

    assertThat(asked).containsExactlyInAnyOrder(ids(1, 13)).doesNotHaveDuplicates();
    assertThat(answered).containsExactlyInAnyOrder(ids(1, 13));
    assertThat(ended.get(0).keepers())
        .extracting(keeper -> keeper.contact().id())
        .containsExactly(ids(1, 13));
    assertThat(ended.get(0).isRead()).isTrue();
  }

  @Test
  void ofTooMany_asManyAsFourTimesKAreRead() {
    rig.earn(0, ids(1, 5));
    begin();
    run(id -> naming(ids(5, 25)));
    assertThat(ended.get(0).size()).isEqualTo(4 * K);
    assertThat(new HashSet<>(asked)).hasSize(4 * K);
  }

  @Test
  void thoseOfTheLastLook_areAskedFirst_alsoWhereNoContactIsLeft() {
    begin(ids(1, 4));
    run(id -> naming());
    assertThat(asked).containsExactlyInAnyOrder(ids(1, 4));
    assertThat(ended.get(0).isRead()).isTrue();
  }

  private Region look(int peers, Set<NodeId> silent, Outcome instead) {
    rig.earn(0, ids(1, peers + 1));
    begin();
    run(id -> silent.contains(id) ? instead : naming(ids(1, peers + 1)));
    return ended.get(0);
  }

  @Test
  void theRegionIsRead_whenMoreThanHalfOfIt_thisNodeToo_answered() {
    assertThat(look(3, Set.of(NodeId.of(2)), Rig.BUSY).isRead()).as("3 of 4").isTrue();
  }

  @Test
  void theRegionIsNotRead_whenHalfOfItAnswered() {
    Region region = look(3, Set.of(NodeId.of(2), NodeId.of(3)), Rig.BUSY);
    assertThat(region.isRead()).as("2 of 4").isFalse();
    assertThat(region.size()).isEqualTo(1);
    assertThat(region.refusal().reason()).isEqualTo(Refusal.Reason.REGION_UNREACHABLE);
  }

  @Test
  void theRegionIsNotRead_whenThisNodeIsAllThatAnswered() {
    assertThat(look(1, Set.of(NodeId.of(1)), Rig.TIMEOUT).isRead()).isFalse();
  }

  @Test
  void whoeverFailsBeyondTheKNearestThatAnswered_isNotOfTheRegion() {
    // 9 is farther than all that answered, and the k nearest did.
    rig.earn(0, ids(1, 5));
    rig.earn(0, NodeId.of(9));
    begin();
    run(id -> id.equals(NodeId.of(9)) ? Rig.TIMEOUT : naming(ids(1, 5)));
    assertThat(ended.get(0).isRead()).isTrue();
  }

  @Test
  void aPeerThatAskedForAPause_isNotAsked_andItsPauseIsPassedOn() {
    Duration pause = Duration.ofSeconds(7);
    rig.contacts.dials().busy(Rig.endpointOf(NodeId.of(1)), pause, 0);
    rig.contacts.dials().busy(Rig.endpointOf(NodeId.of(2)), pause.plusSeconds(9), 0);
    Region region = look(2, Set.of(), Rig.TIMEOUT);
    assertThat(asked).isEmpty();
    assertThat(region.isRead()).isFalse();
    // Itself and one of two are more than half.
    assertThat(region.retryAfter()).isBetween(pause.minusSeconds(1), pause);
  }

  @Test
  void aPeerThatWasOnlyHeardOf_andAskedForAPause_isNotAsked_andCounts() {
    for (NodeId id : ids(5, 13)) {
      rig.contacts.dials().busy(Rig.endpointOf(id), Duration.ofSeconds(7), 0);
    }
    rig.earn(0, ids(1, 5));
    begin();
    run(id -> naming(ids(5, 13)));
    assertThat(asked).containsExactlyInAnyOrder(ids(1, 5));
    assertThat(ended.get(0).size()).isEqualTo(4);
  }

  @Test
  void nothingIsRead_whileTheNodeSuspectsItself() {
    rig.earn(0, ids(1, 4));
    for (NodeId id : ids(1, 4)) {
      rig.contacts.failed(Rig.contact(Rig.record(id)), Rig.TIMEOUT, 0, 1);
    }
    rig.contacts.advance(Duration.ofMinutes(1).toNanos());
    assertThat(rig.contacts.isDoubtful()).isTrue();
    now = Duration.ofMinutes(1).toNanos();
    begin();
    run(id -> Rig.TIMEOUT);
    assertThat(ended.get(0).isRead()).isFalse();
  }

  @Test
  void theRoundTripOfALateAnswer_isWhatItTook() {
    rig.earn(0, NodeId.of(1));
    rig.lookup(NodeId.of(3), Rig.record(NodeId.of(1)));
    Call call = rig.calls.drain().get(0);
    long late = rig.config.lookupDeadline().plusSeconds(1).toNanos();
    rig.lookups.advance(late - MILLI);
    assertThat(rig.lookups.underWay()).isZero();

    rig.calls.completed(call.id(), Rig.answerOf(call), late);
    assertThat(rig.table.entry(NodeId.of(1)).orElseThrow().rttMicros())
        .isCloseTo((int) (late / 1_000), org.assertj.core.data.Percentage.withPercentage(1));
  }
}
