package dev.peerdiscovery.node;

import dev.peerdiscovery.client.ChannelLimits;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * What a node lets others take of it: the limits of its server, what it answers of one caller, and
 * what its own channels may cost. Immutable; {@link #defaults()} suits production, {@link
 * #toBuilder} changes single values.
 *
 * <p>An attached node's host sets those of the connection itself ({@code callsPerConnection} and
 * the ones that follow up to {@code keepAlive}); the others hold there, too. A limit of calls a
 * second lets as many pass at once as in one second.
 *
 * <p>A stranger is a caller of another machine on the port of peers. Callers on this machine, and
 * those of the second listener, are applications and operators: {@code resetsPerWindow} and {@code
 * connectionAge} do not hold for them, and what they ask a node as such takes from a share of their
 * own, as large as that of peers.
 *
 * @param connections connections in all, 1 to 65,536; the calls on more are refused, and beyond
 *     twice as many they are closed
 * @param connectionsPerAddress of them from one address, 1 to 65,536, in the same way; does not
 *     hold for loopback
 * @param callsPerConnection calls under way on one connection, 1 to 10,000; more wait at the caller
 * @param requestBytes the largest request, 4 KiB to 4 MiB
 * @param metadataBytes the largest metadata of a call, 1 KiB to 64 KiB
 * @param flowControlBytes what may be sent to a connection before it is read, 64 KiB to 8 MiB
 * @param resetsPerWindow streams that a stranger's connection may reset within 30 s, 10 to 100,000;
 *     one more closes it
 * @param halfOpen connections whose handshake is not over, 16 to 65,536; when there are more, the
 *     one that has waited for longest is closed
 * @param handshake the time in which a new connection must speak HTTP/2, 100 ms to 2 min
 * @param connectionIdle after this time without a call a connection is closed, 1 s to 24 h
 * @param connectionAge after this time, give or take a tenth, a stranger's connection is closed,
 *     calls under way have {@code connectionGrace} to end; 1 s to 7 d
 * @param connectionGrace 0 to 10 min
 * @param keepAlive the least time between two pings of a connection, 1 s to 1 h; one that pings
 *     more often is closed
 * @param callDeadline the longest that a call may take, whatever its caller allows, 100 ms to 10
 *     min
 * @param streamsPerConnection streams on one connection, 1 to {@code callsPerConnection}: fewer
 *     than that, so that streams, which stay, leave room for calls that are over soon. So many
 *     watches and leases one application can have on a connection; one more is refused
 * @param callsInFlight calls under way in all, 1 to 1,000,000; as many streams of peers; and as
 *     many calls of applications
 * @param callsInFlightPerPeer of them calls of one peer, streams and refused ones among them, 1 to
 *     1,000,000; more than twice as many are not even listened to. It holds over all its
 *     connections, where {@code callsPerConnection} is less
 * @param callsInFlightPerSubnet the same of one /24, or /48 with IPv6, of public addresses
 * @param callsPerSecond calls answered a second, of all peers and strangers together, 1 to
 *     10,000,000; and as many of all applications and operators
 * @param callsPerSecondPerPeer calls answered a second of one peer: of one node where TLS proves
 *     it, else of one address, and of one connection where that is loopback; 1 to 10,000,000
 * @param callsPerSecondPerSubnet calls answered a second of one /24, or /48 with IPv6, of public
 *     addresses, and of any one address where its nodes are told apart; 1 to 10,000,000
 * @param healthPerSecondPerPeer calls of the health service answered a second of one peer, told
 *     apart as before, beside its other calls and however much there is to do; ten times as many of
 *     one subnet; 1 to 10,000,000
 * @param violations so many malformed requests of one peer within a minute have it quarantined, 1
 *     to 1,000,000
 * @param quarantine for how long, 1 s to 10 min
 * @param remembered addresses, nodes and subnets that are remembered without a connection, so many
 *     of each, 0 to 1,000,000
 * @param channels the limits of the node's channels to other peers
 */
public record Limits(
    int connections,
    int connectionsPerAddress,
    int callsPerConnection,
    int requestBytes,
    int metadataBytes,
    int flowControlBytes,
    int resetsPerWindow,
    int halfOpen,
    Duration handshake,
    Duration connectionIdle,
    Duration connectionAge,
    Duration connectionGrace,
    Duration keepAlive,
    Duration callDeadline,
    int streamsPerConnection,
    int callsInFlight,
    int callsInFlightPerPeer,
    int callsInFlightPerSubnet,
    int callsPerSecond,
    int callsPerSecondPerPeer,
    int callsPerSecondPerSubnet,
    int healthPerSecondPerPeer,
    int violations,
    Duration quarantine,
    int remembered,
    ChannelLimits channels) {
  /** The window of {@code resetsPerWindow}. */
  static final Duration RESET_WINDOW = Duration.ofSeconds(30);

  /** The window of {@code violations}. */
  static final Duration VIOLATION_WINDOW = Duration.ofMinutes(1);

  private static final int MOST_AT_ONCE = 1_000_000;
  private static final int MOST_CALLS = 10_000_000;
  private static final Limits DEFAULTS = new Builder().build();

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException when a value is out of them
   */
  public Limits {
    check("connections", connections, 1, 65_536);
    check("connectionsPerAddress", connectionsPerAddress, 1, 65_536);
    check("callsPerConnection", callsPerConnection, 1, 10_000);
    check("requestBytes", requestBytes, 4 << 10, 4 << 20);
    check("metadataBytes", metadataBytes, 1 << 10, 64 << 10);
    check("flowControlBytes", flowControlBytes, 64 << 10, 8 << 20);
    check("resetsPerWindow", resetsPerWindow, 10, 100_000);
    check("halfOpen", halfOpen, 16, 65_536);
    check("handshake", handshake, Duration.ofMillis(100), Duration.ofMinutes(2));
    check("connectionIdle", connectionIdle, Duration.ofSeconds(1), Duration.ofDays(1));
    check("connectionAge", connectionAge, Duration.ofSeconds(1), Duration.ofDays(7));
    check("connectionGrace", connectionGrace, Duration.ZERO, Duration.ofMinutes(10));
    check("keepAlive", keepAlive, Duration.ofSeconds(1), Duration.ofHours(1));
    check("callDeadline", callDeadline, Duration.ofMillis(100), Duration.ofMinutes(10));
    check("streamsPerConnection", streamsPerConnection, 1, callsPerConnection);
    check("callsInFlight", callsInFlight, 1, MOST_AT_ONCE);
    check("callsInFlightPerPeer", callsInFlightPerPeer, 1, MOST_AT_ONCE);
    check("callsInFlightPerSubnet", callsInFlightPerSubnet, 1, MOST_AT_ONCE);
    check("callsPerSecond", callsPerSecond, 1, MOST_CALLS);
    check("callsPerSecondPerPeer", callsPerSecondPerPeer, 1, MOST_CALLS);
    check("callsPerSecondPerSubnet", callsPerSecondPerSubnet, 1, MOST_CALLS);
    check("healthPerSecondPerPeer", healthPerSecondPerPeer, 1, MOST_CALLS);
    check("violations", violations, 1, 1_000_000);
    check("quarantine", quarantine, Duration.ofSeconds(1), Duration.ofMinutes(10));
    check("remembered", remembered, 0, 1_000_000);
  }

  private static void check(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "%s: must be %d to %d, got %d", name, least, most, value));
    }
  }

  private static void check(String name, Duration value, Duration least, Duration most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "%s: must be %s to %s, got %s", name, least, most, value));
    }
  }

  /** What suits production. */
  public static Limits defaults() {
    return DEFAULTS;
  }

  /** Calls of the health service answered a second of one subnet: those of ten callers. */
  int healthPerSecondPerSubnet() {
    return 10 * healthPerSecondPerPeer;
  }

  /** Half-open connections from one address, this machine's own excepted: one in 16 of all. */
  int halfOpenPerAddress() {
    return halfOpen / 16;
  }

  /** A builder that starts from the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder that starts from these values. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.connections = connections;
    builder.connectionsPerAddress = connectionsPerAddress;
    builder.callsPerConnection = callsPerConnection;
    builder.requestBytes = requestBytes;
    builder.metadataBytes = metadataBytes;
    builder.flowControlBytes = flowControlBytes;
    builder.resetsPerWindow = resetsPerWindow;
    builder.halfOpen = halfOpen;
    builder.handshake = handshake;
    builder.connectionIdle = connectionIdle;
    builder.connectionAge = connectionAge;
    builder.connectionGrace = connectionGrace;
    builder.keepAlive = keepAlive;
    builder.callDeadline = callDeadline;
    builder.streamsPerConnection = OptionalInt.of(streamsPerConnection);
    builder.callsInFlight = callsInFlight;
    builder.callsInFlightPerPeer = callsInFlightPerPeer;
    builder.callsInFlightPerSubnet = callsInFlightPerSubnet;
    builder.callsPerSecond = callsPerSecond;
    builder.callsPerSecondPerPeer = callsPerSecondPerPeer;
    builder.callsPerSecondPerSubnet = callsPerSecondPerSubnet;
    builder.healthPerSecondPerPeer = healthPerSecondPerPeer;
    builder.violations = violations;
    builder.quarantine = quarantine;
    builder.remembered = remembered;
    builder.channels = channels;
    return builder;
  }

  /** Changes single limits. Not thread-safe. */
  public static final class Builder {
    private int connections = 4096;
    private int connectionsPerAddress = 256;
    private int callsPerConnection = 64;
    private int requestBytes = 64 << 10;
    private int metadataBytes = 4 << 10;
    private int flowControlBytes = 128 << 10;
    private int resetsPerWindow = 200;
    private int halfOpen = 1024;
    private Duration handshake = Duration.ofSeconds(10);
    private Duration connectionIdle = Duration.ofMinutes(5);
    private Duration connectionAge = Duration.ofHours(1);
    private Duration connectionGrace = Duration.ofSeconds(10);
    // Clients of gRPC ping every 10 s at most, so that no application loses its leases by pings.
    private Duration keepAlive = Duration.ofSeconds(9);
    private Duration callDeadline = Duration.ofSeconds(5);
    private OptionalInt streamsPerConnection = OptionalInt.empty();
    private int callsInFlight = 4096;
    private int callsInFlightPerPeer = 256;
    private int callsInFlightPerSubnet = 1024;
    private int callsPerSecond = 20_000;
    private int callsPerSecondPerPeer = 200;
    private int callsPerSecondPerSubnet = 2_000;
    private int healthPerSecondPerPeer = 50;
    private int violations = 3;
    private Duration quarantine = Duration.ofMinutes(10);
    private int remembered = 8192;
    private ChannelLimits channels = ChannelLimits.defaults();

    private Builder() {}

    /** Sets {@link Limits#connections}. */
    public Builder connections(int value) {
      connections = value;
      return this;
    }

    /** Sets {@link Limits#connectionsPerAddress}. */
    public Builder connectionsPerAddress(int value) {
      connectionsPerAddress = value;
      return this;
    }

    /** Sets {@link Limits#callsPerConnection}. */
    public Builder callsPerConnection(int value) {
      callsPerConnection = value;
      return this;
    }

    /** Sets {@link Limits#requestBytes}. */
    public Builder requestBytes(int value) {
      requestBytes = value;
      return this;
    }

    /** Sets {@link Limits#metadataBytes}. */
    public Builder metadataBytes(int value) {
      metadataBytes = value;
      return this;
    }

    /** Sets {@link Limits#flowControlBytes}. */
    public Builder flowControlBytes(int value) {
      flowControlBytes = value;
      return this;
    }

    /** Sets {@link Limits#connectionIdle}. */
    public Builder connectionIdle(Duration value) {
      connectionIdle = value;
      return this;
    }

    /** Sets {@link Limits#connectionAge}. */
    public Builder connectionAge(Duration value) {
      connectionAge = value;
      return this;
    }

    /** Sets {@link Limits#connectionGrace}. */
    public Builder connectionGrace(Duration value) {
      connectionGrace = value;
      return this;
    }

    /** Sets {@link Limits#keepAlive}. */
    public Builder keepAlive(Duration value) {
      keepAlive = value;
      return this;
    }

    /** Sets {@link Limits#halfOpen}. */
    public Builder halfOpen(int value) {
      halfOpen = value;
      return this;
    }

    /** Sets {@link Limits#handshake}. */
    public Builder handshake(Duration value) {
      handshake = value;
      return this;
    }

    /** Sets {@link Limits#resetsPerWindow}. */
    public Builder resetsPerWindow(int value) {
      resetsPerWindow = value;
      return this;
    }

    /** Sets {@link Limits#callDeadline}. */
    public Builder callDeadline(Duration value) {
      callDeadline = value;
      return this;
    }

    /**
     * Sets {@link Limits#streamsPerConnection}; three quarters of {@code callsPerConnection} unless
     * set.
     */
    public Builder streamsPerConnection(int value) {
      streamsPerConnection = OptionalInt.of(value);
      return this;
    }

    /** Sets {@link Limits#callsInFlight}. */
    public Builder callsInFlight(int value) {
      callsInFlight = value;
      return this;
    }

    /** Sets {@link Limits#callsInFlightPerPeer}. */
    public Builder callsInFlightPerPeer(int value) {
      callsInFlightPerPeer = value;
      return this;
    }

    /** Sets {@link Limits#callsInFlightPerSubnet}. */
    public Builder callsInFlightPerSubnet(int value) {
      callsInFlightPerSubnet = value;
      return this;
    }

    /** Sets {@link Limits#callsPerSecond}. */
    public Builder callsPerSecond(int value) {
      callsPerSecond = value;
      return this;
    }

    /** Sets {@link Limits#callsPerSecondPerPeer}. */
    public Builder callsPerSecondPerPeer(int value) {
      callsPerSecondPerPeer = value;
      return this;
    }

    /** Sets {@link Limits#callsPerSecondPerSubnet}. */
    public Builder callsPerSecondPerSubnet(int value) {
      callsPerSecondPerSubnet = value;
      return this;
    }

    /** Sets {@link Limits#healthPerSecondPerPeer}. */
    public Builder healthPerSecondPerPeer(int value) {
      healthPerSecondPerPeer = value;
      return this;
    }

    /** Sets {@link Limits#violations}. */
    public Builder violations(int value) {
      violations = value;
      return this;
    }

    /** Sets {@link Limits#quarantine}. */
    public Builder quarantine(Duration value) {
      quarantine = value;
      return this;
    }

    /** Sets {@link Limits#remembered}. */
    public Builder remembered(int value) {
      remembered = value;
      return this;
    }

    /** Sets {@link Limits#channels}. */
    public Builder channels(ChannelLimits value) {
      channels = value;
      return this;
    }

    /**
     * The limits.
     *
     * @throws IllegalArgumentException when a value is out of its bounds
     */
    public Limits build() {
      return new Limits(
          connections,
          connectionsPerAddress,
          callsPerConnection,
          requestBytes,
          metadataBytes,
          flowControlBytes,
          resetsPerWindow,
          halfOpen,
          handshake,
          connectionIdle,
          connectionAge,
          connectionGrace,
          keepAlive,
          callDeadline,
          streamsPerConnection.orElse(Math.max(1, callsPerConnection * 3 / 4)),
          callsInFlight,
          callsInFlightPerPeer,
          callsInFlightPerSubnet,
          callsPerSecond,
          callsPerSecondPerPeer,
          callsPerSecondPerSubnet,
          healthPerSecondPerPeer,
          violations,
          quarantine,
          remembered,
          channels);
    }
  }
}
