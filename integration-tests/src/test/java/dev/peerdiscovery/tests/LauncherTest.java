package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
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
    assertThat(told("", "node", "--listen", "x"))
        .contains("-XX:+ExitOnOutOfMemoryError", "dev.peerdiscovery.node.cli.Main")
        .endsWith("node", "--listen", "x");
    // This one says what to do.
    assertThat(told("", "simulate")).doesNotContain("-XX:+ExitOnOutOfMemoryError");
  }

  @Test
  void eachCommand_hasOneCollector_whichTheUserMayChoose() throws Exception {
    assertThat(told("", "node")).contains("-XX:+UseSerialGC").doesNotContain("-XX:+UseParallelGC");
    assertThat(told("", "simulate"))
        .contains("-XX:+UseParallelGC")
        .doesNotContain("-XX:+UseSerialGC");
    assertThat(told("-Xmx1g -XX:+UseZGC", "simulate"))
        .contains("-Xmx1g", "-XX:+UseZGC")
        .doesNotContain("-XX:+UseSerialGC", "-XX:+UseParallelGC");
  }

  private List<String> told(String options, String... command) throws Exception {
    Path java = Files.createDirectories(javaHome.resolve("bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwx------"));
    Files.writeString(javaHome.resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
    ProcessBuilder builder = new ProcessBuilder(LAUNCHER.toString());
    builder.command().addAll(List.of(command));
    builder.environment().put("JAVA_HOME", javaHome.toString());
    builder.environment().put("PEER_NO_BUILD", "1");
    builder.environment().put("PEER_JAVA_OPTS", options);
    builder.redirectErrorStream(true);
    Process process = builder.start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return said.lines().toList();
  }
}
