package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ./peer} starts, with a Java that only says what it was told. */
class LauncherTest {
  private static final Path LAUNCHER = Path.of("").toAbsolutePath().resolveSibling("peer");

  @TempDir private Path javaHome;

  @Row(66)
  @Test
  void processThatHasRunOutOfMemory_ends() throws Exception {
    Path java = Files.createDirectories(javaHome.resolve("bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwx------"));
    Files.writeString(javaHome.resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
    ProcessBuilder builder = new ProcessBuilder(LAUNCHER.toString(), "node", "--listen", "x");
    builder.environment().put("JAVA_HOME", javaHome.toString());
    builder.environment().put("PEER_NO_BUILD", "1");
    builder.redirectErrorStream(true);
    Process process = builder.start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();

    assertThat(said.lines())
        .contains("-XX:+ExitOnOutOfMemoryError", "dev.peerdiscovery.node.cli.Main")
        .endsWith("node", "--listen", "x");
  }
}
