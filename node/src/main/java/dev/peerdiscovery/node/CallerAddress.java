package dev.peerdiscovery.node;

import dev.peerdiscovery.core.record.Endpoint;
import io.grpc.Attributes;
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
  private CallerAddress() {}

  /**
   * Where a call comes from, if it came over TCP.
   *
   * @param call the attributes of the call
   */
  static Optional<Endpoint> of(Attributes call) {
    SocketAddress remote = call.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    return remote instanceof InetSocketAddress internet && internet.getAddress() != null
        ? Optional.of(Endpoint.of(internet.getAddress(), internet.getPort()))
        : Optional.empty();
  }

  /**
   * What tells callers apart: their address, or their connection where that is on this machine,
   * which says nothing about who calls. One and the same for all of whom nothing is known.
   */
  static String toldApart(Attributes call) {
    SocketAddress remote = call.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    boolean isElsewhere =
        remote instanceof InetSocketAddress internet
            && internet.getAddress() != null
            && !internet.getAddress().isLoopbackAddress();
    return isElsewhere
        ? ((InetSocketAddress) remote).getAddress().getHostAddress()
        : String.valueOf(remote);
  }

  /** Answers callers on this machine only; calls that did not come over TCP are from here, too. */
  static ServerInterceptor hereOnly(ThisMachine here) {
    return new ServerInterceptor() {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        if (!here.isAt(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR))) {
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
