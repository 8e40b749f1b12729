package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.simulation.Newcomer;
import dev.peerdiscovery.core.simulation.Wire;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SelfTest {
  private static final NodeId ID = NodeId.of(7);
  private static final Endpoint HERE = new Endpoint("10.0.0.1", 7400);
  private static final Endpoint THERE = new Endpoint("10.0.0.2", 7400);

  private final Events events = new Events();
  private final Self self =
      new Self(ID, Newcomer.NETWORK, Wire.signer(Optional.empty()), 10, events);

  @Test
  void advertise_makesARecordAboveTheLastSequence() {
    self.advertise(List.of(HERE));

    assertThat(self.record()).contains(Rig.record(ID, 11, HERE));
    assertThat(events.drain()).containsExactly(new Event.SelfChanged(Rig.record(ID, 11, HERE)));
  }

  @Test
  void advertise_theSame_changesNothing() {
    self.advertise(List.of(HERE));
    self.advertise(List.of(HERE));

    assertThat(sequence()).isEqualTo(11);
  }

  @Test
  void met_continuesAboveAHigherSequence() {
    self.advertise(List.of(HERE));
    self.met(Rig.record(ID, 500, THERE), 0);

    assertThat(self.record()).contains(Rig.record(ID, 501, HERE));
  }

  @Test
  void met_lowerOrEqual_changesNothing() {
    self.advertise(List.of(HERE));
    self.met(Rig.record(ID, 11, THERE), 0);
    self.met(Rig.record(ID, 3, THERE), 0);

    assertThat(sequence()).isEqualTo(11);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1L, -2L, Long.MIN_VALUE})
  void met_forgedNearTheEnd_isNotSuperseded_andTheSequenceNeverGoesBack(long forged) {
    self.advertise(List.of(HERE));
    long before = sequence();
    for (int i = 0; i < 3; i++) {
      self.met(Rig.record(ID, forged, THERE), 0);
      self.advertise(List.of(i % 2 == 0 ? THERE : HERE));
      assertThat(sequence()).isEqualTo(++before);
      assertThat(self.farewell().content().supersedes(self.record().orElseThrow().content()))
          .isTrue();
    }
  }

  @Test
  void met_beforeTheAddressIsKnown_countsButSaysNothing() {
    self.met(Rig.record(ID, 500, THERE), 0);
    assertThat(self.record()).isEmpty();
    assertThat(events.drain()).isEmpty();

    self.advertise(List.of(HERE));
    assertThat(sequence()).isEqualTo(501);
  }

  @Test
  void farewell_hasNoEndpoints_andSupersedes() {
    self.advertise(List.of(HERE));

    assertThat(self.farewell()).isEqualTo(Rig.record(ID, 12));
  }

  @Test
  void warnings_nameANodeWithTheSameId() {
    self.advertise(List.of(HERE));

    assertThat(self.isItself(Rig.record(ID, 500, THERE))).isFalse();
    assertThat(self.warnings()).singleElement().asString().contains("identity-collision", "0.0.2");
    assertThat(self.isItself(Rig.record(ID, 11, HERE))).isTrue();
    assertThat(self.warnings()).isEmpty();
  }

  @Test
  void warnings_tellOfAddressesThatCannotMeet() {
    Endpoint loopback = new Endpoint("127.0.0.1", 7400);
    self.advertise(List.of(loopback));
    self.compareAddresses(Rig.record(NodeId.of(8), 1, loopback));
    assertThat(self.warnings()).isEmpty();

    self.compareAddresses(Rig.record(NodeId.of(8), 1, HERE));
    self.addressRefused();
    assertThat(self.warnings())
        .satisfiesExactlyInAnyOrder(
            refused -> assertThat(refused).contains("address-refused: 1 "),
            elsewhere -> assertThat(elsewhere).contains("loopback-address", "127.0.0.1"));
  }

  @Test
  void warnings_takeTwoPeersThatAgree() {
    self.advertise(List.of(HERE));
    self.observed(NodeId.of(1), new Endpoint("203.0.113.9", 50_000));
    self.observed(NodeId.of(1), new Endpoint("203.0.113.9", 50_001));
    self.observed(NodeId.of(2), new Endpoint("203.0.113.10", 50_000));
    assertThat(self.warnings()).isEmpty();

    self.observed(NodeId.of(3), new Endpoint("203.0.113.9", 50_002));
    assertThat(self.warnings()).singleElement().asString().contains("unverified-address", "113.9");
  }

  @Test
  void warnings_endWithANewAddress_andConcernOnlyOthers() {
    self.advertise(List.of(HERE));
    self.observed(NodeId.of(1), new Endpoint("10.0.0.1", 50_000));
    self.observed(NodeId.of(2), new Endpoint("10.0.0.1", 50_000));
    assertThat(self.warnings()).isEmpty();
    self.observed(NodeId.of(1), new Endpoint("203.0.113.9", 50_000));
    self.observed(NodeId.of(2), new Endpoint("203.0.113.9", 50_000));
    assertThat(self.warnings()).hasSize(1);

    self.advertise(List.of(new Endpoint("203.0.113.9", 7400)));
    assertThat(self.warnings()).isEmpty();
  }

  @Test
  void observed_remembersABoundedNumber() {
    self.advertise(List.of(HERE));
    for (int i = 0; i < 100; i++) {
      self.observed(NodeId.of(1), new Endpoint("203.0.113." + i, 1));
      self.observed(NodeId.of(2), new Endpoint("203.0.113." + i, 1));
    }

    assertThat(self.warnings()).hasSize(8);
  }

  private long sequence() {
    return self.record().orElseThrow().content().sequence();
  }

  @Test
  void isPublic_whereStrangersTakePart() {
    assertThat(self.isPublic()).isFalse();
    assertThat(of(Network.of("test", IdentityMode.ASSIGNED, Scope.PUBLIC)).isPublic()).isTrue();
  }

  private Self of(Network network) {
    return new Self(ID, network, Wire.signer(Optional.empty()), 10, events);
  }

  /** Of two nodes with one key the last to have spoken is believed, once a minute. */
  @Test
  void met_anothersWithTheSameKey_isOutbidOnceAMinute() {
    Self signed = of(Network.of("test", IdentityMode.SIGNED, Scope.PRIVATE));
    signed.advertise(List.of(HERE));
    long minute = Duration.ofMinutes(1).toNanos();

    signed.met(Rig.record(ID, 100, THERE), 5);
    assertThat(signed.sequence()).isEqualTo(101);
    signed.met(Rig.record(ID, 200, THERE), 5 + minute - 1);
    assertThat(signed.sequence()).isEqualTo(101);
    signed.met(Rig.record(ID, 201, HERE), 5 + minute - 1);
    assertThat(signed.sequence()).as("its own, from before").isEqualTo(202);
    signed.met(Rig.record(ID, 300), 5 + minute - 1);
    assertThat(signed.sequence()).as("a farewell leads nowhere else").isEqualTo(301);
    signed.met(Rig.record(ID, 400, THERE), 5 + minute);
    assertThat(signed.sequence()).isEqualTo(401);
    signed.met(Rig.record(ID, 500, THERE), 5 + minute + 1);
    assertThat(signed.sequence()).isEqualTo(401);
  }

  @Test
  void met_whereIdsAreAssigned_isOutbidEveryTime() {
    self.advertise(List.of(HERE));
    self.met(Rig.record(ID, 100, THERE), 0);
    self.met(Rig.record(ID, 200, THERE), 0);

    assertThat(self.sequence()).isEqualTo(201);
  }

  @Test
  void collision_isToldOnce_untilTheOtherMoves() {
    self.advertise(List.of(HERE));
    events.drain();
    self.isItself(Rig.record(ID, 500, THERE));
    self.isItself(Rig.record(ID, 501, THERE));
    assertThat(events.drain()).containsExactly(new Event.IdentityCollision(List.of(THERE)));

    Endpoint moved = new Endpoint("10.0.0.3", 7400);
    self.isItself(Rig.record(ID, 502, moved));
    assertThat(events.drain()).containsExactly(new Event.IdentityCollision(List.of(moved)));
  }

  @Test
  void isItself_whereItNeverSaidWhereItIs_orNamesOneOfItsEndpoints() {
    assertThat(self.isItself(Rig.record(ID, 500, THERE))).isTrue();
    self.advertise(List.of(HERE));
    assertThat(self.isItself(Rig.record(ID, 5, THERE, HERE))).isTrue();
    assertThat(self.warnings()).isEmpty();
  }

  @Test
  void warnings_ofACollision_nameTheKey_whereIdsComeFromKeys() {
    Self signed = of(Network.of("test", IdentityMode.SIGNED, Scope.PRIVATE));
    signed.advertise(List.of(HERE));
    signed.isItself(Rig.record(ID, 500, THERE));
    assertThat(signed.warnings()).singleElement().asString().contains("this node's key");

    self.advertise(List.of(HERE));
    self.isItself(Rig.record(ID, 500, THERE));
    assertThat(self.warnings()).singleElement().asString().contains("this node's id");
  }

  /** A name may lead to the address that peers see. */
  @Test
  void observed_isNotCompared_whereANameIsAdvertised() {
    self.advertise(List.of(new Endpoint("node.example", 7400)));
    self.observed(NodeId.of(1), new Endpoint("203.0.113.9", 1));
    self.observed(NodeId.of(2), new Endpoint("203.0.113.9", 1));

    assertThat(self.warnings()).isEmpty();
  }

  @Test
  void observed_whereThereIsNoRoomForAnotherAddress_stillCountsForThoseThatAreThere() {
    self.advertise(List.of(HERE));
    for (int i = 0; i < 8; i++) {
      self.observed(NodeId.of(1), new Endpoint("203.0.113." + i, 1));
    }
    self.observed(NodeId.of(2), new Endpoint("203.0.113.7", 1));
    self.observed(NodeId.of(1), new Endpoint("203.0.113.8", 1));
    self.observed(NodeId.of(2), new Endpoint("203.0.113.8", 1));

    assertThat(self.warnings()).singleElement().asString().contains("at 203.0.113.7,");
  }

  /** Where the node is on no address yet, or on another than loopback, a seed elsewhere is well. */
  @Test
  void warnings_ofLoopback_areOnlyForANodeOnLoopback() {
    self.compareAddresses(Rig.record(NodeId.of(8), 1, HERE));
    assertThat(self.warnings()).isEmpty();
    self.advertise(List.of(THERE));
    assertThat(self.warnings()).isEmpty();
    self.advertise(List.of(new Endpoint("127.0.0.1", 7400)));
    assertThat(self.warnings()).hasSize(1);
    self.compareAddresses(Rig.record(NodeId.of(8), 1, HERE, new Endpoint("127.0.0.1", 1)));
    assertThat(self.warnings()).isEmpty();
  }

  @Test
  void isAhead_ofHigherSequencesOnly() {
    assertThat(self.isAhead(Rig.record(ID, 11, HERE))).isTrue();
    assertThat(self.isAhead(Rig.record(ID, 10, HERE))).isFalse();
    assertThat(self.isAhead(Rig.record(ID, -1, HERE))).isFalse();
  }

  @Test
  void requests_carryTheRecord_andWhoIsMeant() {
    self.advertise(List.of(HERE));
    FindNodeRequest find = self.findNode(Rig.contact(1), NodeId.of(9));
    assertThat(find.caller()).isEqualTo(self.record());
    assertThat(find.wantedId()).contains(NodeId.of(1));
    assertThat(find.target()).isEqualTo(NodeId.of(9));
    PingRequest ping = self.ping(Optional.of(NodeId.of(1)), THERE, Bytes.EMPTY);
    assertThat(ping.caller()).isEqualTo(self.record());
    assertThat(ping.dialled()).isEqualTo(THERE);
  }
}
