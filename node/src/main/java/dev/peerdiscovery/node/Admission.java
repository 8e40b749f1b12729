package dev.peerdiscovery.node;

import dev.peerdiscovery.client.tls.PeerTls;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.proto.MalformedMessageException;
import dev.peerdiscovery.proto.PreparedRefusal;
import io.grpc.Attributes;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Lets calls of peers in, or refuses them before anything of them is read: by what their connection
 * and its address may still ask for, and by what all together may. It takes no lock, and a refusal
 * was made beforehand, so a flood costs the same few microseconds a call whatever it holds.
 *
 * <p>It belongs into a server three times: as a filter of connections, by its {@link CallsInFlight}
 * and as the outermost interceptor of what peers call. Thread-safe.
 */
final class Admission implements ServerInterceptor {
  /** Why a call is refused. */
  enum Limit {
    CONNECTIONS,
    QUARANTINE,
    PEER,
    PEER_IN_FLIGHT,
    SUBNET,
    SUBNET_IN_FLIGHT,
    IN_FLIGHT,
    TOTAL
  }

  private final PeerTls tls;
  private final Clock clock;
  private final Limits limits;
  private final Sources sources;
  private final Budget total;
  private final CallsInFlight inFlight;

  private final Map<Limit, LongAdder> refused = new EnumMap<>(Limit.class);

  private final LongAdder quarantined;
  private final LongAdder closedHalfOpen;
  private final PreparedRefusal overloaded =
      new PreparedRefusal(new Refusal(Refusal.Reason.OVERLOADED, "this peer has too much to do"));
  private final PreparedRefusal tooManyOfOne =
      new PreparedRefusal(
          new Refusal(Refusal.Reason.OVERLOADED, "too many calls or connections of one caller"));
  private final PreparedRefusal inQuarantine;

  Admission(Limits limits, PeerTls tls, CallsInFlight inFlight, Clock clock, Counters counters) {
    this.tls = tls;
    this.limits = limits;
    this.inFlight = inFlight;
    this.clock = clock;
    this.sources = new Sources(limits);
    this.total = new Budget(limits.callsPerSecond());
    this.quarantined = counters.counter("quarantined");
    this.closedHalfOpen = counters.counter("closed.HALF_OPEN");
    for (Limit limit : Limit.values()) {
      refused.put(limit, counters.counter("refused.OVERLOADED." + limit));
    }
    this.inQuarantine =
        new PreparedRefusal(
            new Refusal(
                Refusal.Reason.QUARANTINED,
                "too many malformed requests of one caller",
                limits.quarantine()));
  }

  /** Notes connections, so that their calls find what they may ask for. */
  ServerTransportFilter connections() {
    return connections(tls, sources);
  }

  /**
   * The same for a second listener, whose connections are counted apart: however many strangers
   * connect to the first, operators get through to theirs.
   *
   * @param secondTls what it speaks
   */
  ServerTransportFilter connectionsOfSecond(PeerTls secondTls) {
    return connections(secondTls, new Sources(limits));
  }

  /** Bounds the connections of one listener that are nobody's yet. */
  HalfOpen halfOpen() {
    return new HalfOpen(limits, closedHalfOpen);
  }

  private static ServerTransportFilter connections(PeerTls tls, Sources sources) {
    return new ServerTransportFilter() {
      @Override
      public Attributes transportReady(Attributes attributes) {
        Optional<Sources.Connection> opened =
            sources.opened(attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR), tls.peer(attributes));
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
    @Nullable Limit limit = exceeded(connection, clock.nowNanos());
    return limit == null ? next.startCall(call, headers) : refuse(call, connection, limit);
  }

  /**
   * Refuses only the calls of whoever holds too many open, in whatever they are. For what others
   * than peers rely on, and most of all when there is much to do.
   */
  ServerInterceptor ofCallsHeldOpen() {
    return new ServerInterceptor() {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        Sources.@Nullable Connection connection = Sources.Connection.of(call.getAttributes());
        @Nullable Limit limit = connection == null ? null : heldOpen(connection);
        return limit == null ? next.startCall(call, headers) : refuse(call, connection, limit);
      }
    };
  }

  private <Q> ServerCall.Listener<Q> refuse(
      ServerCall<Q, ?> call, Sources.@Nullable Connection connection, Limit limit) {
    refused(limit).increment();
    if (connection != null && connection.isCrowded()) {
      refusal(limit).close(call);
      return new ServerCall.Listener<>() {};
    }
    String method = call.getMethodDescriptor().getFullMethodName();
    inFlight.refused(method);
    return new Refused<>(call, refusal(limit), () -> inFlight.refusedEnded(method));
  }

  /**
   * Waits for the end of the request and throws it away unread. Answered before, a request that is
   * still on its way makes gRPC reset the stream, and it counts its own resets, too: whoever asks a
   * little too much would lose its connection and not know why. Only a caller of whose calls twice
   * as many are open as may be is not waited for.
   */
  static final class Refused<Q> extends ServerCall.Listener<Q> {
    private final ServerCall<Q, ?> call;
    private final PreparedRefusal refusal;
    private final Runnable atEnd;

    /**
     * Begins to wait.
     *
     * @param atEnd told once when the call is over, however that came
     */
    Refused(ServerCall<Q, ?> call, PreparedRefusal refusal, Runnable atEnd) {
      this.call = call;
      this.refusal = refusal;
      this.atEnd = atEnd;
      call.request(2);
    }

    @Override
    public void onHalfClose() {
      refusal.close(call);
    }

    @Override
    public void onComplete() {
      atEnd.run();
    }

    @Override
    public void onCancel() {
      atEnd.run();
    }
  }

  /**
   * The limit that a call exceeds, which is counted as open already; a caller's own first, so that
   * it pays alone.
   */
  private @Nullable Limit exceeded(Sources.@Nullable Connection connection, long nowNanos) {
    if (connection != null) {
      if (connection.surplus()) {
        return Limit.CONNECTIONS;
      }
      if (connection.source().isQuarantined(nowNanos)) {
        return Limit.QUARANTINE;
      }
      Share ofPeer = connection.source().share();
      if (ofPeer.open().isOver()) {
        return Limit.PEER_IN_FLIGHT;
      }
      if (!ofPeer.rate().take(nowNanos)) {
        return Limit.PEER;
      }
      @Nullable Share ofSubnet = connection.subnet().orElse(null);
      if (ofSubnet != null && ofSubnet.open().isOver()) {
        return Limit.SUBNET_IN_FLIGHT;
      }
      if (ofSubnet != null && !ofSubnet.rate().take(nowNanos)) {
        return Limit.SUBNET;
      }
    }
    if (inFlight.count() > limits.callsInFlight()) {
      return Limit.IN_FLIGHT;
    }
    return total.take(nowNanos) ? null : Limit.TOTAL;
  }

  private static @Nullable Limit heldOpen(Sources.Connection connection) {
    if (connection.source().share().open().isOver()) {
      return Limit.PEER_IN_FLIGHT;
    }
    @Nullable Share ofSubnet = connection.subnet().orElse(null);
    return ofSubnet != null && ofSubnet.open().isOver() ? Limit.SUBNET_IN_FLIGHT : null;
  }

  private PreparedRefusal refusal(Limit limit) {
    return switch (limit) {
      case QUARANTINE -> inQuarantine;
      case CONNECTIONS, PEER, PEER_IN_FLIGHT, SUBNET, SUBNET_IN_FLIGHT -> tooManyOfOne;
      case IN_FLIGHT, TOTAL -> overloaded;
    };
  }

  private LongAdder refused(Limit limit) {
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
