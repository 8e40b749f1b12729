package dev.peerdiscovery.node;

import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.proto.MalformedMessageException;
import dev.peerdiscovery.proto.Refusals;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.function.Consumer;

/**
 * Refuses requests whose bytes are no message, or one that breaks a rule. gRPC itself takes them
 * for a fault of the service: it answers UNKNOWN, and logs a stack trace for whatever a stranger
 * sends.
 */
final class Malformed {
  private Malformed() {}

  /** The service with its messages parsed where a failure can be answered. */
  static ServerServiceDefinition refusedBy(ServerServiceDefinition service) {
    return refusedBy(service, call -> {});
  }

  /** The same, and something is done at each request that is refused. */
  static ServerServiceDefinition refusedBy(
      ServerServiceDefinition service, Consumer<ServerCall<?, ?>> atRefusal) {
    return ServerInterceptors.intercept(
        ServerInterceptors.useInputStreamMessages(service), new Refusing(atRefusal));
  }

  /** What is wrong with the request, if that is known. */
  private static Refusal refusal(StatusRuntimeException e) {
    return e.getCause() instanceof MalformedMessageException malformed
        ? malformed.refusal()
        : new Refusal(Refusal.Reason.MALFORMED, "the request is no serialised message");
  }

  private static final class Refusing implements ServerInterceptor {
    private final Consumer<ServerCall<?, ?>> atRefusal;

    Refusing(Consumer<ServerCall<?, ?>> atRefusal) {
      this.atRefusal = atRefusal;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
        private boolean refused;

        @Override
        public void onMessage(Q message) {
          try {
            super.onMessage(message);
          } catch (StatusRuntimeException e) {
            refused = true;
            atRefusal.accept(call);
            StatusRuntimeException refusal = Refusals.toException(refusal(e));
            Metadata trailers = refusal.getTrailers();
            call.close(Status.fromThrowable(refusal), trailers == null ? new Metadata() : trailers);
          }
        }

        @Override
        public void onHalfClose() {
          if (!refused) {
            super.onHalfClose();
          }
        }
      };
    }
  }
}
