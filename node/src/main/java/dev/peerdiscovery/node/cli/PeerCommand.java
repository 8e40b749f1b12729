package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.core.message.Network;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;

/** What all commands have in common, and the help on what there is. */
@Command(
    name = "peer",
    description = "Discovery for gRPC services without a registry: peers that find one another.",
    commandListHeading = "%nCommands:%n",
    exitCodeListHeading = "%nExit codes:%n",
    footer = {
      "  peer demo                                   33 peers draw the lookup table",
      "  peer node --listen 127.0.0.1:7400           a peer, with a key of its own",
      "  peer node --id 0 --listen 127.0.0.1:7400    a peer among others that trust one another",
      "  peer node --id 13 --listen 127.0.0.1:7413 --bootstrap 127.0.0.1:7400",
      "  peer lookup --via 127.0.0.1:7400 13         where is peer 13?",
      "  peer register orders 127.0.0.1:8080         an instance of a service, until Ctrl-C",
      "  peer resolve orders                         who provides it?",
      "  peer simulate --nodes 10000                 10,000 peers in virtual time",
      "  peer help lookup                            more about a command"
    },
    versionProvider = PeerCommand.Version.class)
final class PeerCommand {
  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version.")
  boolean version;

  /** The version of the software, of the protocol, and of Java. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String software =
          Optional.ofNullable(Version.class.getPackage().getImplementationVersion())
              .orElse("development");
      return new String[] {
        String.format(
            Locale.ROOT,
            "peer-discovery %s (protocol %d, Java %s)",
            software,
            Network.PROTOCOL_VERSION,
            Runtime.version())
      };
    }
  }
}
