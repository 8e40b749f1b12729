#!/usr/bin/env bash
# grpc-java: a call of a method that a server does not have passes none of the server's interceptors, and its tracer is
# never told that a call has started; so what counts or limits calls by either misses it, unless there is a fallback registry.
#
# Tried: grpc-netty-shaded 1.85.1, JDK 17. Seen:
#   a.B/C: OK, interceptor true, serverCallStarted true, tracer made true
#   a.B/D: UNIMPLEMENTED, interceptor false, serverCallStarted false, tracer made true
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>unknown-methods</artifactId>
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

  static volatile boolean intercepted;
  static volatile boolean started;
  static volatile boolean made;

  public static void main(String[] args) throws Exception {
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .intercept(
                new ServerInterceptor() {
                  public <Q, A> ServerCall.Listener<Q> interceptCall(
                      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                    intercepted = true;
                    return next.startCall(call, headers);
                  }
                })
            .addStreamTracerFactory(
                new ServerStreamTracer.Factory() {
                  public ServerStreamTracer newServerStreamTracer(String name, Metadata headers) {
                    made = true;
                    return new ServerStreamTracer() {
                      public void serverCallStarted(ServerCallInfo<?, ?> call) {
                        started = true;
                      }
                    };
                  }
                })
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
    ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
    for (String name : List.of("a.B/C", "a.B/D")) {
      intercepted = false;
      started = false;
      made = false;
      Status status;
      try {
        ClientCalls.blockingUnaryCall(
            channel, method(name, MethodDescriptor.MethodType.UNARY),
            CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS), "x");
        status = Status.OK;
      } catch (StatusRuntimeException e) {
        status = e.getStatus();
      }
      System.out.println(
          name + ": " + status.getCode() + ", interceptor " + intercepted + ", serverCallStarted " + started
              + ", tracer made " + made);
    }
    System.exit(0);
  }
}
JAVA
seen=$(java -cp "$dir/lib/*" "$dir/Finding.java" 2>/dev/null)
echo "$seen"
[ "$seen" = "a.B/C: OK, interceptor true, serverCallStarted true, tracer made true
a.B/D: UNIMPLEMENTED, interceptor false, serverCallStarted false, tracer made true" ] || { echo "this is no longer what happens" >&2; exit 1; }
