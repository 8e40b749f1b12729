package dev.peerdiscovery.node;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a call ended: by its caller, or with the connection. A handler cannot tell them apart, since
 * it hears of both as cancelled; a tracer is told the cause, and before the handler. A stream that
 * the caller reset ends with CANCELLED, one whose connection is gone, or aged, with UNAVAILABLE.
 * Thread-safe.
 */
final class CallEnd extends ServerStreamTracer {
  private static final Context.Key<CallEnd> KEY = Context.key("peerdiscovery-call-end");
  private static final ServerStreamTracer OTHER = new ServerStreamTracer() {};

  private volatile boolean lost;

  private CallEnd() {}

  /** Notes how the calls of some methods end; to be given to the server. */
  static ServerStreamTracer.Factory of(MethodDescriptor<?, ?>... methods) {
    Set<String> names = new HashSet<>();
    for (MethodDescriptor<?, ?> method : methods) {
      names.add(method.getFullMethodName());
    }
    Set<String> noted = Set.copyOf(names);
    return new ServerStreamTracer.Factory() {
      @Override
      public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
        return noted.contains(fullMethodName) ? new CallEnd() : OTHER;
      }
    };
  }

  /**
   * That of the call that is being handled; one that never was lost, where the server notes none.
   */
  static CallEnd current() {
    @Nullable CallEnd current = KEY.get();
    return current == null ? new CallEnd() : current;
  }

  /** Whether the connection was lost, and not the call ended by its caller. */
  boolean wasLost() {
    return lost;
  }

  @Override
  public Context filterContext(Context context) {
    return context.withValue(KEY, this);
  }

  @Override
  public void streamClosed(Status status) {
    lost = status.getCode() == Status.Code.UNAVAILABLE;
  }
}
