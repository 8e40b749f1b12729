#!/usr/bin/env bash
# grpc-java: a server's handler hears the same of a caller that cancels a stream and of one whose connection is lost.
# Only a ServerStreamTracer, which is told before the handler, learns the difference.
#
# Tried: grpc-netty-shaded 1.85.1, JDK 17. Seen:
#   the caller cancels: tracer CANCELLED, then handler cancelled
#   the connection is lost: tracer UNAVAILABLE, then handler cancelled
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>how-a-stream-ended</artifactId>
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

  static final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  static final BlockingQueue<String> begun = new LinkedBlockingQueue<>();

  static void open(ManagedChannel channel, ClientCall<String, String>[] call) throws Exception {
    call[0] = channel.newCall(method("a.B/C", MethodDescriptor.MethodType.SERVER_STREAMING), CallOptions.DEFAULT);
    ClientCalls.asyncServerStreamingCall(
        call[0],
        "x",
        new StreamObserver<String>() {
          public void onNext(String value) {}

          public void onError(Throwable error) {}

          public void onCompleted() {}
        });
    begun.take();
  }

  /** Passes bytes on until it is closed, which ends the connections without a word of HTTP/2. */
  static final class Pipe implements Closeable {
    final ServerSocket door = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    final List<Socket> sockets = new CopyOnWriteArrayList<>();

    Pipe(int to) throws IOException {
      Thread accepting =
          new Thread(
              () -> {
                try {
                  Socket in = door.accept();
                  Socket out = new Socket(InetAddress.getLoopbackAddress(), to);
                  sockets.add(in);
                  sockets.add(out);
                  copy(in, out);
                  copy(out, in);
                } catch (IOException e) {
                  // Closed.
                }
              });
      accepting.setDaemon(true);
      accepting.start();
    }

    static void copy(Socket from, Socket to) {
      Thread copying =
          new Thread(
              () -> {
                try {
                  from.getInputStream().transferTo(to.getOutputStream());
                } catch (IOException e) {
                  // Closed.
                }
              });
      copying.setDaemon(true);
      copying.start();
    }

    public void close() throws IOException {
      door.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  @SuppressWarnings("unchecked")
  public static void main(String[] args) throws Exception {
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addStreamTracerFactory(
                new ServerStreamTracer.Factory() {
                  public ServerStreamTracer newServerStreamTracer(String name, Metadata headers) {
                    return new ServerStreamTracer() {
                      public void streamClosed(Status status) {
                        heard.add("tracer " + status.getCode());
                      }
                    };
                  }
                })
            .addService(
                ServerServiceDefinition.builder("a.B")
                    .addMethod(
                        method("a.B/C", MethodDescriptor.MethodType.SERVER_STREAMING),
                        ServerCalls.asyncServerStreamingCall(
                            (String in, StreamObserver<String> out) -> {
                              ((ServerCallStreamObserver<String>) out)
                                  .setOnCancelHandler(() -> heard.add("handler cancelled"));
                              begun.add("begun");
                            }))
                    .build())
            .build()
            .start();
    ClientCall<String, String>[] call = new ClientCall[1];
    ManagedChannel direct = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
    open(direct, call);
    call[0].cancel("enough", null);
    System.out.println("the caller cancels: " + heard.take() + ", then " + heard.take());
    Pipe pipe = new Pipe(server.getPort());
    ManagedChannel piped =
        NettyChannelBuilder.forAddress("127.0.0.1", pipe.door.getLocalPort()).usePlaintext().build();
    open(piped, call);
    pipe.close();
    System.out.println("the connection is lost: " + heard.take() + ", then " + heard.take());
    System.exit(0);
  }
}
JAVA
seen=$(java -cp "$dir/lib/*" "$dir/Finding.java" 2>/dev/null)
echo "$seen"
[ "$seen" = "the caller cancels: tracer CANCELLED, then handler cancelled
the connection is lost: tracer UNAVAILABLE, then handler cancelled" ] || { echo "this is no longer what happens" >&2; exit 1; }
