package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class EngineConfigTest {
  @Test
  void pace_quickensWhatTheNodeDoes_andNotWhatItWaitsFor() {
    EngineConfig usual = EngineConfig.defaults();
    EngineConfig quick = usual.toBuilder().pace(5).build();
    assertThat(quick.livenessInterval()).isEqualTo(Duration.ofMillis(400));
    assertThat(quick.livenessMinAge()).isEqualTo(Duration.ofSeconds(3));
    assertThat(quick.departedRetryFast()).isEqualTo(Duration.ofSeconds(6));
    assertThat(quick.bootstrapFewInterval()).isEqualTo(Duration.ofSeconds(6));
    assertThat(quick.pingDeadline()).isEqualTo(usual.pingDeadline());
    assertThat(quick.doubtAfter()).isEqualTo(usual.doubtAfter());
    assertThat(usual.toBuilder().pace(1).build()).isEqualTo(usual);
    assertThatThrownBy(() -> usual.toBuilder().pace(21)).hasMessageContaining("1 to 20, got 21");
  }
}
