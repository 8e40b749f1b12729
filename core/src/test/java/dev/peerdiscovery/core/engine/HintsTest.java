package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HintsTest {
  private static final NodeId ONE = NodeId.of(1);

  private final Rig rig = new Rig();

  @Test
  void flood_of100000Strangers_keepsWithinTheBounds() {
    SplittableRandom random = new SplittableRandom(7);
    int dropped = 0;
    for (int i = 0; i < 100_000; i++) {
      rig.hints.offer(Rig.record(NodeId.random(random)), i);
      rig.hints.advance(i);
      assertThat(rig.calls.underWay()).isLessThanOrEqualTo(Hints.MAX_UNDER_WAY);
      if (i % 100 == 0) {
        // Nobody is there.
        rig.calls.drain().forEach(call -> rig.calls.completed(call.id(), Rig.TIMEOUT, 1));
        dropped += countDrops(Event.Drop.UNREACHABLE);
      }
    }
    assertThat(dropped).isLessThanOrEqualTo(1_000 * Hints.MAX_UNDER_WAY);
    assertThat(rig.table.size()).isZero();
    // A bucket parks k, and the flood reaches about 17 buckets.
    assertThat(rig.table.replacements()).isLessThanOrEqualTo(20 * rig.config.k());
    // What is left in the queue drains, and then there is peace.
    for (int i = 0; i < 100_000 && !rig.hints.isIdle(); i++) {
      rig.calls.drain().forEach(call -> rig.calls.completed(call.id(), Rig.TIMEOUT, 1));
      rig.hints.advance(100_000);
    }
    assertThat(rig.hints.isIdle()).isTrue();
    assertThat(rig.calls.underWay()).isZero();
  }

  private int countDrops(Event.Drop drop) {
    return (int)
        rig.events.drain().stream()
            .filter(event -> event instanceof Event.HintDropped d && d.drop() == drop)
            .count();
  }

  @Test
  void offer_toAFullQueue_isDropped_andSaidSo() {
    // With k = 64 the buckets have room for more than may wait.
    Rig large = new Rig(EngineConfig.defaults().toBuilder().k(64).build());
    for (int bucket = 255; bucket > 245; bucket--) {
      for (int i = 0; i < 64; i++) {
        large.hints.offer(Rig.record(NodeId.powerOfTwo(bucket).plus(NodeId.of(i))), 0);
      }
    }

    assertThat(large.events.drain())
        .filteredOn(event -> !(event instanceof Event.SelfChanged))
        .hasSize(640 - Hints.MAX_WAITING)
        .allMatch(e -> e instanceof Event.HintDropped d && d.drop() == Event.Drop.TOO_MANY);
  }

  @Test
  void offer_ofOnesOwnRecord_isMet_andNeverCalled() {
    assertThat(rig.hints.offer(Rig.record(Rig.ID, 900, Rig.ENDPOINT), 0))
        .isNotEqualTo(Hints.Offer.NEW);
    rig.hints.advance(0);

    assertThat(rig.calls.drain()).isEmpty();
    assertThat(rig.self.record().orElseThrow().content().sequence()).isEqualTo(901);
  }

  @Test
  void offer_ofAContactsNewerRecord_isCalledAtItsNewEndpoint() {
    rig.earn(0, ONE);
    Endpoint moved = new Endpoint("10.1.1.1", 7400);

    assertThat(rig.hints.offer(Rig.record(ONE, 2, moved), 0)).isNotEqualTo(Hints.Offer.NEW);
    rig.hints.advance(0);
    Call call = rig.calls.drain().get(0);
    assertThat(call.to()).isEqualTo(moved);
    assertThat(rig.table.contact(ONE).orElseThrow().endpoint()).isEqualTo(Rig.endpointOf(ONE));

    rig.calls.completed(call.id(), Rig.answerOf(call), 10);
    assertThat(rig.table.contact(ONE).orElseThrow().endpoint()).isEqualTo(moved);
  }

  @Test
  void offer_ofAForgedNewEndpoint_costsTheContactNothing() {
    rig.earn(0, ONE);
    rig.hints.offer(Rig.record(ONE, 99, new Endpoint("10.1.1.1", 7400)), 0);
    rig.hints.advance(0);
    rig.calls.drain().forEach(call -> rig.calls.completed(call.id(), Rig.TIMEOUT, 10));

    assertThat(rig.table.contact(ONE).orElseThrow().endpoint()).isEqualTo(Rig.endpointOf(ONE));
    assertThat(rig.table.suspects()).isZero();
  }

  @Test
  void rejected_isLeftAlone_forHalfAMinute() {
    offerAndFail(0);
    assertThat(rig.hints.offer(Rig.record(ONE), Duration.ofSeconds(29).toNanos()))
        .isNotEqualTo(Hints.Offer.NEW);
    assertThat(rig.hints.offer(Rig.record(ONE), Duration.ofSeconds(31).toNanos()))
        .isEqualTo(Hints.Offer.NEW);
  }

  @Test
  void rejected_withANewerRecord_isCalledAtOnce() {
    offerAndFail(0);

    assertThat(rig.hints.offer(Rig.record(ONE, 2, Rig.endpointOf(ONE)), 1))
        .isEqualTo(Hints.Offer.NEW);
  }

  private void offerAndFail(long nowNanos) {
    rig.hints.offer(Rig.record(ONE), nowNanos);
    rig.hints.advance(nowNanos);
    rig.calls.drain().forEach(call -> rig.calls.completed(call.id(), Rig.TIMEOUT, nowNanos));
  }

  @Test
  void notDialledAddress_isRefusedUncalled() {
    SignedPeerRecord loopback = Rig.record(ONE, 1, new Endpoint("127.0.0.1", 80));
    rig.hints.offer(loopback, 0);
    rig.hints.advance(0);

    assertThat(rig.calls.drain()).isEmpty();
    assertThat(rig.events.drain()).contains(new Event.HintDropped(ONE, Event.Drop.REFUSED));
    assertThat(rig.hints.isIdle()).isTrue();
  }

  @Test
  void placeOfAHintThatFails_goesToTheNextReplacement() {
    Rig tiny = new Rig(EngineConfig.defaults().toBuilder().k(1).build());
    tiny.hints.offer(Rig.record(NodeId.of(8)), 0);
    tiny.hints.offer(Rig.record(NodeId.of(9)), 0);
    tiny.hints.offer(Rig.record(NodeId.of(10)), 0);
    tiny.hints.advance(0);
    for (int i = 0; i < 3; i++) {
      tiny.calls.drain().forEach(call -> tiny.calls.completed(call.id(), answerUnless8(call), 0));
      tiny.hints.advance(0);
    }

    assertThat(tiny.table.contact(NodeId.of(10))).isPresent();
    assertThat(tiny.table.replacements()).isZero();
  }

  private static Outcome answerUnless8(Call call) {
    boolean is8 = call.request().wantedId().orElseThrow().equals(NodeId.of(8));
    return is8 ? Rig.TIMEOUT : Rig.answerOf(call);
  }
}
