package dev.peerdiscovery.tests.load;

import com.google.protobuf.ByteString;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.proto.peer.v1.FindNodeRequest;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import dev.peerdiscovery.proto.peer.v1.SignedPeerRecord;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * The second JVM: does as the lines say that it reads, one {@code METHOD IN_FLIGHT MILLIS} each,
 * and answers each with the {@link Slice}. It ends with its input.
 *
 * <p>Its requests are a node's: of random targets, with the caller's record and the wanted id. Half
 * of the callers are contacts of the node, and half are not.
 */
final class LoadGenerator {
  private static final int REQUESTS = 4096;
  private static final int STRANGERS = 64;

  private LoadGenerator() {}

  /** Takes the port, the neighbours' port, the size of an answer, and a key store for TLS. */
  public static void main(String[] args) throws Exception {
    int port = Integer.parseInt(args[0]);
    List<byte[]> requests = requests(new Endpoint("127.0.0.1", Integer.parseInt(args[1])));
    int answerBytes = Integer.parseInt(args[2]);
    Optional<Certificate> certificate =
        args.length > 3 ? Optional.of(Certificate.read(Path.of(args[3]))) : Optional.empty();
    Map<String, MethodDescriptor<byte[], Integer>> methods =
        Map.of(
            "echo",
            Raw.sized(Raw.ECHO.getFullMethodName()),
            "find",
            Raw.sized(PeerServiceGrpc.getFindNodeMethod().getFullMethodName()));
    Map<Integer, List<ManagedChannel>> channels = new TreeMap<>();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ", -1);
      int inFlight = Integer.parseInt(words[1]);
      List<ManagedChannel> over =
          channels.computeIfAbsent((inFlight + 63) / 64, count -> open(count, port, certificate));
      Slice slice =
          Flow.run(
              methods.get(words[0]),
              requests,
              over,
              answerBytes,
              inFlight,
              Long.parseLong(words[2]));
      System.out.println(slice.line());
    }
    channels.values().forEach(all -> all.forEach(ManagedChannel::shutdownNow));
  }

  /** As many as the limit of calls on one connection asks for. */
  private static List<ManagedChannel> open(int count, int port, Optional<Certificate> certificate) {
    List<ManagedChannel> channels = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      channels.add(LoadedServer.channel(port, certificate));
    }
    return channels;
  }

  static List<byte[]> requests(Endpoint neighbours) throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    List<SignedPeerRecord> callers = new ArrayList<>();
    for (NodeId known : Neighbours.ids(LoadedServer.NODE)) {
      callers.add(Neighbours.record(known, neighbours));
    }
    List<SignedPeerRecord> strangers = new ArrayList<>();
    for (int i = 0; i < STRANGERS; i++) {
      strangers.add(Neighbours.record(NodeId.random(random), neighbours));
    }
    List<byte[]> requests = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      List<SignedPeerRecord> from = i % 2 == 0 ? callers : strangers;
      requests.add(
          FindNodeRequest.newBuilder()
              .setNetwork(Neighbours.network())
              .setTarget(ByteString.copyFrom(NodeId.random(random).toBytes()))
              .setCaller(from.get(random.nextInt(from.size())))
              .setWantedId(ByteString.copyFrom(LoadedServer.NODE.toBytes()))
              .build()
              .toByteArray());
    }
    return requests;
  }
}
