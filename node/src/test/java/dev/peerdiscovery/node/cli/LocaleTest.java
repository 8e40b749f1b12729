package dev.peerdiscovery.node.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonParser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What programs read is the same wherever the process runs: Arabic and Devanagari locales have
 * digits of their own, the Turkish one another lower case of I, the German one a decimal comma.
 */
class LocaleTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Pattern READY =
      Pattern.compile(
          "READY id=13 advertised=(127\\.0\\.0\\.1:[0-9]+) network=default state=alone"
              + " contacts=0\n");
  private static final Pattern FOREIGN_DIGIT = Pattern.compile("[\\p{Nd}&&[^0-9]]");

  private final Locale before = Locale.getDefault();

  @AfterEach
  void putBack() {
    Locale.setDefault(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ar-EG-u-nu-arab", "hi-IN-u-nu-deva", "tr-TR", "de-DE"})
  void whatNeedsNoNetwork_isTheSameInEveryLocale(String locale) {
    List<String> expected = said(Locale.ROOT);
    List<String> actual = said(Locale.forLanguageTag(locale));
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i)).isEqualTo(expected.get(i));
    }
  }

  private static List<String> said(Locale locale) {
    Locale.setDefault(locale);
    List<String> said = new ArrayList<>();
    for (String line :
        List.of(
            "--help",
            "offsets 1234567 --json",
            "offsets 1234567",
            "table --rows 0..3 --columns 90..120",
            "table --rows 0..3 --columns 13 --json",
            "simulate --nodes 40 --lookups 0",
            "node --calls-per-second 0",
            "node --api 127.0.0.1:70000")) {
      Cli cli = new Cli();
      int code = cli.run(line.split(" "));
      said.add(line + "\n" + code + "\n" + cli.out() + cli.err());
    }
    return said;
  }

  @ParameterizedTest
  @ValueSource(strings = {"ar-EG-u-nu-arab", "hi-IN-u-nu-deva", "de-DE"})
  void aSimulationsNumbers_areReadInEveryLocale(String locale) {
    Locale.setDefault(Locale.forLanguageTag(locale));
    Cli text = new Cli();
    assertThat(text.run("simulate --nodes 40 --lookups 40 --seed 7".split(" "))).isZero();
    assertThat(text.out())
        .containsPattern("took +[0-9.]+ m?s\n")
        .containsPattern("contacts +[0-9]+[.][0-9] in a table")
        .doesNotContainPattern(FOREIGN_DIGIT);
    Cli json = new Cli();
    assertThat(json.run("simulate --nodes 40 --lookups 40 --seed 7 --json".split(" "))).isZero();
    assertThat(JsonParser.parseString(json.out()).isJsonObject()).isTrue();
    assertThat(json.out()).doesNotContainPattern(FOREIGN_DIGIT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ar-EG-u-nu-arab", "hi-IN-u-nu-deva", "tr-TR"})
  void aNodeAndThoseWhoAskIt_speakForPrograms(String locale) throws InterruptedException {
    Locale.setDefault(Locale.forLanguageTag(locale));
    Cli node = new Cli();
    Thread thread = new Thread(() -> node.run("node", "--id", "13", "--listen", "127.0.0.1:0"));
    thread.start();
    try {
      await().atMost(PATIENCE).until(() -> node.out().endsWith("\n"));
      var ready = READY.matcher(node.out());
      assertThat(ready.matches()).as(node.out()).isTrue();
      String via = ready.group(1);
      for (String line :
          List.of(
              "status --via " + via,
              "status --json --via " + via,
              "contacts --via " + via,
              "contacts --json --via " + via,
              "resolve orders --json --via " + via,
              "ping " + via,
              "ping --json " + via,
              "lookup --json --nearest 7 --via " + via,
              "lookup 7 --via " + via)) {
        Cli cli = new Cli();
        cli.run(line.split(" "));
        String said = cli.out() + cli.err();
        assertThat(said).as(line).isNotBlank().doesNotContainPattern(FOREIGN_DIGIT);
        if (line.contains("--json") && !cli.out().isEmpty()) {
          assertThat(JsonParser.parseString(cli.out())).as(line).isNotNull();
        }
      }
    } finally {
      thread.interrupt();
      thread.join(PATIENCE.toMillis());
    }
    assertThat(node.out() + node.err()).doesNotContainPattern(FOREIGN_DIGIT);
  }
}
