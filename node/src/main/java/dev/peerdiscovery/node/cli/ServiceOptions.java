package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.client.DiscoveryClient;
import dev.peerdiscovery.client.PeerException;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.ServiceName;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Which service a question is about, and which node is asked. */
final class ServiceOptions {
  @Parameters(paramLabel = "SERVICE", index = "0", description = "The name of the service.")
  private String service = "";

  @Option(
      names = "--via",
      paramLabel = "HOST:PORT",
      split = ",",
      defaultValue = "${env:PEER_NODE:-127.0.0.1:7400}",
      description =
          "The node: its --api address, or without one its --listen address, which answers this"
              + " machine only; comma or repetition for more, tried in this order (default: what"
              + " PEER_NODE says, else 127.0.0.1:7400).")
  private List<Endpoint> via = List.of();

  @Option(
      names = "--namespace",
      paramLabel = "NAME",
      defaultValue = "",
      description = "Where the name belongs (default: the network's name).")
  private String namespace = "";

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec spec;

  @Mixin private final TlsOptions tls = new TlsOptions();

  String service() {
    return service;
  }

  /** A client for the service, once its name is one. */
  DiscoveryClient client() {
    return checked(
        () -> {
          new ServiceName(namespace.isEmpty() ? "default" : namespace, service);
          DiscoveryClient.Builder client = DiscoveryClient.builder();
          if (!namespace.isEmpty()) {
            client.namespace(namespace);
          }
          if (isTlsGiven()) {
            client.tls(tls.tls());
          }
          via.forEach(client::via);
          return client.build();
        });
  }

  /**
   * What the environment says is about peers, and the node is usually asked at another listener.
   */
  private boolean isTlsGiven() {
    return spec != null && spec.commandLine().getParseResult().hasMatchedOption("--tls");
  }

  /** What was given wrong is the user's. */
  static <T> T checked(Supplier<T> made) {
    try {
      return made.get();
    } catch (IllegalArgumentException e) {
      throw new CliException(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
    }
  }

  /** The end of a command that got no answer. */
  CliException failure(PeerException error) {
    ExitCode code = Outcomes.exitCode(error.outcome());
    String tried =
        via.size() == 1 ? "" : String.format(Locale.ROOT, " (%d tried, this last)", via.size());
    String what = code == ExitCode.UNREACHABLE ? "no node can be asked" + tried + ": " : "";
    return new CliException(code, what + error.getMessage(), error);
  }
}
