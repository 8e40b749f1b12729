package dev.peerdiscovery.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.peerdiscovery.core.id.IdRange;
import dev.peerdiscovery.core.id.LookupTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the commands print that need no network. */
class OutputTest {
  private final Cli cli = new Cli();

  @ParameterizedTest
  @CsvSource({"13,12 11 9 5", "8,7 6 4 0", "0,''", "0x0d,12 11 9 5"})
  void offsetsOfAnId(String id, String targets) {
    assertThat(cli.run("offsets", id)).isZero();
    assertThat(cli.out()).isEqualTo(targets + System.lineSeparator());
    assertThat(cli.err()).isEmpty();
  }

  @Test
  void offsetsAsJson() {
    assertThat(cli.run("offsets", "13", "--json")).isZero();
    JsonObject json = JsonParser.parseString(cli.out()).getAsJsonObject();
    assertThat(json.get("id").getAsString()).isEqualTo("13");
    assertThat(json.getAsJsonArray("targets")).hasSize(4);
  }

  @Test
  void tableIsTheSeedsFrameByDefault() {
    assertThat(cli.run("table")).isZero();
    assertThat(cli.out())
        .isEqualTo(LookupTable.of(IdRange.parse("0..16"), IdRange.parse("0..32")).toMarkdown());
  }

  @Test
  void tableOfAnotherFrame() {
    assertThat(cli.run("table", "--rows", "100..116", "--columns", "90..140")).isZero();
    assertThat(cli.out())
        .isEqualTo(
            LookupTable.of(IdRange.parse("100..116"), IdRange.parse("90..140")).toMarkdown());
  }

  @Test
  void tableAsJson() {
    assertThat(cli.run("table", "--rows", "0..16", "--columns", "13", "--json")).isZero();
    JsonObject json = JsonParser.parseString(cli.out()).getAsJsonObject();
    JsonArray entries = json.getAsJsonArray("entries");
    assertThat(entries).hasSize(5);
    assertThat(entries.get(0).getAsJsonObject())
        .isEqualTo(JsonParser.parseString("{\"row\":\"5\",\"column\":\"13\",\"offset\":\"8\"}"));
  }

  @Test
  void versionSaysProtocolAndJava() {
    assertThat(cli.run("--version")).isZero();
    assertThat(cli.out()).startsWith("peer-discovery ").contains("protocol 1", "Java ");
  }

  @Test
  void helpListsCommandsAndExitCodes() {
    assertThat(cli.run("--help")).isZero();
    assertThat(cli.out())
        .contains("register", "resolve", "watch")
        .contains("demo", "node", "ping", "lookup", "status", "contacts", "table", "offsets")
        .contains("completion", "Exit codes:", "130", "Examples:");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "demo",
        "node",
        "ping",
        "lookup",
        "register",
        "resolve",
        "watch",
        "status",
        "contacts",
        "table",
        "offsets",
        "completion"
      })
  void everyCommandHelpsInTwoWays(String command) {
    assertThat(cli.run(command, "--help")).isZero();
    assertThat(cli.out()).contains("Usage: peer " + command, "Examples:", "  peer " + command);
    Cli other = new Cli();
    assertThat(other.run("help", command)).isZero();
    assertThat(other.out()).isEqualTo(cli.out());
  }

  @Test
  void helpShowsDefaults() {
    assertThat(cli.run("node", "--help")).isZero();
    // Lines are broken anywhere.
    String text = cli.out().replaceAll("\\s+", "");
    for (Setting setting : Setting.values()) {
      assertThat(text)
          .contains(setting.flag())
          .contains("(default:" + setting.defaultValue().replace(" ", "") + ")");
    }
  }

  @Test
  void withoutACommandThereIsHelpAndAnError() {
    assertThat(cli.run()).isEqualTo(2);
    assertThat(cli.out()).isEmpty();
    assertThat(cli.err()).contains("Usage: peer");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh"})
  void completionIsAScriptForTheShell(String shell) {
    assertThat(cli.run("completion", shell)).isZero();
    assertThat(cli.out())
        .contains("complete -F _complete_peer", "--bootstrap", "--columns", "offsets");
  }
}
