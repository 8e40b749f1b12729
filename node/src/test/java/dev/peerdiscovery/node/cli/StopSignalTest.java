package dev.peerdiscovery.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StopSignalTest {
  private static void signal(String name) throws Exception {
    String self = String.valueOf(ProcessHandle.current().pid());
    assertThat(new ProcessBuilder("kill", "-" + name, self).start().waitFor()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"HUP,OK", "TERM,OK", "INT,INTERRUPTED"})
  void firstSignal_saysWhatToEndWith(String name, ExitCode code) throws Exception {
    try (StopSignal stop = StopSignal.install()) {
      assertThat(stop.received()).isNotDone();
      signal(name);
      assertThat(stop.received().get(20, TimeUnit.SECONDS)).isEqualTo(code);
    }
  }

  /** A second SIGTERM ends the process at once; a second SIGHUP would end this one. */
  @Test
  void aTerminalThatCloses_maySaySoTwice() throws Exception {
    try (StopSignal stop = StopSignal.install()) {
      signal("HUP");
      assertThat(stop.received().get(20, TimeUnit.SECONDS)).isEqualTo(ExitCode.OK);
      stop.hangUp();
      stop.hangUp();
      assertThat(stop.received()).isCompletedWithValue(ExitCode.OK);
    }
  }
}
