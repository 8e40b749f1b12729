package dev.peerdiscovery.node.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StopSignalTest {
  /**
   * A JVM that was started with a signal ignored, as under {@code nohup} or in the background of a
   * script, leaves it ignored: there is nothing to be tested.
   */
  private static void assumeHeard(String name) throws Exception {
    Path status = Path.of("/proc/self/status");
    if (Files.exists(status)) {
      long number = Map.of("HUP", 1L, "INT", 2L, "TERM", 15L).get(name);
      String ignored =
          Files.readAllLines(status).stream()
              .filter(line -> line.startsWith("SigIgn:"))
              .findFirst()
              .orElseThrow();
      long set = Long.parseUnsignedLong(ignored.substring(7).strip(), 16);
      assumeTrue((set >>> (number - 1)) % 2 == 0, "this process ignores SIG" + name);
    }
  }

  private static void signal(String name) throws Exception {
    String self = String.valueOf(ProcessHandle.current().pid());
    assertThat(new ProcessBuilder("kill", "-" + name, self).start().waitFor()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"HUP,OK", "TERM,OK", "INT,INTERRUPTED"})
  void firstSignal_saysWhatToEndWith(String name, ExitCode code) throws Exception {
    assumeHeard(name);
    try (StopSignal stop = StopSignal.install()) {
      assertThat(stop.received()).isNotDone();
      signal(name);
      assertThat(stop.received().get(20, TimeUnit.SECONDS)).isEqualTo(code);
    }
  }

  /** A second SIGTERM ends the process at once; a second SIGHUP would end this one. */
  @Test
  void aTerminalThatCloses_maySaySoTwice() throws Exception {
    assumeHeard("HUP");
    try (StopSignal stop = StopSignal.install()) {
      signal("HUP");
      assertThat(stop.received().get(20, TimeUnit.SECONDS)).isEqualTo(ExitCode.OK);
      stop.hangUp();
      stop.hangUp();
      assertThat(stop.received()).isCompletedWithValue(ExitCode.OK);
    }
  }
}
