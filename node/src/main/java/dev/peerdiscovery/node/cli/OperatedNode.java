package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.client.PeerClient;
import dev.peerdiscovery.client.tls.PeerTls;
import dev.peerdiscovery.client.tls.Tls;
import dev.peerdiscovery.core.record.Endpoint;
import io.grpc.Channel;
import java.io.IOException;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Which node an operator asks. Without a word it is the one that the environment and the file
 * describe from which a node is started on this machine; so in a container nothing has to be said.
 */
final class OperatedNode {
  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec spec;

  @Option(
      names = "--via",
      paramLabel = "HOST:PORT",
      description =
          "The node: its --api address, or without one its --listen address, which answers this"
              + " machine only (default: as PEER_API, PEER_LISTEN or PEER_CONFIG say, else"
              + " 127.0.0.1:7400).")
  private @Nullable Endpoint via;

  @Mixin private final TlsOptions tls = new TlsOptions();

  /** Asks it one thing. */
  <A> A ask(Console console, Function<Channel, A> question) {
    if (via != null) {
      return AdminClient.ask(via, tls.peerTls(), question);
    }
    Settings settings = Settings.of(Map.of(), console.environment());
    boolean isTlsGiven =
        spec != null && spec.commandLine().getParseResult().hasMatchedOption("--tls");
    return AdminClient.ask(
        settings.operatedAt(), isTlsGiven ? tls.peerTls() : peerTls(settings), question);
  }

  private static PeerTls peerTls(Settings settings) {
    Tls tls = settings.operatedTls();
    try {
      return PeerClient.tls(tls);
    } catch (IOException e) {
      throw new CliException(ExitCode.STORAGE, "tls: " + e.getMessage(), e);
    }
  }
}
