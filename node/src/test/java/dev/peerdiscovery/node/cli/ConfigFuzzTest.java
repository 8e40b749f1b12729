package dev.peerdiscovery.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Whatever is in a configuration file, it is read, or refused with a sentence and exit code 2.
 *
 * <pre>
 * JAZZER_FUZZ=1 mvn test -pl node -am -Dtest=ConfigFuzzTest      fuzzes it
 * </pre>
 */
class ConfigFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void file(byte[] bytes) throws IOException {
    Path file = Files.createTempFile("config", ".fuzz");
    try {
      Files.write(file, bytes);
      FileLayer.read(Given.of("--config", Setting.CONFIG, List.of(file.toString())));
    } catch (CliException e) {
      assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE);
      assertThat(e.getMessage()).isNotBlank();
    } finally {
      Files.delete(file);
    }
  }
}
