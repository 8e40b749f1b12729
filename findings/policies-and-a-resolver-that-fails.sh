#!/usr/bin/env bash
# grpc-java: after a name resolver has told addresses and then only an error, pick_first lets go of its connection
# at once, and round_robin goes on calling the server for as long as it lives. A resolver cannot say "there is none any more" by an
# error, nor by an empty list, which the channel turns into an error.
#
# Tried: grpc-netty-shaded 1.85.1, JDK 17. Seen:
#   pick_first: after the error UNAVAILABLE
#   round_robin: after the error OK
#   round_robin: after an empty list OK
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>policies-and-a-resolver-that-fails</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.grpc</groupId>
      <artifactId>grpc-netty-shaded</artifactId>
      <version>1.85.1</version>
    </dependency>
    <dependency>
      <groupId>io.grpc</groupId>
      <artifactId>grpc-stub</artifactId>
      <version>1.85.1</version>
    </dependency>
  </dependencies>
</project>
POM
mvn -q -B -ntp -f "$dir/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies "-DoutputDirectory=$dir/lib" >&2
cat >"$dir/Finding.java" <<'JAVA'
import io.grpc.*;
import io.grpc.netty.shaded.io.grpc.netty.*;
import io.grpc.stub.*;
import java.io.*;
import java.net.*;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.concurrent.*;

public class Finding {

  static final MethodDescriptor.Marshaller<String> TEXT =
      new MethodDescriptor.Marshaller<>() {
        public InputStream stream(String value) {
          return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
        }

        public String parse(InputStream in) {
          try {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  static MethodDescriptor<String, String> method(String name, MethodDescriptor.MethodType type) {
    return MethodDescriptor.<String, String>newBuilder(TEXT, TEXT).setFullMethodName(name).setType(type).build();
  }

  static NameResolver.Listener2 told;

  static void call(Channel channel, String when) {
    Status status;
    try {
      ClientCalls.blockingUnaryCall(
          channel, method("a.B/C", MethodDescriptor.MethodType.UNARY),
          CallOptions.DEFAULT.withDeadlineAfter(5, TimeUnit.SECONDS), "x");
      status = Status.OK;
    } catch (StatusRuntimeException e) {
      status = e.getStatus();
    }
    System.out.println(when + " " + status.getCode());
  }

  static void tell(SynchronizationContext context, StatusOr<List<EquivalentAddressGroup>> what) {
    context.execute(
        () -> told.onResult2(NameResolver.ResolutionResult.newBuilder().setAddressesOrError(what).build()));
  }

  static void run(String policy, SocketAddress server, String then, StatusOr<List<EquivalentAddressGroup>> last) throws Exception {
    SynchronizationContext[] context = new SynchronizationContext[1];
    NameResolverProvider provider =
        new NameResolverProvider() {
          public NameResolver newNameResolver(URI uri, NameResolver.Args args) {
            context[0] = args.getSynchronizationContext();
            return new NameResolver() {
              public String getServiceAuthority() {
                return "orders";
              }

              public void start(Listener2 listener) {
                told = listener;
                tell(context[0], StatusOr.fromValue(List.of(new EquivalentAddressGroup(server))));
              }

              public void shutdown() {}
            };
          }

          public String getDefaultScheme() {
            return "told";
          }

          protected boolean isAvailable() {
            return true;
          }

          protected int priority() {
            return 5;
          }
        };
    NameResolverRegistry.getDefaultRegistry().register(provider);
    ManagedChannel channel =
        NettyChannelBuilder.forTarget("told:///orders").usePlaintext().defaultLoadBalancingPolicy(policy).build();
    ClientCalls.blockingUnaryCall(
        channel, method("a.B/C", MethodDescriptor.MethodType.UNARY),
        CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS).withWaitForReady(), "x");
    CountDownLatch done = new CountDownLatch(1);
    tell(context[0], last);
    context[0].execute(done::countDown);
    done.await();
    call(channel, policy + ": after " + then);
    channel.shutdownNow();
    NameResolverRegistry.getDefaultRegistry().deregister(provider);
  }

  public static void main(String[] args) throws Exception {
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(
                ServerServiceDefinition.builder("a.B")
                    .addMethod(
                        method("a.B/C", MethodDescriptor.MethodType.UNARY),
                        ServerCalls.asyncUnaryCall(
                            (String in, StreamObserver<String> out) -> {
                              out.onNext(in);
                              out.onCompleted();
                            }))
                    .build())
            .build()
            .start();
    SocketAddress at = server.getListenSockets().get(0);
    StatusOr<List<EquivalentAddressGroup>> error = StatusOr.fromStatus(Status.UNAVAILABLE.withDescription("none"));
    run("pick_first", at, "the error", error);
    run("round_robin", at, "the error", error);
    run("round_robin", at, "an empty list", StatusOr.fromValue(List.of()));
    server.shutdownNow();
    System.exit(0);
  }
}
JAVA
seen=$(java -cp "$dir/lib/*" "$dir/Finding.java" 2>/dev/null)
echo "$seen"
[ "$seen" = "pick_first: after the error UNAVAILABLE
round_robin: after the error OK
round_robin: after an empty list OK" ] || { echo "this is no longer what happens" >&2; exit 1; }
