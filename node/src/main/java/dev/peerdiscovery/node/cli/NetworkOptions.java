package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.client.PeerClient;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.Scope;
import java.util.List;
import picocli.CommandLine.Option;

/** Which network a question is for. */
final class NetworkOptions {
  @Option(
      names = "--network",
      paramLabel = "NAME",
      defaultValue = "${env:PEER_NETWORK:-default}",
      description = "The network's name (default: ${DEFAULT-VALUE}).")
  private String network = "default";

  @Option(
      names = "--scope",
      paramLabel = "SCOPE",
      defaultValue = "${env:PEER_SCOPE:-private}",
      description = "The network's scope: private, public or loopback (default: ${DEFAULT-VALUE}).")
  private Scope scope = Scope.PRIVATE;

  /** A client for the network. */
  PeerClient client(List<Endpoint> via) {
    try {
      PeerClient.Builder client = PeerClient.builder().network(network).scope(scope);
      via.forEach(client::via);
      return client.build();
    } catch (IllegalArgumentException e) {
      throw new CliException(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
    }
  }
}
