package dev.peerdiscovery.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeygenTest {
  @TempDir private Path directory;

  @Test
  void printsTheId_andDoesNotOverwrite() throws Exception {
    String data = directory.resolve("data").toString();
    Cli first = new Cli();
    assertThat(first.run("keygen", "--data-dir", data)).as(first.err()).isZero();
    assertThat(first.out()).matches("[0-9a-f]{64}\\R");
    byte[] key = Files.readAllBytes(directory.resolve("data/identity.key"));

    Cli again = new Cli();
    assertThat(again.run("keygen", "--data-dir", data)).isEqualTo(3);
    assertThat(again.err()).contains("it is there already, and is not replaced");
    assertThat(again.out()).isEmpty();
    assertThat(directory.resolve("data/identity.key")).hasBinaryContent(key);
  }

  @Test
  void needsADirectory() {
    Cli cli = new Cli();
    assertThat(cli.run("keygen")).isEqualTo(2);
    assertThat(cli.err()).contains("--data-dir");
  }

  @Test
  void node_withAnId_isNotSigned() {
    Cli cli = new Cli();
    assertThat(cli.run("node", "--id", "1", "--identity", "signed", "--listen", "127.0.0.1:0"))
        .isEqualTo(2);
    assertThat(cli.err()).contains("an id comes from a key", "set identity to assigned");
  }

  @Test
  void otherIdentities_areUnknown() {
    Cli cli = new Cli();
    assertThat(cli.run("ping", "127.0.0.1:1", "--identity", "sign")).isEqualTo(2);
    assertThat(cli.err()).contains("--identity: must be assigned or signed");
  }
}
