package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.GetProvidersRequest;
import dev.peerdiscovery.core.message.GetProvidersResponse;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** One look at a region, of which the test plays all members. */
class LookTest {
  private static final int K = 4;
  private static final long MILLI = Duration.ofMillis(1).toNanos();

  private final Rig rig = new Rig(EngineConfig.defaults().toBuilder().k(K).build());
  private final List<NodeId> asked = new ArrayList<>();
  private final List<Region> ended = new ArrayList<>();
  private final List<NodeId> answered = new ArrayList<>();
  private long now;

  /** At first the node's own id. */
  private NodeId key = Rig.ID;

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
    new Look(rig.lookers(), key, 64, outlook).begin(records, now);
  }

  /** Answers each call after a millisecond, until there are none and the look is over. */
  private void run(Function<NodeId, Outcome> network) {
    for (int i = 0; i < 1_000 && ended.isEmpty(); i++) {
      rig.lookups.advance(now);
      List<Call> calls = rig.calls.drain();
      now += calls.isEmpty() ? 100 * MILLI : MILLI;
      for (Call call : calls) {
        NodeId id = call.request().wantedId().orElseThrow();
        Outcome outcome = network.apply(id);
        if (call.request() instanceof GetProvidersRequest) {
          asked.add(id);
        } else if (outcome instanceof GetProvidersResponse response) {
          outcome = new FindNodeResponse(response.peers());
        }
        rig.calls.completed(call.id(), outcome, now);
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

  /** An id by its first bytes. */
  private static NodeId id(int... first) {
    byte[] bytes = new byte[NodeId.BYTES];
    for (int i = 0; i < first.length; i++) {
      bytes[i] = (byte) first[i];
    }
    return NodeId.fromBytes(bytes);
  }

  private static NodeId[] firstBytes(int... first) {
    return Arrays.stream(first).mapToObj(byteOf -> id(byteOf)).toArray(NodeId[]::new);
  }

  /** A network that looks like one of 256, of which a region of four has a share of 1/64. */
  private void amongTwoHundredAndFiftySix() {
    rig.earn(0, firstBytes(1, 2, 3, 4));
    key = id(0x80);
  }

  @Test
  void whereThePlacesNearestToTheKeyWereTaken_thoseBesideThemAreReadAsWell() {
    amongTwoHundredAndFiftySix();
    // Eight that hide the service name one another; three honest ones are in the region, too.
    NodeId[] crowd = new NodeId[8];
    for (int i = 0; i < crowd.length; i++) {
      crowd[i] = id(0x80, i + 1);
    }
    NodeId[] honest = firstBytes(0x81, 0x82, 0x83);
    rig.earn(0, crowd[0], crowd[1], crowd[2], honest[0]);
    begin();
    run(id -> Set.of(crowd).contains(id) ? naming(crowd) : naming(honest));

    assertThat(asked).contains(honest).doesNotHaveDuplicates();
    assertThat(ended.get(0).keepers()).extracting(keeper -> keeper.contact().id()).contains(honest);
  }

  @Test
  void thoseOnTheWayToTheRegion_areNotOfIt_andNeedNotAnswer() {
    amongTwoHundredAndFiftySix();
    Set<NodeId> silent = Set.of(firstBytes(0x90, 0x91, 0x88, 0x89, 0x8a));
    rig.earn(0, firstBytes(0x90, 0x91, 0x92, 0x93));
    begin();
    run(
        id -> {
          if (silent.contains(id)) {
            return Rig.CANCELLED;
          }
          return id.equals(id(0x92))
              ? naming(firstBytes(0x88, 0x89, 0x8a, 0x8b))
              : naming(firstBytes(0x81, 0x82, 0x83, 0x84));
        });
    assertThat(asked).contains(firstBytes(0x88, 0x89, 0x8a));
    assertThat(ended.get(0).keepers())
        .extracting(keeper -> keeper.contact().id())
        .containsExactly(firstBytes(0x81, 0x82, 0x83, 0x84));
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
