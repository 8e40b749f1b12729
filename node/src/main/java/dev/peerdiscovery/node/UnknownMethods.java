package dev.peerdiscovery.node;

import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Answers calls of methods that there are none. gRPC does so itself, but before anything of the
 * node's has a say, and as often as anybody asks; with a definition of their own they pass through
 * {@link Admission} like others. Stateless.
 */
final class UnknownMethods extends HandlerRegistry {
  private static final ServerMethodDefinition<InputStream, InputStream> UNIMPLEMENTED =
      ServerMethodDefinition.create(
          MethodDescriptor.<InputStream, InputStream>newBuilder()
              .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
              .setFullMethodName("unknown/Unknown")
              .setRequestMarshaller(new Unread())
              .setResponseMarshaller(new Unread())
              .build(),
          (call, headers) -> {
            call.close(
                Status.UNIMPLEMENTED.withDescription("this server has no such method"),
                new Metadata());
            return new ServerCall.Listener<>() {};
          });

  @Override
  public ServerMethodDefinition<?, ?> lookupMethod(String method, @Nullable String authority) {
    return UNIMPLEMENTED;
  }

  /** For messages that never come to be. */
  private static final class Unread implements MethodDescriptor.Marshaller<InputStream> {
    @Override
    public InputStream stream(InputStream value) {
      return value;
    }

    @Override
    public InputStream parse(InputStream stream) {
      return stream;
    }
  }
}
