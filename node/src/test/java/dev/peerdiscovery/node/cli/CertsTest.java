package dev.peerdiscovery.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.client.tls.Tls;
import dev.peerdiscovery.node.PeerNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code certs} makes, and that nodes and questions of the command line go by it. */
class CertsTest {
  private static final int REFUSED = 7;

  @TempDir private Path directory;

  private int certs(Cli cli, String node, String... more) {
    String[] arguments = {
      "certs",
      "--ca-dir",
      directory.resolve("ca").toString(),
      "--data-dir",
      directory.resolve(node).toString()
    };
    String[] all = new String[arguments.length + more.length];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    return cli.run(all);
  }

  private String in(String node, String file) {
    return directory.resolve(node).resolve(file).toString();
  }

  private Tls files(String node) {
    return Tls.ca(
        Path.of(in(node, "tls.pem")), Path.of(in(node, "tls.key")), Path.of(in(node, "ca.pem")));
  }

  private PeerNode start(String node) throws Exception {
    PeerNode started =
        PeerNode.builder()
            .listen("127.0.0.1:0")
            .dataDirectory(directory.resolve(node))
            .tls(files(node))
            .start();
    started.ready().get(30, TimeUnit.SECONDS);
    return started;
  }

  @Test
  void makesWhatANodeNeeds_forItsOwnerAlone_andSaysWhatIsNext() throws Exception {
    Cli cli = new Cli();
    assertThat(certs(cli, "one")).as(cli.err()).isZero();
    assertThat(cli.out()).contains("--tls ca --tls-cert " + in("one", "tls.pem"), "--renew");
    for (String file : List.of("ca/ca.key", "one/tls.key", "one/identity.key")) {
      assertThat(
              PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(file))))
          .as(file)
          .isEqualTo("rw-------");
    }
    try (PeerNode node = start("one")) {
      String at = "127.0.0.1:" + node.port();
      Cli ping = new Cli();
      assertThat(
              ping.run(
                  "ping",
                  at,
                  "--tls",
                  "ca",
                  "--tls-cert",
                  in("one", "tls.pem"),
                  "--tls-key",
                  in("one", "tls.key"),
                  "--tls-ca",
                  in("one", "ca.pem")))
          .as(ping.err())
          .isZero();
      // Another node's certificate will do, and none will not.
      assertThat(certs(new Cli(), "two")).isZero();
      Cli status = new Cli();
      assertThat(
              status.run(
                  "status",
                  "--via",
                  at,
                  "--tls",
                  "ca",
                  "--tls-cert",
                  in("two", "tls.pem"),
                  "--tls-key",
                  in("two", "tls.key"),
                  "--tls-ca",
                  in("two", "ca.pem")))
          .as(status.err())
          .isZero();
      Cli stranger = new Cli();
      assertThat(stranger.run("status", "--via", at, "--tls", "peer")).isEqualTo(REFUSED);
    }
  }

  @Test
  void certificateOfAnotherAuthority_thanTheNodeTrusts_isNotMade() throws Exception {
    assertThat(certs(new Cli(), "one")).isZero();
    String certificate = Files.readString(directory.resolve("one/tls.pem"));
    Cli cli = new Cli();

    assertThat(cli.run("certs", "--ca-dir", in("ca2", ""), "--data-dir", in("one", ""), "--renew"))
        .isEqualTo(ExitCode.STORAGE.code());

    assertThat(cli.err()).contains("it is of another authority than", "--ca-dir");
    assertThat(Files.readString(directory.resolve("one/tls.pem"))).isEqualTo(certificate);
  }

  @Test
  void replacesNothing_butWithRenewTheNodesCertificate() throws Exception {
    assertThat(certs(new Cli(), "one")).isZero();
    String certificate = Files.readString(directory.resolve("one/tls.pem"));
    String authority = Files.readString(directory.resolve("ca/ca.pem"));
    Cli again = new Cli();
    assertThat(certs(again, "one")).isEqualTo(3);
    assertThat(again.err())
        .contains("tls.pem: the node has a certificate already; --renew replaces it");
    assertThat(directory.resolve("one/tls.pem")).hasContent(certificate);
    try (PeerNode node = start("one")) {
      Cli renew = new Cli();
      assertThat(certs(renew, "one", "--renew", "--days", "1")).as(renew.err()).isZero();
      assertThat(Files.readString(directory.resolve("one/tls.pem"))).isNotEqualTo(certificate);
      assertThat(directory.resolve("ca/ca.pem")).hasContent(authority);
      assertThat(renew.out()).contains(node.id().toString());
    }
  }

  @Test
  void wrongUse_isSaid() throws Exception {
    Cli days = new Cli();
    assertThat(certs(days, "one", "--days", "0")).isEqualTo(2);
    assertThat(days.err()).contains("--days: must be 1 to 3650, got 0");
    Files.createDirectories(directory.resolve("ca"));
    Files.writeString(directory.resolve("ca/ca.pem"), "nothing");
    Cli broken = new Cli();
    assertThat(certs(broken, "one")).isEqualTo(3);
    assertThat(broken.err()).contains("ca.pem: must hold 1 to 64 certificates in PEM");
  }

  @Test
  void questionsAndNodes_sayWhatIsWrongWithTls() throws Exception {
    try (PeerNode node = PeerNode.builder().listen("127.0.0.1:0").tls(Tls.peer()).start();
        PeerNode plain = PeerNode.builder().listen("127.0.0.1:0").start()) {
      String at = "127.0.0.1:" + node.port();
      for (List<String> question :
          List.of(
              List.of("ping", at),
              List.of("lookup", "--via", at, "1"),
              List.of("contacts", "--via", at))) {
        Cli cli = new Cli();
        assertThat(cli.run(question.toArray(String[]::new))).isEqualTo(REFUSED);
        assertThat(cli.err()).contains("set tls to peer or ca");
      }
      Cli good = new Cli();
      assertThat(good.run("status", "--via", at, "--tls", "peer")).as(good.err()).isZero();
      Cli other = new Cli();
      assertThat(other.run("ping", "127.0.0.1:" + plain.port(), "--tls", "peer"))
          .isEqualTo(REFUSED);
      assertThat(other.err()).contains("set tls to off");
    }
    Cli assigned = new Cli();
    assertThat(assigned.run("node", "--id", "1", "--tls", "peer", "--listen", "127.0.0.1:0"))
        .isEqualTo(2);
    assertThat(assigned.err()).contains("tls needs identity signed");
    Cli files = new Cli();
    assertThat(files.run("ping", "127.0.0.1:1", "--tls", "ca")).isEqualTo(2);
    assertThat(files.err()).contains("--tls: ca needs --tls-cert, --tls-key and --tls-ca");
  }
}
