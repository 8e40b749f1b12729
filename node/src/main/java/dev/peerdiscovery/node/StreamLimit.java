package dev.peerdiscovery.node;

import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.proto.PreparedRefusal;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the streams of one connection and of all. gRPC has calls beyond its own limit wait at the
 * caller, without a word; so streams, which stay, must leave room on their connection for calls
 * that are over soon. Thread-safe.
 */
final class StreamLimit implements ServerInterceptor {
  /** Streams of applications in all. */
  private static final int MOST_OF_APPLICATIONS = 1_024;

  private final int ofConnection;
  private final int ofAll;
  private final AtomicInteger all = new AtomicInteger();
  private final Map<Sources.Connection, Integer> byConnection = new ConcurrentHashMap<>();
  private final PreparedRefusal tooManyOfConnection;
  private final PreparedRefusal tooManyOfAll;

  private StreamLimit(
      int ofConnection, int ofAll, Refusal.Reason reasonOfConnection, String nameOfAll) {
    this.ofConnection = ofConnection;
    this.ofAll = ofAll;
    this.tooManyOfConnection =
        new PreparedRefusal(
            new Refusal(
                reasonOfConnection,
                String.format(
                    Locale.ROOT,
                    "too many streams of one connection: at most %d, set by --streams-per-connection",
                    ofConnection)));
    this.tooManyOfAll =
        new PreparedRefusal(
            new Refusal(
                Refusal.Reason.OVERLOADED,
                String.format(Locale.ROOT, "too many %s: at most %d", nameOfAll, ofAll)));
  }

  /** Those of peers, who ask another one when they are refused. */
  static StreamLimit ofPeers(Limits limits) {
    return new StreamLimit(
        limits.streamsPerConnection(),
        limits.callsInFlight(),
        Refusal.Reason.OVERLOADED,
        "streams of peers in all");
  }

  /**
   * Those of applications. One too many on a connection is refused with {@code FULL}: trying again
   * there is of no use until another one ends.
   */
  static StreamLimit ofApplications(int streamsPerConnection) {
    return new StreamLimit(
        streamsPerConnection,
        MOST_OF_APPLICATIONS,
        Refusal.Reason.FULL,
        "streams of applications in all");
  }

  /** How many streams are open. */
  int open() {
    return all.get();
  }

  /** How many connections they are on. */
  int connections() {
    return byConnection.size();
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (call.getMethodDescriptor().getType() == MethodType.UNARY) {
      return next.startCall(call, headers);
    }
    Sources.@Nullable Connection connection = Sources.Connection.of(call.getAttributes());
    @Nullable PreparedRefusal refusal = enter(connection);
    if (refusal != null) {
      return new RefusedCall<>(call, refusal, () -> {});
    }
    return new Streaming<>(begin(call, headers, next, connection), connection);
  }

  /** A handler that fails has no listener that could hear of the end. */
  private <Q, A> ServerCall.Listener<Q> begin(
      ServerCall<Q, A> call,
      Metadata headers,
      ServerCallHandler<Q, A> next,
      Sources.@Nullable Connection connection) {
    boolean hasBegun = false;
    try {
      ServerCall.Listener<Q> listener = next.startCall(call, headers);
      hasBegun = true;
      return listener;
    } finally {
      if (!hasBegun) {
        leave(connection);
      }
    }
  }

  /** Leaves once, at whichever of the two ends a call has. */
  private final class Streaming<Q> extends SimpleForwardingServerCallListener<Q> {
    private final Sources.@Nullable Connection connection;

    Streaming(ServerCall.Listener<Q> call, Sources.@Nullable Connection connection) {
      super(call);
      this.connection = connection;
    }

    @Override
    public void onCancel() {
      leave(connection);
      super.onCancel();
    }

    @Override
    public void onComplete() {
      leave(connection);
      super.onComplete();
    }
  }

  private @Nullable PreparedRefusal enter(Sources.@Nullable Connection connection) {
    if (all.incrementAndGet() > ofAll) {
      all.decrementAndGet();
      return tooManyOfAll;
    }
    if (connection != null && byConnection.merge(connection, 1, Integer::sum) > ofConnection) {
      leave(connection);
      return tooManyOfConnection;
    }
    return null;
  }

  private void leave(Sources.@Nullable Connection connection) {
    if (connection != null) {
      byConnection.computeIfPresent(connection, (it, count) -> count == 1 ? null : count - 1);
    }
    all.decrementAndGet();
  }
}
