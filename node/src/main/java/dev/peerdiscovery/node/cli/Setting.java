package dev.peerdiscovery.node.cli;

import java.util.Locale;
import java.util.Optional;

/**
 * The settings of a node: the one list from which flags, environment variables, the keys of the
 * configuration file, the help and the documentation's table are made.
 */
enum Setting {
  ID(
      Form.ONE,
      "ID",
      "from the key",
      "The node's id, where identity is assigned: decimal below 2^32, 64 hex digits, or 0x and up to"
          + " 64. Without one, one is drawn, and kept in the data directory"),
  LISTEN(
      Form.ONE,
      "HOST:PORT",
      "127.0.0.1:7400",
      "Where to listen for peers. Port 0 takes any free one"),
  ADVERTISE(
      Form.LIST,
      "HOST:PORT",
      "where to listen",
      "Where others reach this node, at most 8. If it listens at all addresses, the one from which"
          + " its first answered call left"),
  BOOTSTRAP(
      Form.LIST,
      "HOST:PORT",
      "none",
      "Peers to ask for the way in, at most 64, for the node's whole life. A name is resolved anew"
          + " each time, and up to 16 of those behind it are asked. Without any it waits for others"),
  NETWORK(
      Form.ONE,
      "NAME",
      "default",
      "The network's name: 1 to 64 letters, digits, dots, dashes and underscores. Nodes of another"
          + " one are refused"),
  IDENTITY(
      Form.ONE,
      "MODE",
      "signed",
      "How peers come by their ids: signed (from a key, kept in the data directory as identity.key;"
          + " what a peer says is signed) or assigned (by hand or drawn, peers trust one another)."
          + " With an id given the default is assigned"),
  TLS(
      Form.ONE,
      "MODE",
      "off",
      "What protects the connections between peers: off (nothing; for networks that are trusted, and"
          + " in a mesh), peer (TLS 1.3, with certificates that peers make from their keys) or ca"
          + " (the same, with certificates of an authority; ./peer certs makes them). The same for"
          + " all peers of a network, and only where identity is signed"),
  TLS_CERT(
      Form.ONE,
      "FILE",
      "none",
      "With ca: the node's certificate in PEM. The three files are read again when they change"),
  TLS_KEY(Form.ONE, "FILE", "none", "With ca: the certificate's private key in PEM"),
  TLS_CA(
      Form.ONE,
      "FILE",
      "none",
      "With ca: the certificates in PEM of the authorities to be trusted"),
  SCOPE(
      Form.ONE,
      "SCOPE",
      "private",
      "Which addresses the network is made of: private (any that can be routed, and names), public"
          + " (literal public ones) or loopback"),
  DATA_DIR(
      Form.ONE,
      "DIR",
      "none",
      "Where key or id, and contacts, are kept over restarts. Without it nothing is, and a signed"
          + " node has another id each time"),
  API(
      Form.ONE,
      "HOST:PORT",
      "none",
      "A second listener for operators and health checks. Without it they are served where peers"
          + " are, operators on this machine only"),
  API_TLS(
      Form.ONE,
      "MODE",
      "off",
      "What protects the connections to that second listener: off, peer or ca"),
  REQUIRE_PEER(Form.FLAG, "BOOLEAN", "false", "Be ready only when a peer was found"),
  K(Form.ONE, "N", "20", "Contacts in a bucket and peers in an answer, 1 to 64"),
  ALPHA(Form.ONE, "N", "3", "Calls of a lookup under way at once, 1 to 64"),
  PATHS(
      Form.ONE,
      "N",
      "1",
      "Disjoint paths of a lookup, 1 to 16: more find past more adversaries, for more calls."
          + " Joining a public network takes at least 4"),
  PACE(
      Form.ONE,
      "N",
      "1",
      "How many times as often as usual the node checks its contacts, asks the seeds and calls those"
          + " that went away, 1 to 20: what changes is noticed sooner, for as many times the calls"),
  CALLS_PER_SECOND(
      Form.ONE,
      "N",
      "200",
      "Calls answered a second of one peer: of one node where TLS proves it, else of one address, and"
          + " of one connection from this machine; more in a mesh, where a sidecar's connections carry"
          + " many peers"),
  TOTAL_CALLS_PER_SECOND(
      Form.ONE,
      "N",
      "20000",
      "Calls answered a second of all peers together, and as many of all applications and operators"),
  SUBNET_CALLS_PER_SECOND(
      Form.ONE,
      "N",
      "2000",
      "Calls answered a second of one /24, or /48 with IPv6, of public addresses; more where many"
          + " peers are behind one"),
  CONNECTIONS(
      Form.ONE,
      "N",
      "4096",
      "Connections of peers in all. Calls on more are refused until one ends"),
  CONNECTIONS_PER_ADDRESS(
      Form.ONE, "N", "256", "Of them from one address other than this machine's, in the same way"),
  CALLS_PER_CONNECTION(
      Form.ONE, "N", "64", "Calls under way on one connection. More wait at the caller"),
  STREAMS_PER_CONNECTION(
      Form.ONE,
      "N",
      "three quarters of those calls",
      "Streams among them, so many leases and watches one application can have on a connection. More"
          + " are refused"),
  ALLOW_PORTS(
      Form.LIST,
      "PORT",
      "none",
      "Ports to dial peers at in scope public although other services are usually there, such as"
          + " 25"),
  CONFIG(
      Form.ONE,
      "FILE",
      "none",
      "A HOCON file with these settings by the same names, in a block called peer"),
  LOG_LEVEL(
      Form.ONE, "LEVEL", "info", "The least that is logged: error, warn, info, debug or trace");

  /** How often a setting can be given. */
  enum Form {
    /** Once. */
    ONE,
    /** Any number of times, or separated by commas. */
    LIST,
    /** Once, as true or false; a flag alone is true. */
    FLAG
  }

  private final Form form;
  private final String label;
  private final String defaultValue;
  private final String description;

  Setting(Form form, String label, String defaultValue, String description) {
    this.form = form;
    this.label = label;
    this.defaultValue = defaultValue;
    this.description = description;
  }

  Form form() {
    return form;
  }

  /** Stands for the value in the help. */
  String label() {
    return label;
  }

  /** The default, or in words what happens without a value. */
  String defaultValue() {
    return defaultValue;
  }

  /** One or two sentences; the last without its full stop. */
  String description() {
    return description;
  }

  /** The key in the configuration file's block; a file does not name another one. */
  Optional<String> key() {
    return this == CONFIG ? Optional.empty() : Optional.of(words());
  }

  String flag() {
    return "--" + words();
  }

  String variable() {
    return "PEER_" + name();
  }

  private String words() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** All settings as the table of the documentation. */
  static String markdown() {
    StringBuilder table = new StringBuilder();
    table.append("| flag | environment | in the file | default | meaning |\n");
    table.append("| :- | :- | :- | :- | :- |\n");
    for (Setting each : values()) {
      table.append(
          String.format(
              Locale.ROOT,
              "| `%s` | `%s` | %s | %s | %s. |\n",
              each.form == Form.FLAG ? each.flag() : each.flag() + " " + each.label,
              each.variable(),
              each.key().map(key -> "`" + key + "`").orElse(""),
              each.defaultValue,
              each.description));
    }
    return table.toString();
  }
}
