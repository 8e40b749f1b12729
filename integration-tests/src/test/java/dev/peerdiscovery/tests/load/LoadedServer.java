package dev.peerdiscovery.tests.load;

import com.google.protobuf.ByteString;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.node.Limits;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.proto.peer.v1.FindNodeRequest;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import io.grpc.Codec;
import io.grpc.DecompressorRegistry;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One server with a node that has a full table, and beside it a bare echo whose answer is one of
 * the node's, prepared: same port, same connections, same settings, same threads, same bytes.
 */
final class LoadedServer implements AutoCloseable {
  static final NodeId NODE = NodeId.parse("a5".repeat(32));

  /** Every limit is asked, and none refuses. */
  static final Limits VAST =
      Limits.defaults().toBuilder()
          .callsPerSecond(10_000_000)
          .callsPerSecondPerPeer(10_000_000)
          .build();

  private final Neighbours neighbours = new Neighbours();
  private final PeerNode node;
  private final Server server;
  private final int port;
  private volatile byte[] answer = new byte[0];

  LoadedServer(Optional<Certificate> certificate) throws Exception {
    port = freePort();
    NettyServerBuilder builder = builder(port);
    certificate.ifPresent(own -> own.serve(builder));
    node =
        PeerNode.builder()
            .id(NODE)
            .advertise(new Endpoint("127.0.0.1", port))
            .limits(VAST)
            .attachTo(builder.addService(EchoServers.service(() -> answer)));
    server = builder.build().start();
    node.join();
    node.ready().get(30, TimeUnit.SECONDS);
    ManagedChannel channel = channel(port, certificate);
    try {
      introduce(node, neighbours, Neighbours.ids(NODE), channel);
      answer =
          PeerServiceGrpc.newBlockingStub(channel)
              .findNode(
                  FindNodeRequest.newBuilder()
                      .setNetwork(Neighbours.network())
                      .setTarget(ByteString.copyFrom(NODE.complement().toBytes()))
                      .build())
              .toByteArray();
    } finally {
      channel.shutdownNow();
    }
  }

  /** What a node sets on its own server. */
  static NettyServerBuilder builder(int port) {
    return NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port))
        .directExecutor()
        .maxInboundMessageSize(64 * 1024)
        .decompressorRegistry(DecompressorRegistry.emptyInstance().with(Codec.Identity.NONE, false))
        .maxInboundMetadataSize(4 * 1024)
        .maxConcurrentCallsPerConnection(64)
        .flowControlWindow(128 * 1024)
        .handshakeTimeout(10, TimeUnit.SECONDS)
        .maxConnectionIdle(5, TimeUnit.MINUTES)
        .permitKeepAliveTime(9, TimeUnit.SECONDS)
        .permitKeepAliveWithoutCalls(true)
        .maxRstFramesPerWindow(300_000, 30);
  }

  /** What a node sets on its channels. */
  static ManagedChannel channel(int port, Optional<Certificate> certificate) {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(new InetSocketAddress("127.0.0.1", port))
            .overrideAuthority("localhost")
            .directExecutor()
            .disableRetry()
            .proxyDetector(target -> null)
            .keepAliveTime(60, TimeUnit.SECONDS)
            .maxInboundMessageSize(80 * 1024);
    certificate.ifPresentOrElse(own -> own.trust(builder), builder::usePlaintext);
    return builder.build();
  }

  /** Has a node take all its neighbours in, and waits for that. */
  static void fill(PeerNode node, Neighbours neighbours, int port) throws Exception {
    List<NodeId> ids = Neighbours.ids(NODE);
    // Each connection within what a node of default limits answers at once.
    for (int from = 0; from < ids.size(); from += 100) {
      ManagedChannel channel = channel(port, Optional.empty());
      try {
        introduce(node, neighbours, ids.subList(from, from + 100), channel);
      } finally {
        channel.shutdownNow();
      }
    }
  }

  /** One after the other: of those that one caller tells of a node calls a few at a time. */
  private static void introduce(
      PeerNode node, Neighbours neighbours, List<NodeId> ids, ManagedChannel channel)
      throws Exception {
    var stub = PeerServiceGrpc.newBlockingStub(channel);
    int contacts = contacts(node);
    for (NodeId id : ids) {
      stub.ping(neighbours.introduction(id));
      contacts++;
      long startedNanos = System.nanoTime();
      while (contacts(node) < contacts) {
        if (System.nanoTime() - startedNanos > TimeUnit.SECONDS.toNanos(30)) {
          throw new IllegalStateException("the node does not take in neighbour " + contacts);
        }
        Thread.onSpinWait();
      }
    }
  }

  private static int contacts(PeerNode node) throws Exception {
    return node.status().get(30, TimeUnit.SECONDS).contacts();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  int port() {
    return port;
  }

  /** Where the neighbours are, for records that look like theirs. */
  Endpoint neighbours() {
    return neighbours.endpoint();
  }

  int answerBytes() {
    return answer.length;
  }

  @Override
  public void close() throws Exception {
    node.close();
    server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    neighbours.close();
  }
}
