package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.client.PeerClient;
import dev.peerdiscovery.client.tls.PeerTls;
import dev.peerdiscovery.client.tls.Tls;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** What protects the connection of a question; the same as the network, or the listener, has it. */
final class TlsOptions {
  @Option(
      names = "--tls",
      paramLabel = "MODE",
      defaultValue = "${env:PEER_TLS:-off}",
      description =
          "As the peer that is asked has it: off, peer or ca (default: ${DEFAULT-VALUE}). With peer"
              + " the question is asked under an identity made for it.")
  private String mode = "off";

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      defaultValue = "${env:PEER_TLS_CERT:-}",
      description = "With ca: a node's certificate in PEM, under whose identity to ask.")
  private String certificate = "";

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      defaultValue = "${env:PEER_TLS_KEY:-}",
      description = "With ca: the certificate's private key in PEM.")
  private String key = "";

  @Option(
      names = "--tls-ca",
      paramLabel = "FILE",
      defaultValue = "${env:PEER_TLS_CA:-}",
      description = "With ca: the certificates in PEM of the authorities to be trusted.")
  private String authority = "";

  /** The setting. */
  Tls tls() {
    try {
      Tls.Mode chosen = Conversions.constant(Tls.Mode.class, mode);
      if (chosen != Tls.Mode.CA) {
        return new Tls(chosen, Optional.empty());
      }
      if (Stream.of(certificate, key, authority).anyMatch(String::isEmpty)) {
        throw new IllegalArgumentException("ca needs --tls-cert, --tls-key and --tls-ca");
      }
      return Tls.ca(Path.of(certificate), Path.of(key), Path.of(authority));
    } catch (IllegalArgumentException e) {
      throw new CliException(ExitCode.USAGE, "--tls: " + e.getMessage(), e);
    }
  }

  /** What it comes to for one question. */
  PeerTls peerTls() {
    try {
      return PeerClient.tls(tls());
    } catch (IOException e) {
      throw new CliException(ExitCode.STORAGE, "tls: " + e.getMessage(), e);
    }
  }
}
