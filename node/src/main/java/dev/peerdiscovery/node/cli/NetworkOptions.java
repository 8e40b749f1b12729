package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.client.PeerClient;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.Scope;
import java.util.List;
import picocli.CommandLine.Mixin;
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

  @Option(
      names = "--identity",
      paramLabel = "MODE",
      defaultValue = "${env:PEER_IDENTITY:-}",
      description = {
        "How the network's peers come by their ids: signed or assigned (default: as the peer that is"
            + " asked says)."
      })
  private String identity = "";

  @Mixin private final TlsOptions tls = new TlsOptions();

  /** A client for the network. */
  PeerClient client(List<Endpoint> via) {
    try {
      PeerClient.Builder client = PeerClient.builder().network(network).scope(scope).tls(tls.tls());
      if (!identity.isEmpty()) {
        client.identity(identityMode());
      }
      via.forEach(client::via);
      return client.build();
    } catch (IllegalArgumentException e) {
      throw new CliException(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
    }
  }

  private IdentityMode identityMode() {
    try {
      return Conversions.constant(IdentityMode.class, identity);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--identity: " + e.getMessage(), e);
    }
  }
}
