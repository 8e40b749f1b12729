package dev.peerdiscovery.node;

import dev.peerdiscovery.core.record.Endpoint;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Optional;

/** Tells handlers where a call comes from, and keeps calls from elsewhere off what is local. */
final class CallerAddress {
  private static final Context.Key<InetSocketAddress> KEY = Context.key("caller-address");

  private CallerAddress() {}

  /** Where the current call comes from, if it came over TCP. */
  static Optional<Endpoint> current() {
    InetSocketAddress address = KEY.get();
    return address == null || address.getAddress() == null
        ? Optional.empty()
        : Optional.of(Endpoint.of(address.getAddress(), address.getPort()));
  }

  /** Makes {@link #current} work in the services behind it. */
  static ServerInterceptor noted() {
    return new ServerInterceptor() {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        SocketAddress address = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        return address instanceof InetSocketAddress internet
            ? Contexts.interceptCall(
                Context.current().withValue(KEY, internet), call, headers, next)
            : next.startCall(call, headers);
      }
    };
  }

  /** Answers callers on this machine only; calls that did not come over TCP are from here, too. */
  static ServerInterceptor loopbackOnly() {
    return new ServerInterceptor() {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        SocketAddress address = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        if (address instanceof InetSocketAddress internet
            && (internet.isUnresolved() || !internet.getAddress().isLoopbackAddress())) {
          call.close(
              Status.PERMISSION_DENIED.withDescription(
                  "answered to callers on this machine only, unless the node has an --api address"),
              new Metadata());
          return new ServerCall.Listener<>() {};
        }
        return next.startCall(call, headers);
      }
    };
  }
}
