package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.simulation.Newcomer;
import dev.peerdiscovery.core.simulation.Wire;
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
}
