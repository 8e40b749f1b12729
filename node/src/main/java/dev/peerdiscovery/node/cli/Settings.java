package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.client.tls.Tls;
import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.node.Limits;
import dev.peerdiscovery.node.ListenAddress;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.node.PeerNodeBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** A node's settings, put together: defaults &lt; file &lt; environment &lt; flags. */
final class Settings {
  private static final List<String> LOG_LEVELS = List.of("error", "warn", "info", "debug", "trace");

  private static final List<Setting> TLS_FILES =
      List.of(Setting.TLS_CERT, Setting.TLS_KEY, Setting.TLS_CA);

  private final Map<Setting, Given> given;

  private Settings(Map<Setting, Given> given) {
    this.given = given;
  }

  /**
   * Puts the layers together; what one of them says of a setting replaces what those below say.
   *
   * @throws CliException when the environment or the file is wrong
   */
  static Settings of(Map<Setting, Given> flags, Map<String, String> environment) {
    Map<Setting, Given> above = new EnumMap<>(Setting.class);
    above.putAll(EnvironmentLayer.read(environment));
    above.putAll(flags);
    Map<Setting, Given> given = new EnumMap<>(Setting.class);
    Given config = above.get(Setting.CONFIG);
    if (config != null) {
      given.putAll(FileLayer.read(config));
    }
    given.putAll(above);
    return new Settings(given);
  }

  /** What is logged. */
  String logLevel() {
    Given level = given.get(Setting.LOG_LEVEL);
    if (level == null) {
      return Setting.LOG_LEVEL.defaultValue();
    }
    String text = level.texts().get(0).toLowerCase(Locale.ROOT);
    if (!LOG_LEVELS.contains(text)) {
      throw level.wrong(
          "must be one of " + String.join(", ", LOG_LEVELS) + Suggestion.of(text, LOG_LEVELS));
    }
    return text;
  }

  /** The network's name. */
  String network() {
    Given network = given.get(Setting.NETWORK);
    return network == null ? Setting.NETWORK.defaultValue() : network.texts().get(0);
  }

  /**
   * A builder with everything that was given; the rest is its defaults.
   *
   * @throws CliException when a value is wrong
   */
  PeerNodeBuilder toBuilder() {
    PeerNodeBuilder builder = PeerNode.builder();
    with(Setting.ID, text -> builder.id(NodeId.parse(text)));
    with(Setting.LISTEN, builder::listen);
    atMost(Setting.ADVERTISE, PeerRecord.MAX_ENDPOINTS);
    with(Setting.ADVERTISE, text -> builder.advertise(Endpoint.parse(text)));
    atMost(Setting.BOOTSTRAP, PeerNodeBuilder.MAX_SEEDS);
    with(Setting.BOOTSTRAP, text -> builder.bootstrap(Endpoint.parse(text)));
    with(Setting.NETWORK, builder::network);
    with(
        Setting.IDENTITY, text -> builder.identity(Conversions.constant(IdentityMode.class, text)));
    with(Setting.SCOPE, text -> builder.scope(Conversions.constant(Scope.class, text)));
    with(Setting.DATA_DIR, text -> builder.dataDirectory(path(text)));
    with(Setting.API, text -> builder.api(ListenAddress.parse(text)));
    builder.tls(tls(Setting.TLS)).apiTls(tls(Setting.API_TLS));
    checkTlsFiles();
    with(Setting.REQUIRE_PEER, text -> builder.requirePeer(truth(text)));
    EngineConfig.Builder engine = EngineConfig.defaults().toBuilder();
    // Built each time, so that what is wrong is said of the setting at hand.
    with(Setting.K, text -> engine.k(number(text)).build());
    with(Setting.ALPHA, text -> engine.alpha(number(text)).build());
    with(Setting.PATHS, text -> engine.paths(number(text)).build());
    with(Setting.PACE, text -> engine.pace(number(text)));
    Limits limits = limits();
    atMost(Setting.ALLOW_PORTS, 64);
    with(Setting.ALLOW_PORTS, text -> builder.allowPorts(number(text)));
    return builder.limits(limits).engine(engine.build());
  }

  /**
   * What others may take of the node.
   *
   * @throws CliException when a value is wrong
   */
  Limits limits() {
    Limits.Builder limits = Limits.builder();
    with(Setting.CALLS_PER_SECOND, text -> limits.callsPerSecondPerPeer(number(text)).build());
    with(Setting.TOTAL_CALLS_PER_SECOND, text -> limits.callsPerSecond(number(text)).build());
    with(
        Setting.SUBNET_CALLS_PER_SECOND,
        text -> limits.callsPerSecondPerSubnet(number(text)).build());
    with(Setting.CONNECTIONS, text -> limits.connections(number(text)).build());
    with(
        Setting.CONNECTIONS_PER_ADDRESS,
        text -> limits.connectionsPerAddress(number(text)).build());
    // Streams go by it, so it comes before them.
    with(Setting.CALLS_PER_CONNECTION, text -> limits.callsPerConnection(number(text)).build());
    with(Setting.STREAMS_PER_CONNECTION, text -> limits.streamsPerConnection(number(text)).build());
    return limits.build();
  }

  /**
   * Where operators on this machine ask the node.
   *
   * @throws CliException when that cannot be known
   */
  Endpoint operatedAt() {
    Setting setting = given.containsKey(Setting.API) ? Setting.API : Setting.LISTEN;
    List<ListenAddress> at = new ArrayList<>();
    with(setting, text -> at.add(ListenAddress.parse(text)));
    ListenAddress listen =
        at.isEmpty() ? ListenAddress.parse(Setting.LISTEN.defaultValue()) : at.get(0);
    if (listen.port() == 0) {
      throw new CliException(
          ExitCode.USAGE, "the node takes any free port; say which with --via HOST:PORT");
    }
    String loopback = listen.host().indexOf(':') >= 0 ? "::1" : "127.0.0.1";
    return new Endpoint(listen.isWildcard() ? loopback : listen.host(), listen.port());
  }

  /** What the listener there speaks. */
  Tls operatedTls() {
    return tls(given.containsKey(Setting.API) ? Setting.API_TLS : Setting.TLS);
  }

  private Tls tls(Setting setting) {
    Map<Setting, Tls.Mode> mode = new EnumMap<>(Setting.class);
    with(setting, text -> mode.put(setting, Conversions.constant(Tls.Mode.class, text)));
    Tls.Mode chosen = mode.getOrDefault(setting, Tls.Mode.OFF);
    if (chosen != Tls.Mode.CA) {
      return new Tls(chosen, Optional.empty());
    }
    Map<Setting, Path> files = new EnumMap<>(Setting.class);
    for (Setting file : TLS_FILES) {
      with(file, text -> files.put(file, path(text)));
      if (!files.containsKey(file)) {
        throw new CliException(
            ExitCode.USAGE,
            String.format(
                Locale.ROOT,
                "%s: ca needs %s, too; ./peer certs makes it",
                setting.flag(),
                file.flag()));
      }
    }
    List<Path> paths = TLS_FILES.stream().map(files::get).toList();
    return Tls.ca(paths.get(0), paths.get(1), paths.get(2));
  }

  /** Who gives certificates believes to be protected by them. */
  private void checkTlsFiles() {
    for (Setting file : TLS_FILES) {
      Given value = given.get(file);
      boolean isUsed =
          tls(Setting.TLS).mode() == Tls.Mode.CA || tls(Setting.API_TLS).mode() == Tls.Mode.CA;
      if (value != null && !isUsed) {
        throw value.wrong(
            String.format(Locale.ROOT, "is of no use without %s ca", Setting.TLS.flag()));
      }
    }
  }

  private void with(Setting setting, Consumer<String> use) {
    Given value = given.get(setting);
    if (value == null) {
      return;
    }
    for (String text : value.texts()) {
      try {
        use.accept(text);
      } catch (IllegalArgumentException e) {
        // The builders' names of the settings say the same in another way.
        String names = "^(" + setting.flag().substring(2) + "|[a-z]+[A-Z]\\w*): ";
        throw value.wrong(String.valueOf(e.getMessage()).replaceFirst(names, ""));
      }
    }
  }

  private void atMost(Setting setting, int most) {
    Given value = given.get(setting);
    if (value != null && value.texts().size() > most) {
      throw value.wrong("at most " + most + ", got " + value.texts().size());
    }
  }

  private static Path path(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("must not be empty");
    }
    return Path.of(text);
  }

  private static boolean truth(String text) {
    if (!text.equals("true") && !text.equals("false")) {
      throw new IllegalArgumentException("must be true or false");
    }
    return text.equals("true");
  }

  private static int number(String text) {
    if (!text.matches("-?[0-9]{1,9}")) {
      throw new IllegalArgumentException("must be a number");
    }
    return Integer.parseInt(text);
  }
}
