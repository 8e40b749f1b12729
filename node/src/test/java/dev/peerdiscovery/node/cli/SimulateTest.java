package dev.peerdiscovery.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code peer simulate}: what it says, and what it refuses. */
class SimulateTest {
  private final Cli cli = new Cli();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          --nodes 0                    | --nodes: must be at least 2, got 0
          --nodes -5                   | --nodes: must be at least 2, got -5
          --nodes 2000000000           | --nodes: 2000000000 nodes and 1000 lookups need about
          --nodes many                 | 'many' is not an int
          --lookups 0                  | --lookups: must be 1 to
          --churn cauchy:5m            | --churn
          --churn exponential          | --churn
          --churn weibull:5m:-1        | --churn
          --latency lognormal:50ms     | --latency
          --latency gamma:50ms:1       | --latency
          --latency measured:nowhere   | --latency
          --loss 2                     | --loss
          --loss 1                     | --loss: must be 0 to 0.99, got 1
          --churn exponential:1s       | --churn: sessions: too short: of 1000 peers not one stays
          --crash 0.5 --warm-up 119s   | --crash: warm-up: must be at least 2 minutes
          --crash 1.5                  | --crash
          --partition 1.5:10m          | --partition
          --partition 0.5              | --partition: must look like 0.5:10m
          --crash 0.5 --churn exponential:5m | a run has one of them
          --upkeep 1                   | upkeep is off where nobody comes or goes
          --newcomers 1000             | --newcomers: must be 0 to 998
          --k 0                        | --k
          --paths 0                    | --paths: must be 1 to 16, got 0
          --paths 17                   | --paths: must be 1 to 16, got 17
          --adversaries 0.2            | --adversaries: must look like 0.2:colluding
          --adversaries 0.2:friendly   | --adversaries: must look like 0.2:colluding
          --adversaries 1.5:colluding  | --adversaries: a share is 0 to 1
          --adversaries 0:silent       | --adversaries: share: must be one peer of 1000 at least
          --adversaries 0.999999:silent | --adversaries: share: must be one peer of 1000 at least
          --eclipse 2                  | --eclipse: must look like 2:1000
          --eclipse two:1000           | --eclipse: must look like 2:1000
          --eclipse 0:1000             | --eclipse: subnets: must be 1 to 200, got 0
          --eclipse 2:0                | --eclipse: ids: must be 1 to 1000000, got 0
          --eclipse 2:10 --crash 0.5   | a run has one of them
          --eclipse 2:10 --upkeep 1    | --upkeep: only with --churn
          --services none              | --services: must look like 5 or 1,20,2000
          --services 1,,2              | --services: must look like 5 or 1,20,2000
          --services 501               | --services: must have 1 instance each
          --latency constant:10m       | --latency: half of the round trips must be below the 2 s
          --latency constant:0ms       | --latency: half of the round trips must be below the 2 s
          --services 0                 | --services: must have 1 instance each
          --services 300,300           | --services: must have 1 instance each, and
          --services 1 --crash 0.5     | do not go together
          --services 1 --partition 0.3:3m | --partition: must look like 0.5:3m with --services
          --services 4 --nodes 8 --churn exponential:1s | too short: of 8 peers not one stays
          --services 1 --newcomers 5   | --newcomers: only where nothing else happens
          --services 1 --nodes 200 --churn exponential:1m --warm-up 365d --lookups 10 | --nodes: 200 nodes, the
          --eclipse 200:1000000 --nodes 100 | --nodes: 1000102 nodes and
          --nodes 2000000000 --churn exponential:5s --warm-up 365d | --nodes: 2000000000 nodes, the
          --crash 0.001 --nodes 100    | --crash: share: must be one peer of 100 at least
          --adversaries 0.001:silent --nodes 60 | --adversaries: share: must be one peer of 60
          --services 1 --partition .5:3m | --partition: must be a number, got '.5'
          --services 1 --partition 0.50:0ms | --partition: must last longer than '0ms'
          --services 1 --ttl 1s        | ttl
          --services 1 --sybils 1001   | sybils: 0 to 1000
          --services 1 --sybils -1     | sybils: 0 to 1000
          --services 1 --lookups 36001 | --lookups: must be 1 to 36000 with --services
          --sybils 5                   | --sybils: only with --services
          --ttl 20s                    | --ttl: only with --services
          --services 5 --plot a.svg    | --plot: draws lookups of peers
          --eclipse 2:20 --plot a.svg  | --plot: draws lookups of peers
          --lookups 2000000 --nodes 2 --crash 0.1 | --lookups: at one a minute
          """)
  void whatIsWrongIsSaidInOneLine(String options, String message) {
    assertThat(cli.run(("simulate " + options).split(" "))).isEqualTo(2);
    assertThat(cli.errLines()).hasSize(1);
    assertThat(cli.err()).startsWith("peer: ").contains(message);
    assertThat(cli.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " --churn exponential:2m --warm-up 1m",
        " --crash 0.5 --warm-up 2m",
        " --partition 0.5:2m",
        " --adversaries 0.2:colluding --paths 4",
        " --eclipse 2:20"
      })
  void sameSeed_isTheSameRun_andAnotherIsNot(String experiment) {
    String command = "simulate --json --nodes 60 --lookups 60" + experiment;
    JsonObject first = json(command + " --seed 4");

    assertThat(json(command + " --seed 4").get("traceHash")).isEqualTo(first.get("traceHash"));
    assertThat(json(command + " --seed 5").get("traceHash")).isNotEqualTo(first.get("traceHash"));
    for (String share : new String[] {"found", "recall"}) {
      assertThat(first.get(share).getAsDouble()).as(share).isBetween(0.8, 1.0);
    }
    for (String number : new String[] {"hops", "rounds", "calls"}) {
      assertThat(first.get(number).getAsDouble()).as(number).isPositive();
    }
  }

  @Test
  void nobodyStaysLongEnoughToLookUp_isSaid_andIsNoResult() {
    // One of two is expected to stay, and does not.
    String command = "simulate --json --nodes 2 --lookups 1 --churn exponential:60s --seed 3";
    assertThat(cli.run(command.split(" "))).isEqualTo(1);
    assertThat(cli.err()).contains("nobody looked anything up");
    assertThat(cli.out()).isEmpty();
  }

  @Test
  void whatAPersonReads_endsWithTheCommandThatRepeatsIt(@TempDir Path directory) {
    Path plot = directory.resolve("plot.svg");

    assertThat(cli.run("simulate", "--nodes", "50", "--lookups", "40", "--plot", plot.toString()))
        .isZero();

    assertThat(cli.out())
        .contains("found    100.000 %", "recall   100.000 %", "./peer simulate --nodes 50");
    assertThat(plot).content().startsWith("<svg").endsWith("</svg>\n");
  }

  @Test
  void lookupsAcross_beginWhenTheyShould() {
    String command = "simulate --json --nodes 40 --lookups 10 --partition 0.5:2m";
    assertThat(json(command + ":5s").get("traceHash"))
        .isNotEqualTo(json(command + ":9s").get("traceHash"));
    JsonObject minute = json(command + ":1m");
    for (JsonElement sample : minute.getAsJsonArray("samples")) {
      assertThat(sample.getAsJsonObject().get("untilSeconds").getAsDouble()).isBetween(10.0, 60.0);
    }
  }

  @Test
  void attacks_haveATableOfTheirOwn() {
    assertThat(cli.run("simulate --nodes 60 --lookups 40 --adversaries 0.2:silent".split(" ")))
        .isZero();
    assertThat(cli.out())
        .containsPattern("PATHS +REACHED +THEORY\\n1 ")
        .contains("--adversaries 0.2:silent", "--paths 1");
    JsonObject eclipse = json("simulate --json --nodes 60 --lookups 40 --eclipse 2:40");
    assertThat(eclipse.getAsJsonArray("attack")).hasSize(2);
    assertThat(eclipse.getAsJsonArray("attack").get(1).getAsJsonObject().keySet())
        .containsExactly("victim", "contacts", "honest", "mostOfSubnet", "found", "recall");
  }

  @Test
  void services_areResolvedAndNotPeers() {
    String command = "simulate --nodes 60 --lookups 40 --warm-up 1m --services 1,5 --sybils 3";
    assertThat(cli.run(command.split(" "))).isZero();
    assertThat(cli.out())
        .contains("40 resolves within", "a watch", "--services 1,5", "--sybils 3")
        .containsPattern("INSTANCES +RESOLVES +FOUND .*\\n1 ")
        .doesNotContain("hops", "NaN");
    JsonObject json = json(command.replace("simulate", "simulate --json --churn exponential:5m"));
    assertThat(json.getAsJsonArray("services")).hasSize(2);
    assertThat(json.get("resolves").getAsInt()).isEqualTo(40);
    assertThat(json.get("found").getAsDouble()).isBetween(0.9, 1.0);
    assertThat(json.get("publisherCalls").getAsDouble()).isPositive();
  }

  @Test
  void whereThePlotCannotGo_isSaidBeforeTheRun(@TempDir Path directory) throws Exception {
    Path file = Files.createFile(directory.resolve("file"));

    assertThat(cli.run("simulate", "--plot", file.resolve("plot.svg").toString())).isNotZero();

    assertThat(cli.errLines()).hasSize(1);
  }

  /** Too little would end in an OutOfMemoryError, too much refuse what could be run. */
  @ParameterizedTest
  @ValueSource(ints = {1_000, 5_000})
  void theHeapThatIsAskedFor_isWhatANetworkTakes(int nodes) {
    JsonObject atRest = json("simulate --json --lookups 10 --nodes " + nodes);

    double needed = HeapNeed.of(nodes, 0, 20, true) - HeapNeed.of(0, 0, 20, true);
    double taken = atRest.getAsJsonObject("machine").get("heapBytesPerNode").getAsDouble() * nodes;
    assertThat(needed / taken).isBetween(1.0, 2.0);
  }

  @Test
  void theHeapThatIsAskedFor_isThatOfPeersThatComeAndGo_andOfAttackers() {
    assertHeap("--nodes 500 --churn exponential:5m --warm-up 3m --lookups 100", 500);
    assertHeap("--nodes 100 --eclipse 2:400 --lookups 10", 502);
  }

  private static void assertHeap(String options, int engines) {
    JsonObject machine = json("simulate --json " + options).getAsJsonObject("machine");
    double needed = HeapNeed.of(engines, 0, 20, false) - HeapNeed.of(0, 0, 20, false);
    double taken = machine.get("heapBytesPerNode").getAsDouble() * engines;
    assertThat(needed / taken).as(options).isBetween(1.0, 3.0);
  }

  private static JsonObject json(String line) {
    Cli cli = new Cli();
    assertThat(cli.run(line.split(" "))).as(cli.err()).isZero();
    return JsonParser.parseString(cli.out()).getAsJsonObject();
  }
}
