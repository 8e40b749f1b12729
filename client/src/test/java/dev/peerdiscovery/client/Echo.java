package dev.peerdiscovery.client;

import com.google.common.util.concurrent.ListenableFuture;
import dev.peerdiscovery.core.record.Endpoint;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** An instance of a service, which answers every call with its own endpoint and the authority. */
final class Echo implements AutoCloseable {
  private static final MethodDescriptor.Marshaller<String> TEXT =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(String value) {
          return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String parse(InputStream stream) {
          try {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  private static final MethodDescriptor<String, String> WHO =
      MethodDescriptor.<String, String>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("test.Echo/Who")
          .setRequestMarshaller(TEXT)
          .setResponseMarshaller(TEXT)
          .build();

  final AtomicInteger calls = new AtomicInteger();

  /** Calls that are not answered, since it was told to hold them. */
  final AtomicInteger held = new AtomicInteger();

  /** How many of the next calls fail with {@code UNAVAILABLE}. */
  final AtomicInteger failing = new AtomicInteger();

  volatile boolean holds;
  final Endpoint endpoint;
  private final Server server;
  private volatile String authority = "";

  Echo() throws IOException {
    this.server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .intercept(
                new ServerInterceptor() {
                  @Override
                  public <Q, A> ServerCall.Listener<Q> interceptCall(
                      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                    authority = String.valueOf(call.getAuthority());
                    return next.startCall(call, headers);
                  }
                })
            .addService(
                ServerServiceDefinition.builder("test.Echo")
                    .addMethod(
                        WHO,
                        ServerCalls.asyncUnaryCall(
                            (request, observer) -> {
                              calls.incrementAndGet();
                              if (failing.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                                observer.onError(
                                    Status.UNAVAILABLE.withDescription("once").asException());
                                return;
                              }
                              if (holds) {
                                held.incrementAndGet();
                                return;
                              }
                              observer.onNext(name() + " " + authority);
                              observer.onCompleted();
                            }))
                    .build())
            .build()
            .start();
    this.endpoint = new Endpoint("127.0.0.1", server.getPort());
  }

  private String name() {
    return endpoint.toString();
  }

  /** A channel without retries. */
  static ManagedChannel channel(String target, String policy) {
    return NettyChannelBuilder.forTarget(target)
        .usePlaintext()
        .disableRetry()
        .defaultLoadBalancingPolicy(policy)
        .build();
  }

  /** Who answers: its endpoint and the authority that it saw. */
  static String who(Channel channel) {
    return who(channel, CallOptions.DEFAULT);
  }

  /** The same with options. */
  static String who(Channel channel, CallOptions options) {
    return ClientCalls.blockingUnaryCall(
        channel, WHO, options.withDeadlineAfter(20, TimeUnit.SECONDS), "");
  }

  /** Begins to ask who answers; the answer comes later. */
  static ListenableFuture<String> whoAsync(Channel channel, CallOptions options) {
    return ClientCalls.futureUnaryCall(
        channel.newCall(WHO, options.withDeadlineAfter(20, TimeUnit.SECONDS)), "");
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
