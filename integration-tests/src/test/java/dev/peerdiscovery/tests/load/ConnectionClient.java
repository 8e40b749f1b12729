package dev.peerdiscovery.tests.load;

import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The second JVM for connections: {@code cold N} times the first call of N fresh channels, {@code
 * warm N} that of N calls on one, {@code open N} opens N more and says how much of the heap they
 * take. It ends with its input.
 */
final class ConnectionClient {
  private static final MethodDescriptor<byte[], Integer> FIND_NODE =
      Raw.sized(PeerServiceGrpc.getFindNodeMethod().getFullMethodName());

  private final int port;
  private final Optional<Certificate> certificate;
  private final byte[] request;
  private final List<ManagedChannel> open = new ArrayList<>();

  private ConnectionClient(int port, Optional<Certificate> certificate, byte[] request) {
    this.port = port;
    this.certificate = certificate;
    this.request = request;
  }

  /** Takes the port, and a key store for TLS. */
  public static void main(String[] args) throws Exception {
    Optional<Certificate> certificate =
        args.length > 1 ? Optional.of(Certificate.read(Path.of(args[1]))) : Optional.empty();
    byte[] request = LoadGenerator.requests(new Endpoint("127.0.0.1", 1)).get(0);
    ConnectionClient client = new ConnectionClient(Integer.parseInt(args[0]), certificate, request);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ", -1);
      System.out.println(client.perform(words[0], Integer.parseInt(words[1])));
    }
    client.open.forEach(ManagedChannel::shutdownNow);
  }

  private String perform(String what, int count) throws InterruptedException {
    return switch (what) {
      case "cold" -> cold(count).line();
      case "warm" -> warm(count).line();
      case "open" -> "" + open(count);
      default -> throw new IllegalArgumentException(what);
    };
  }

  private Slice cold(int count) throws InterruptedException {
    long[] latencies = new long[count];
    long started = System.nanoTime();
    for (int i = 0; i < count; i++) {
      ManagedChannel channel = LoadedServer.channel(port, certificate);
      latencies[i] = call(channel);
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
    return Slice.of(latencies, System.nanoTime() - started);
  }

  private Slice warm(int count) {
    ManagedChannel channel = LoadedServer.channel(port, certificate);
    call(channel);
    long[] latencies = new long[count];
    long started = System.nanoTime();
    for (int i = 0; i < count; i++) {
      latencies[i] = call(channel);
    }
    long nanos = System.nanoTime() - started;
    channel.shutdownNow();
    return Slice.of(latencies, nanos);
  }

  /** One call, and how long it took. */
  private long call(ManagedChannel channel) {
    long started = System.nanoTime();
    ClientCalls.blockingUnaryCall(
        channel, FIND_NODE, CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS), request);
    return System.nanoTime() - started;
  }

  private long open(int count) {
    long before = Heap.bytes();
    for (int i = 0; i < count; i++) {
      ManagedChannel channel = LoadedServer.channel(port, certificate);
      call(channel);
      open.add(channel);
    }
    return Heap.bytes() - before;
  }
}
