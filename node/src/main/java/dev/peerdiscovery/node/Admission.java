package dev.peerdiscovery.node;

import dev.peerdiscovery.client.tls.PeerTls;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.proto.MalformedMessageException;
import dev.peerdiscovery.proto.PreparedRefusal;
import io.grpc.Attributes;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import java.net.SocketAddress;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Lets calls in, or refuses them before anything of them is read: by what their connection and its
 * address may still ask for, and by what all together may. It takes no lock, and a refusal was made
 * beforehand, so a flood costs the same few microseconds a call whatever it holds.
 *
 * <p>A node's own server is behind its {@link Gate}, with whatever services it has; what is added
 * to a host's carries it. What a call takes depends on what its method is for ({@link CallKinds}):
 * applications and operators ask from a share of their own, health is answered however much there
 * is to do, and all else is let in as a request of a peer. Thread-safe.
 */
final class Admission implements ServerInterceptor {
  private final PeerTls tls;
  private final Clock clock;
  private final Limits limits;
  private final ThisMachine here;
  private final CallKinds kinds;
  private final Sources sources;
  private final Budget total;
  private final Budget ofApplications;
  private final CallsInFlight inFlight;

  private final Map<CallLimit, LongAdder> refused = new EnumMap<>(CallLimit.class);
  private final Map<CallLimit, PreparedRefusal> refusals = new EnumMap<>(CallLimit.class);

  private final LongAdder quarantined;
  private final LongAdder closedHalfOpen;

  Admission(
      Limits limits,
      PeerTls tls,
      CallKinds kinds,
      ThisMachine here,
      Clock clock,
      Counters counters) {
    this.tls = tls;
    this.limits = limits;
    this.kinds = kinds;
    this.here = here;
    this.inFlight = new CallsInFlight(kinds, limits.callDeadline(), clock);
    this.clock = clock;
    this.sources = new Sources(limits, here, false);
    this.total = new Budget(limits.callsPerSecond());
    this.ofApplications = new Budget(limits.callsPerSecond());
    this.quarantined = counters.counter("quarantined");
    this.closedHalfOpen = counters.counter("closed.HALF_OPEN");
    for (CallLimit limit : CallLimit.values()) {
      refused.put(limit, counters.counter("refused.OVERLOADED." + limit));
      refusals.put(limit, new PreparedRefusal(limit.refusal(limits)));
    }
  }

  /** For the listener on which strangers call. */
  Gate gate() {
    return gate(tls, sources, remote -> !here.isAt(remote));
  }

  /**
   * For a second listener, whose callers are taken for applications and operators, and whose
   * connections are counted apart: however many strangers connect to the first, operators get
   * through to theirs.
   *
   * @param secondTls what it speaks
   */
  Gate secondGate(PeerTls secondTls) {
    return gate(secondTls, new Sources(limits, here, true), remote -> false);
  }

  private Gate gate(
      PeerTls ofListener, Sources connections, Predicate<@Nullable SocketAddress> isStranger) {
    return new Gate(
        new HalfOpen(limits, here, closedHalfOpen),
        connections(ofListener, connections),
        new ConnectionAge(
            limits.connectionAge(), limits.connectionGrace(), isStranger, new SplittableRandom()),
        inFlight,
        this);
  }

  /** Has a host's server count the connections and calls that services with this will ask about. */
  void countIn(ServerBuilder<?> host) {
    host.addTransportFilter(connections(tls, sources)).addStreamTracerFactory(inFlight);
  }

  /** Refuses callers of other machines what is for applications and operators. */
  ServerServiceDefinition onlyFromHere(ServerServiceDefinition service) {
    return ServerInterceptors.intercept(service, CallerAddress.hereOnly(here));
  }

  private static ServerTransportFilter connections(PeerTls tls, Sources sources) {
    return new ServerTransportFilter() {
      @Override
      public Attributes transportReady(Attributes attributes) {
        Optional<Sources.Connection> opened =
            sources.opened(
                attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR),
                tls.peer(attributes),
                Optional.ofNullable(Accepted.of(attributes)));
        if (opened.isEmpty()) {
          // Has the transport close it.
          throw new TooManyConnectionsException();
        }
        return opened.get().in(attributes);
      }

      @Override
      public void transportTerminated(@Nullable Attributes attributes) {
        Sources.@Nullable Connection connection =
            attributes == null ? null : Sources.Connection.of(attributes);
        if (connection != null) {
          sources.closed(connection);
        }
      }
    };
  }

  private static final class TooManyConnectionsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TooManyConnectionsException() {
      super("too many connections", null, false, false);
    }
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Sources.@Nullable Connection connection = Sources.Connection.of(call.getAttributes());
    CallKinds.Kind kind = kinds.of(call.getMethodDescriptor().getFullMethodName());
    @Nullable CallLimit limit = exceeded(kind, connection, clock.nowNanos());
    if (limit != null) {
      return refuse(call, kind, connection, limit);
    }
    if (headers.containsKey(CallsInFlight.COMPRESSED)) {
      // What is small on the wire and vast in memory is refused unseen.
      call.close(
          Status.UNIMPLEMENTED.withDescription("compressed requests are not read"), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    return next.startCall(call, headers);
  }

  private <Q> ServerCall.Listener<Q> refuse(
      ServerCall<Q, ?> call,
      CallKinds.Kind kind,
      Sources.@Nullable Connection connection,
      CallLimit limit) {
    refused(limit).increment();
    if (connection != null && connection.isCrowded()) {
      refusal(limit).close(call);
      connection.reset(clock.nowNanos());
      return new ServerCall.Listener<>() {};
    }
    inFlight.refused(kind);
    return new RefusedCall<>(call, refusal(limit), () -> inFlight.refusedEnded(kind));
  }

  /** The limit that a call exceeds, which is counted as open already. */
  private @Nullable CallLimit exceeded(
      CallKinds.Kind kind, Sources.@Nullable Connection connection, long nowNanos) {
    if (kind == CallKinds.Kind.HEALTH) {
      return connection == null ? null : exceededByHealth(connection, nowNanos);
    }
    if (kind == CallKinds.Kind.APPLICATION
        && (connection == null || connection.isOfApplication())) {
      return exceededByApplication(nowNanos);
    }
    @Nullable CallLimit own = connection == null ? null : exceededByCaller(connection, nowNanos);
    if (own != null) {
      return own;
    }
    if (inFlight.count() > limits.callsInFlight()) {
      return CallLimit.IN_FLIGHT;
    }
    return total.take(nowNanos) ? null : CallLimit.TOTAL;
  }

  /** A caller's own limits come before those of all, so that it pays alone. */
  private static @Nullable CallLimit exceededByCaller(
      Sources.Connection connection, long nowNanos) {
    if (!connection.mayCall()) {
      return connection.isOneTooManyOfAddress()
          ? CallLimit.CONNECTIONS_OF_ADDRESS
          : CallLimit.CONNECTIONS;
    }
    if (connection.source().isQuarantined(nowNanos)) {
      return CallLimit.QUARANTINE;
    }
    Share ofPeer = connection.source().share();
    if (ofPeer.open().isOver()) {
      return CallLimit.PEER_IN_FLIGHT;
    }
    if (!ofPeer.rate().take(nowNanos)) {
      return CallLimit.PEER;
    }
    @Nullable Share ofSubnet = connection.subnet().orElse(null);
    if (ofSubnet != null && ofSubnet.open().isOver()) {
      return CallLimit.SUBNET_IN_FLIGHT;
    }
    return ofSubnet == null || ofSubnet.rate().take(nowNanos) ? null : CallLimit.SUBNET;
  }

  /**
   * What probes rely on most when there is much to do: so it takes nothing from what calls of peers
   * take from, and nothing of what is for all, which others could use up.
   */
  private static @Nullable CallLimit exceededByHealth(
      Sources.Connection connection, long nowNanos) {
    Share ofPeer = connection.source().share();
    if (ofPeer.open().isOver()) {
      return CallLimit.PEER_IN_FLIGHT;
    }
    if (!ofPeer.health().take(nowNanos)) {
      return CallLimit.HEALTH;
    }
    @Nullable Share ofSubnet = connection.subnet().orElse(null);
    if (ofSubnet != null && ofSubnet.open().isOver()) {
      return CallLimit.SUBNET_IN_FLIGHT;
    }
    return ofSubnet == null || ofSubnet.health().take(nowNanos) ? null : CallLimit.SUBNET_HEALTH;
  }

  /** Applications trust one another, as they share a machine: only all together have a limit. */
  private @Nullable CallLimit exceededByApplication(long nowNanos) {
    if (inFlight.applications() > limits.callsInFlight()) {
      return CallLimit.APPLICATIONS_IN_FLIGHT;
    }
    return ofApplications.take(nowNanos) ? null : CallLimit.APPLICATIONS;
  }

  private PreparedRefusal refusal(CallLimit limit) {
    return Objects.requireNonNull(refusals.get(limit));
  }

  private LongAdder refused(CallLimit limit) {
    return Objects.requireNonNull(refused.get(limit));
  }

  /** A request was malformed; too many of them and their caller is refused unheard for a while. */
  void violated(ServerCall<?, ?> call) {
    Sources.@Nullable Connection connection = Sources.Connection.of(call.getAttributes());
    if (connection != null && connection.source().violated(clock.nowNanos())) {
      quarantined.increment();
    }
  }

  /**
   * Refuses requests in which a caller says that it is another node than the one that TLS proves.
   * It belongs where requests are core's values already.
   */
  static ServerInterceptor callersAreWhoTheySay() {
    return new ServerInterceptor() {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        Sources.@Nullable Connection connection = Sources.Connection.of(call.getAttributes());
        return connection == null || connection.peer().isEmpty()
            ? next.startCall(call, headers)
            : new OfOneCaller<>(next.startCall(call, headers), connection.peer().get());
      }
    };
  }

  private static final class OfOneCaller<Q> extends SimpleForwardingServerCallListener<Q> {
    private final NodeId peer;

    OfOneCaller(ServerCall.Listener<Q> call, NodeId peer) {
      super(call);
      this.peer = peer;
    }

    @Override
    public void onMessage(Q message) {
      Optional<SignedPeerRecord> caller =
          message instanceof Request request ? request.caller() : Optional.empty();
      if (caller.isPresent() && !caller.get().id().equals(peer)) {
        throw Status.INVALID_ARGUMENT
            .withCause(
                new MalformedMessageException("caller", "it is not whom its certificate names"))
            .asRuntimeException();
      }
      super.onMessage(message);
    }
  }
}
