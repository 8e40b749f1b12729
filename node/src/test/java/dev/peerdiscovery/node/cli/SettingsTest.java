package dev.peerdiscovery.node.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peerdiscovery.client.tls.Tls;
import dev.peerdiscovery.node.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The settings of a node: which layer wins, and what is refused. */
class SettingsTest {
  @TempDir private Path directory;

  private final Map<Setting, Given> flags = new HashMap<>();
  private final Map<String, String> environment = new HashMap<>();

  private Settings settings() {
    return Settings.of(flags, environment);
  }

  private void flag(Setting setting, String... texts) {
    flags.put(setting, Given.of(setting.flag(), setting, List.of(texts)));
  }

  private String file(String content) {
    try {
      return Files.writeString(directory.resolve("node.conf"), content).toString();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private String wrongFile(String content) {
    flag(Setting.CONFIG, file(content));
    return wrong();
  }

  /** What is said of settings that are wrong. */
  private String wrong() {
    try {
      settings().toBuilder();
    } catch (CliException e) {
      assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE);
      return String.valueOf(e.getMessage()).replace(directory + "/", "");
    }
    throw new AssertionError("nothing is wrong");
  }

  @Test
  void flagsWinOverTheEnvironmentAndThatOverTheFile() {
    assertThat(settings().network()).isEqualTo("default");
    String file = file("peer { network = from-file, log-level = error }");
    environment.put("PEER_CONFIG", file);
    assertThat(settings().network()).isEqualTo("from-file");
    environment.put("PEER_NETWORK", "from-environment");
    assertThat(settings().network()).isEqualTo("from-environment");
    flag(Setting.NETWORK, "from-flag");
    assertThat(settings().network()).isEqualTo("from-flag");
    assertThat(settings().logLevel()).as("what only the file says").isEqualTo("error");
  }

  @Test
  void anEmptyVariableIsNotSet() {
    environment.put("PEER_NETWORK", "");
    assertThat(settings().network()).isEqualTo("default");
  }

  @Test
  void filesOfTls_goWithCaAndTogether() {
    flag(Setting.TLS_CERT, "a.pem");
    assertThat(wrong()).isEqualTo("--tls-cert: is of no use without --tls ca");
    flag(Setting.TLS, "ca");
    assertThat(wrong()).contains("--tls: ca needs --tls-key, too", "./peer certs");
    environment.put("PEER_TLS_KEY", "a.key");
    flag(Setting.CONFIG, file("peer { tls-ca = ca.pem }"));
    settings().toBuilder();
    flags.remove(Setting.TLS);
    flag(Setting.API_TLS, "ca");
    settings().toBuilder();
  }

  @ParameterizedTest
  @EnumSource(
      value = Setting.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"TLS_CERT", "TLS_KEY", "TLS_CA"})
  void everySettingCanBeGivenInEveryWay(Setting setting) {
    String good =
        switch (setting) {
          case ID -> "0x0d";
          case LISTEN, API -> "[::1]:0";
          case ADVERTISE, BOOTSTRAP -> "10.0.0.1:7400,[fd00::1]:7400";
          case NETWORK -> "staging";
          case IDENTITY -> "SIGNED";
          case SCOPE -> "PRIVATE";
          case TLS, API_TLS -> "Peer";
          case TLS_CERT, TLS_KEY, TLS_CA -> throw new AssertionError("given together");
          case DATA_DIR -> "data";
          case REQUIRE_PEER -> "true";
          case K, ALPHA, PATHS, PACE, CALLS_PER_SECOND -> "5";
          case TOTAL_CALLS_PER_SECOND, SUBNET_CALLS_PER_SECOND -> "1000";
          case CONNECTIONS, CONNECTIONS_PER_ADDRESS -> "50";
          case CALLS_PER_CONNECTION, STREAMS_PER_CONNECTION -> "6";
          case ALLOW_PORTS -> "25,6379";
          case CONFIG -> file("");
          case LOG_LEVEL -> "warn";
        };
    flag(setting, good);
    settings().toBuilder();
    flags.clear();
    environment.put(setting.variable(), good);
    settings().toBuilder();
    environment.clear();
    if (setting.key().isPresent()) {
      flag(Setting.CONFIG, file("peer { " + setting.key().get() + " = \"" + good + "\" }"));
      settings().toBuilder();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ID           | ''                | empty; an id is
          ID           | -1                | negative; an id is
          ID           | 4294967296        | too large for decimal
          ID           | 0x                | not hex digits
          ID           | abc               | neither decimal nor 64 hex digits
          LISTEN       | 127.0.0.1         | endpoint: no port
          LISTEN       | 127.0.0.1:70000   | got 70000
          LISTEN       | 127.0.0.1:-1      | got -1
          LISTEN       | :7400             | host: empty
          LISTEN       | http://a:1        | endpoint: it has a scheme
          LISTEN       | ::1:7400          | endpoint: IPv6 without brackets
          API          | 127.0.0.1:x       | port: not a number
          ADVERTISE    | 10.0.0.1:0        | port: must be 1 to 65535, got 0
          BOOTSTRAP    | a:1,,b:2          | endpoint: empty
          BOOTSTRAP    | 0177.0.0.1:1      | host: not an IPv4 address
          NETWORK      | a b               | the name must be 1 to 64 letters
          IDENTITY     | asigned           | must be assigned or signed (did you mean 'assigned'?)
          TLS          | pear              | must be off or peer or ca (did you mean 'peer'?)
          API_TLS      | on                | must be off or peer or ca
          SCOPE        | privat            | (did you mean 'private'?)
          DATA_DIR     | ''                | must not be empty
          REQUIRE_PEER | yes               | must be true or false
          K            | 0                 | must be 1 to 64, got 0
          K            | 65                | must be 1 to 64, got 65
          K            | many              | must be a number
          ALPHA        | 0                 | must be 1 to 64, got 0
          PATHS        | 0                 | must be 1 to 16, got 0
          PATHS        | 17                | must be 1 to 16, got 17
          PACE         | 0                 | must be 1 to 20, got 0
          PACE         | 21                | must be 1 to 20, got 21
          CALLS_PER_SECOND | 0             | must be 1 to 10000000, got 0
          CALLS_PER_SECOND | fast          | must be a number
          TOTAL_CALLS_PER_SECOND | 0       | must be 1 to 10000000, got 0
          SUBNET_CALLS_PER_SECOND | -1     | must be 1 to 10000000, got -1
          CONNECTIONS      | 65537         | must be 1 to 65536, got 65537
          CONNECTIONS_PER_ADDRESS | 0      | must be 1 to 65536, got 0
          CALLS_PER_CONNECTION | 10001     | must be 1 to 10000, got 10001
          STREAMS_PER_CONNECTION | 65      | must be 1 to 64, got 65
          STREAMS_PER_CONNECTION | many    | must be a number
          ALLOW_PORTS  | 65536             | must be 1 to 65535, got 65536
          CONFIG       | /no/such/file     | there is no file /no/such/file
          """)
  void saysWhatIsWrongAndWhere(Setting setting, String text, String message) {
    flag(setting, text);
    assertThat(wrong()).startsWith(setting.flag() + ": ").contains(message);
    flags.clear();
    if (!text.isEmpty()) {
      environment.put(setting.variable(), text);
      assertThat(wrong()).startsWith(setting.variable() + ": ").contains(message);
      environment.clear();
    }
    if (setting.key().isPresent()) {
      String key = setting.key().get();
      assertThat(wrongFile("peer {\n  " + key + " = \"" + text + "\"\n}"))
          .startsWith("node.conf: 2: peer." + key + ": ")
          .contains(message);
    }
  }

  @Test
  void operatorsAskWhereTheNodeIsTold_onThisMachine() {
    assertThat(settings().operatedAt()).hasToString("127.0.0.1:7400");
    environment.put("PEER_LISTEN", "[::]:7500");
    environment.put("PEER_TLS", "peer");
    assertThat(settings().operatedAt()).hasToString("[::1]:7500");
    assertThat(settings().operatedTls().mode()).isEqualTo(Tls.Mode.PEER);
    environment.put("PEER_API", "0.0.0.0:7501");
    assertThat(settings().operatedAt()).hasToString("127.0.0.1:7501");
    assertThat(settings().operatedTls().mode()).isEqualTo(Tls.Mode.OFF);
    environment.put("PEER_API", "10.0.0.1:0");
    assertThatThrownBy(() -> settings().operatedAt()).hasMessageContaining("--via");
  }

  @Test
  void theLogLevelIsChecked() {
    flag(Setting.LOG_LEVEL, "inof");
    assertThatThrownBy(() -> settings().logLevel())
        .isInstanceOf(CliException.class)
        .hasMessage(
            "--log-level: must be one of error, warn, info, debug, trace (did you mean 'info'?)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          PEER_BOOTSRAP    | x    | unknown variable 'PEER_BOOTSRAP' (did you mean 'PEER_BOOTSTRAP'?)
          PEER_LISTN       | x    | unknown variable 'PEER_LISTN' (did you mean 'PEER_LISTEN'?)
          PEER_DATADIR     | x    | unknown variable 'PEER_DATADIR' (did you mean 'PEER_DATA_DIR'?)
          PEER_PORT        | 7400 | unknown variable 'PEER_PORT'
          PEER_FROBNICATE  | x    | unknown variable 'PEER_FROBNICATE'
          """)
  void unknownVariablesAreRefused(String name, String text, String message) {
    environment.put(name, text);
    assertThat(wrong()).startsWith(message);
  }

  @Test
  void variablesOfOthersAreIgnored() {
    for (String name :
        List.of("PEER_JAVA_OPTS", "PEER_NO_BUILD", "PEER_DEBUG", "PEER_NODE", "PATH", "PEERS")) {
      environment.put(name, "x");
    }
    // Services called peer and peer-seed, as Kubernetes tells containers of them.
    environment.put("PEER_SERVICE_HOST", "10.0.0.1");
    environment.put("PEER_SERVICE_PORT", "7400");
    environment.put("PEER_SERVICE_PORT_GRPC", "7400");
    environment.put("PEER_PORT", "tcp://10.0.0.1:7400");
    environment.put("PEER_PORT_7400_TCP", "tcp://10.0.0.1:7400");
    environment.put("PEER_PORT_7400_TCP_PROTO", "tcp");
    environment.put("PEER_PORT_7400_TCP_PORT", "7400");
    environment.put("PEER_PORT_7400_TCP_ADDR", "10.0.0.1");
    environment.put("PEER_SEED_SERVICE_HOST", "10.0.0.1");
    environment.put("PEER_SEED_PORT", "tcp://10.0.0.1:7400");
    assertThat(settings().network()).isEqualTo("default");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          peer { bootsrap = "a:1" }          | node.conf: 1: unknown key 'bootsrap' (did you mean 'bootstrap'?)
          per { k = 1 }                      | node.conf: 1: unknown key 'per' (did you mean 'peer'?)
          peer { config = x }                | node.conf: 1: unknown key 'config'
          peer { listen { port = 1 } }       | node.conf: 1: peer.listen: must be one value
          peer { listen = ["a:1"] }          | node.conf: 1: peer.listen: must be one value
          peer { k = null }                  | node.conf: 1: peer.k: must be one value
          peer { bootstrap = [{ a = 1 }] }   | node.conf: 1: peer.bootstrap: must be a list of texts
          peer = 3                           | node.conf: 1: peer: must be a block
          peer {                             | node.conf: 1:
          peer { id = ${NO_SUCH_VARIABLE} }  | node.conf: 1: Could not resolve
          include "other.conf"               | cannot include another
          include file("/etc/passwd")        | cannot include another
          include url("http://127.0.0.1:1/") | cannot include another
          """)
  void filesThatMeanNothingAreRefused(String content, String message) {
    assertThat(wrongFile(content)).contains(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# nothing", "peer {}", "{}"})
  void anEmptyFileSaysNothing(String content) {
    flag(Setting.CONFIG, file(content));
    assertThat(settings().network()).isEqualTo("default");
  }

  @Test
  void anIdIsReadAsItIsWritten() {
    flag(Setting.CONFIG, file("peer { id = " + "0".repeat(60) + "1e10 }"));
    settings().toBuilder();
    assertThat(wrongFile("peer { id = 1e3 }")).contains("neither decimal nor 64 hex digits");
  }

  @Test
  void filesHaveALimit() throws IOException {
    assertThat(wrongFile("# " + "x".repeat(1024 * 1024))).contains("is larger than 1 MiB");
    assertThat(wrongFile("peer { a = " + "[".repeat(300_000))).contains("nested too deeply");
    flag(
        Setting.CONFIG,
        Files.write(directory.resolve("binary"), new byte[] {(byte) 0xff, 0x12}).toString());
    assertThat(wrong()).contains("is not UTF-8 text");
    flag(Setting.CONFIG, directory.toString());
    assertThat(wrong()).contains("cannot read");
  }

  @Test
  void listsHaveALimit() {
    String[] seeds =
        IntStream.range(0, 100_000).mapToObj(i -> "10.0.0.1:7400").toArray(String[]::new);
    flag(Setting.BOOTSTRAP, seeds);
    assertThat(wrong()).isEqualTo("--bootstrap: at most 64, got 100000");
    flag(Setting.BOOTSTRAP, "10.0.0.1:7400");
    flag(
        Setting.ADVERTISE,
        IntStream.range(1, 10).mapToObj(i -> "10.0.0.1:" + i).collect(Collectors.joining(",")));
    assertThat(wrong()).isEqualTo("--advertise: at most 8, got 9");
  }

  @Test
  void theDocumentationHasTheSameTable() throws IOException {
    String readme = Files.readString(Path.of("..", "README.md"));
    String begin = "<!-- settings -->\n";
    assertThat(
            readme.substring(
                readme.indexOf(begin) + begin.length(), readme.indexOf("<!-- /settings -->")))
        .as("./peer node --settings-table prints it")
        .isEqualTo(Setting.markdown());
  }

  @Test
  void whatNothingIsSaidOf_hasItsDefault() {
    assertThat(settings().logLevel()).isEqualTo(Setting.LOG_LEVEL.defaultValue());
  }

  @Test
  void seedsAndEndpoints_areTakenUpToTheirBounds() {
    String[] seeds = new String[64];
    for (int i = 0; i < seeds.length; i++) {
      seeds[i] = "10.0.0." + i + ":7400";
    }
    flag(Setting.BOOTSTRAP, seeds);
    assertThat(settings().toBuilder()).isNotNull();
  }

  @Test
  void file_isTakenUpToOneMebibyte() {
    String said = "peer { network = large }";
    flag(Setting.CONFIG, file(said + " ".repeat((1 << 20) - said.length())));
    assertThat(settings().network()).isEqualTo("large");
    flag(Setting.CONFIG, file(said + " ".repeat((1 << 20) + 1 - said.length())));
    assertThat(wrong()).contains("is larger than 1 MiB");
  }

  @Test
  void limits_goToTheirOwn_andStreamsByTheCallsOfTheirConnection() {
    flag(Setting.CALLS_PER_SECOND, "11");
    flag(Setting.TOTAL_CALLS_PER_SECOND, "12");
    flag(Setting.SUBNET_CALLS_PER_SECOND, "13");
    flag(Setting.CONNECTIONS, "14");
    flag(Setting.CONNECTIONS_PER_ADDRESS, "15");
    flag(Setting.CALLS_PER_CONNECTION, "1000");
    assertThat(settings().limits())
        .isEqualTo(
            Limits.builder()
                .callsPerSecondPerPeer(11)
                .callsPerSecond(12)
                .callsPerSecondPerSubnet(13)
                .connections(14)
                .connectionsPerAddress(15)
                .callsPerConnection(1000)
                .streamsPerConnection(750)
                .build());
    flag(Setting.STREAMS_PER_CONNECTION, "1000");
    assertThat(settings().limits().streamsPerConnection()).isEqualTo(1000);
  }

  @Test
  void defaultsThatTheTableNames_areThoseOfTheLimits() {
    Limits limits = Limits.defaults();
    assertThat(Setting.CALLS_PER_SECOND.defaultValue())
        .isEqualTo("" + limits.callsPerSecondPerPeer());
    assertThat(Setting.TOTAL_CALLS_PER_SECOND.defaultValue())
        .isEqualTo("" + limits.callsPerSecond());
    assertThat(Setting.SUBNET_CALLS_PER_SECOND.defaultValue())
        .isEqualTo("" + limits.callsPerSecondPerSubnet());
    assertThat(Setting.CONNECTIONS.defaultValue()).isEqualTo("" + limits.connections());
    assertThat(Setting.CONNECTIONS_PER_ADDRESS.defaultValue())
        .isEqualTo("" + limits.connectionsPerAddress());
    assertThat(Setting.CALLS_PER_CONNECTION.defaultValue())
        .isEqualTo("" + limits.callsPerConnection());
  }
}
