package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peerdiscovery.client.ChannelLimits;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class LimitsTest {
  @Test
  void defaults_areWhatTheBuilderBeginsWith() {
    assertThat(Limits.defaults().toBuilder().build()).isEqualTo(Limits.defaults());
    assertThat(Limits.defaults().callsPerSecondPerPeer()).isEqualTo(200);
    assertThat(Limits.defaults().callDeadline()).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void valuesOutOfBounds_areRefused() {
    List<Consumer<Limits.Builder>> wrong =
        List.of(
            it -> it.connections(0),
            it -> it.connections(65_537),
            it -> it.connectionsPerAddress(0),
            it -> it.callsPerConnection(0),
            it -> it.requestBytes(4095),
            it -> it.metadataBytes((64 << 10) + 1),
            it -> it.flowControlBytes(0),
            it -> it.connectionAge(Duration.ofMillis(999)),
            it -> it.connectionGrace(Duration.ofMinutes(11)),
            it -> it.keepAlive(Duration.ZERO),
            it -> it.streamsPerConnection(0),
            it -> it.streamsPerConnection(65),
            it -> it.healthPerSecondPerPeer(0),
            it -> it.resetsPerWindow(9),
            it -> it.halfOpen(15),
            it -> it.handshake(Duration.ZERO),
            it -> it.connectionIdle(Duration.ofDays(2)),
            it -> it.callDeadline(Duration.ofMillis(99)),
            it -> it.callsInFlight(0),
            it -> it.callsInFlightPerPeer(0),
            it -> it.callsInFlightPerSubnet(1_000_001),
            it -> it.callsPerSecond(0),
            it -> it.callsPerSecondPerPeer(-1),
            it -> it.callsPerSecondPerSubnet(10_000_001),
            it -> it.violations(0),
            it -> it.quarantine(Duration.ofMinutes(11)),
            it -> it.remembered(-1));
    for (Consumer<Limits.Builder> each : wrong) {
      Limits.Builder builder = Limits.defaults().toBuilder();
      each.accept(builder);
      assertThatThrownBy(builder::build)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageMatching("[a-zA-Z]+: must be \\S+ to \\S+, got \\S+");
    }
    assertThatThrownBy(() -> ChannelLimits.defaults().withChannels(0))
        .hasMessage("channels: must be 1 to 65536, got 0");
  }

  /** Streams stay, and would leave no room for calls that are over soon. */
  @Test
  void streams_areThreeQuartersOfTheCallsOfAConnection_unlessSet() {
    assertThat(Limits.defaults().streamsPerConnection()).isEqualTo(48);
    assertThat(Limits.builder().callsPerConnection(10).build().streamsPerConnection()).isEqualTo(7);
    assertThat(Limits.builder().callsPerConnection(1).build().streamsPerConnection()).isEqualTo(1);
    Limits set = Limits.builder().callsPerConnection(100).streamsPerConnection(99).build();
    assertThat(set.streamsPerConnection()).isEqualTo(99);
    assertThat(set.toBuilder().callsPerConnection(200).build().streamsPerConnection())
        .isEqualTo(99);
  }
}
