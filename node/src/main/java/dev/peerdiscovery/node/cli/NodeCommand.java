package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.node.PeerNodeBuilder;
import dev.peerdiscovery.node.StartException;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs a node until it is told to stop. Its flags are made from {@link Setting}. */
@Command(
    name = "node",
    description = {
      "Run a peer.",
      "",
      "It runs until SIGTERM, SIGHUP (both end with exit code 0) or Ctrl-C. It prints one line, READY, when it takes part; logs go to"
          + " standard error.",
      "",
      "Each option can also be set in the environment (--data-dir as PEER_DATA_DIR) and in a"
          + " configuration file; options win over the environment, and that over the file."
    },
    footer = {
      "  peer node --id 0 --listen 127.0.0.1:7400",
      "  peer node --id 13 --listen 127.0.0.1:7413 --bootstrap 127.0.0.1:7400 --data-dir peer-13",
      "  peer node --listen [::1]:0 --bootstrap [::1]:7400,[::1]:7401",
      "  PEER_NETWORK=staging peer node --config peer.conf",
      "",
      "A configuration file:",
      "",
      "  peer {",
      "    listen = \"0.0.0.0:7400\"",
      "    bootstrap = [\"seed-1.example.com:7400\", \"seed-2.example.com:7400\"]",
      "    data-dir = /var/lib/peer",
      "  }"
    })
final class NodeCommand implements Callable<Integer> {
  private final Console console;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--settings-table",
      hidden = true,
      description = "Print the documentation's table of settings.")
  private boolean settingsTable;

  private NodeCommand(Console console) {
    this.console = console;
  }

  static CommandLine commandLine(Console console) {
    CommandSpec spec = CommandSpec.forAnnotatedObject(new NodeCommand(console));
    Stream.of(Setting.values()).forEach(setting -> spec.addOption(option(setting)));
    spec.usageMessage().sortOptions(false);
    return new CommandLine(spec);
  }

  private static OptionSpec option(Setting setting) {
    OptionSpec.Builder option =
        OptionSpec.builder(setting.flag())
            .paramLabel(setting.label())
            .description(
                String.format(
                    Locale.ROOT,
                    "%s (default: %s).",
                    setting.description(),
                    setting.defaultValue()));
    return switch (setting.form()) {
      case ONE -> option.type(String.class).arity("1").build();
      case LIST -> option.type(List.class).auxiliaryTypes(String.class).arity("1").build();
      case FLAG -> option.type(String.class).arity("0..1").fallbackValue("true").build();
    };
  }

  @Override
  public Integer call() throws InterruptedException {
    if (settingsTable) {
      console.out().print(Setting.markdown());
      return ExitCode.OK.code();
    }
    Settings settings = Settings.of(flags(), console.environment());
    Logs.configure(console, isVerbose() ? "debug" : settings.logLevel());
    PeerNodeBuilder builder = settings.toBuilder();
    try (StopSignal stop = StopSignal.install()) {
      PeerNode node = start(builder.observe(NodeRun::observe));
      return new NodeRun(console, settings.network(), stop.received()).until(node).code();
    }
  }

  private static PeerNode start(PeerNodeBuilder builder) {
    try {
      return builder.start();
    } catch (StartException e) {
      ExitCode code =
          switch (e.reason()) {
            case STORAGE -> ExitCode.STORAGE;
            case LISTEN -> ExitCode.LISTEN;
          };
      throw new CliException(code, String.valueOf(e.getMessage()), e);
    } catch (IllegalArgumentException e) {
      throw new CliException(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
    }
  }

  private Map<Setting, Given> flags() {
    Map<Setting, Given> flags = new EnumMap<>(Setting.class);
    if (spec != null) {
      for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
        for (Setting setting : Setting.values()) {
          if (option.longestName().equals(setting.flag())) {
            flags.put(setting, Given.of(setting.flag(), setting, values(option)));
          }
        }
      }
    }
    return flags;
  }

  private static List<String> values(OptionSpec option) {
    Object value = option.getValue();
    return value instanceof List<?> list
        ? list.stream().map(String::valueOf).toList()
        : List.of(String.valueOf(value));
  }

  private boolean isVerbose() {
    return spec != null && Faults.isVerbose(spec.root().commandLine().getParseResult());
  }
}
