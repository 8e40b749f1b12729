package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.client.tls.CertificateAuthority;
import dev.peerdiscovery.node.NodeKey;
import dev.peerdiscovery.node.PrivateFile;
import dev.peerdiscovery.node.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes what a network with {@code tls: ca} needs. */
@Command(
    name = "certs",
    description = {
      "Make the certificates for --tls ca.",
      "",
      "Makes an authority in a directory of its own, if there is none yet, and a certificate for one"
          + " node, whose identity it carries. Keep the authority's directory off the nodes; they need"
          + " its ca.pem alone."
    },
    footer = {
      "  peer certs --ca-dir ca --data-dir node-1",
      "  peer certs --ca-dir ca --data-dir node-2 --days 30"
    })
final class CertsCommand implements Callable<Integer> {
  private static final Duration AUTHORITY_LIFE = Duration.ofDays(3650);
  private static final int MAX_DAYS = 3650;

  private final Console console;

  @Option(
      names = "--ca-dir",
      required = true,
      paramLabel = "DIR",
      description = "The authority's directory, made if need be: ca.pem and ca.key.")
  private Path authorityDirectory = Path.of("");

  @Option(
      names = "--data-dir",
      required = true,
      paramLabel = "DIR",
      defaultValue = "${env:PEER_DATA_DIR}",
      description =
          "The node's data directory, made if need be. Its identity.key, made if need be, signs the"
              + " certificate, which is tls.pem in it, with tls.key.")
  private Path dataDirectory = Path.of("");

  @Option(
      names = "--days",
      paramLabel = "N",
      defaultValue = "90",
      description =
          "For how long the node's certificate holds, 1 to 3650 (default: ${DEFAULT-VALUE}).")
  private int days = 90;

  @Option(
      names = "--renew",
      description =
          "Replace the node's certificate. A running node takes the new one up by itself.")
  private boolean renew;

  CertsCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    Logs.quiet(console);
    if (days < 1 || days > MAX_DAYS) {
      throw new CliException(ExitCode.USAGE, "--days: must be 1 to 3650, got " + days);
    }
    try {
      CertificateAuthority authority = authority();
      Path trusted = dataDirectory.resolve("ca.pem");
      checkTrusts(trusted, authority);
      NodeKey node = NodeKey.keptIn(dataDirectory);
      checkReplaces();
      CertificateAuthority.Files made = authority.issue(node, Instant.now(), Duration.ofDays(days));
      write(dataDirectory, "tls", made, renew);
      if (!Files.exists(trusted)) {
        PrivateFile.write(trusted, authority.files().certificate(), false);
      }
      sayNext(node);
      return ExitCode.OK.code();
    } catch (StartException | IOException e) {
      throw new CliException(ExitCode.STORAGE, String.valueOf(e.getMessage()), e);
    }
  }

  /** A node would not trust a certificate of its own that is of another authority. */
  private void checkTrusts(Path trusted, CertificateAuthority authority) throws IOException {
    if (Files.exists(trusted)
        && !Files.readString(trusted).equals(authority.files().certificate())) {
      throw new CliException(
          ExitCode.STORAGE,
          String.format(
              Locale.ROOT,
              "%s: it is of another authority than %s; put it away, or name the other with --ca-dir",
              trusted,
              authorityDirectory));
    }
  }

  private void checkReplaces() {
    Path certificate = dataDirectory.resolve("tls.pem");
    if (!renew && (Files.exists(certificate) || Files.exists(dataDirectory.resolve("tls.key")))) {
      throw new CliException(
          ExitCode.STORAGE,
          certificate + ": the node has a certificate already; --renew replaces it");
    }
  }

  private CertificateAuthority authority() throws IOException {
    Path certificate = authorityDirectory.resolve("ca.pem");
    Path key = authorityDirectory.resolve("ca.key");
    if (Files.exists(certificate) || Files.exists(key)) {
      return CertificateAuthority.read(certificate, key);
    }
    CertificateAuthority made = CertificateAuthority.make(Instant.now(), AUTHORITY_LIFE);
    write(authorityDirectory, "ca", made.files(), false);
    console.out().println("made the authority: " + certificate + ", " + key);
    return made;
  }

  /** The key first: a certificate that is there has its key beside it. */
  private static void write(
      Path directory, String name, CertificateAuthority.Files files, boolean replace)
      throws IOException {
    Files.createDirectories(directory);
    PrivateFile.write(directory.resolve(name + ".key"), files.key(), replace);
    PrivateFile.write(directory.resolve(name + ".pem"), files.certificate(), replace);
  }

  private void sayNext(NodeKey node) {
    Path certificate = dataDirectory.resolve("tls.pem");
    Path key = dataDirectory.resolve("tls.key");
    Path trusted = dataDirectory.resolve("ca.pem");
    console
        .out()
        .printf(
            Locale.ROOT,
            "made a certificate of node %s for %d days: %s, %s%n"
                + "next, on the machine of the node, with the directory %s:%n"
                + "  peer node --data-dir %s --tls ca --tls-cert %s --tls-key %s --tls-ca %s%n"
                + "before it expires, the same command with --renew%n",
            node.id(),
            days,
            certificate,
            key,
            dataDirectory,
            dataDirectory,
            certificate,
            key,
            trusted);
  }
}
