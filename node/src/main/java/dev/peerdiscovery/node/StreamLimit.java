package dev.peerdiscovery.node;

import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.proto.PreparedRefusal;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
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
  private final int ofConnection;
  private final int ofAll;
  private final AtomicInteger all = new AtomicInteger();

  /** By the address at the other end, which only one open connection has. */
  private final Map<SocketAddress, Integer> byConnection = new ConcurrentHashMap<>();

  private final PreparedRefusal refusal =
      new PreparedRefusal(new Refusal(Refusal.Reason.OVERLOADED, "too many streams"));

  StreamLimit(int ofConnection, int ofAll) {
    this.ofConnection = ofConnection;
    this.ofAll = ofAll;
  }

  /** How many streams are open. */
  int open() {
    return all.get();
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (call.getMethodDescriptor().getType() == MethodType.UNARY) {
      return next.startCall(call, headers);
    }
    SocketAddress remote = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    InetSocketAddress connection = remote instanceof InetSocketAddress internet ? internet : null;
    if (!enter(connection)) {
      return new Admission.Refused<>(call, refusal, () -> {});
    }
    return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
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
    };
  }

  private boolean enter(@Nullable InetSocketAddress connection) {
    if (all.incrementAndGet() > ofAll) {
      all.decrementAndGet();
      return false;
    }
    if (connection != null && byConnection.merge(connection, 1, Integer::sum) > ofConnection) {
      leave(connection);
      return false;
    }
    return true;
  }

  private void leave(@Nullable InetSocketAddress connection) {
    if (connection != null) {
      byConnection.computeIfPresent(connection, (address, count) -> count == 1 ? null : count - 1);
    }
    all.decrementAndGet();
  }
}
