package dev.peerdiscovery.tests;

import dev.peerdiscovery.client.tls.PeerTls;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.PingProof;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.node.NodeKey;
import dev.peerdiscovery.proto.Codec;
import dev.peerdiscovery.proto.MalformedMessageException;
import dev.peerdiscovery.proto.RecordCodec;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import dev.peerdiscovery.proto.peer.v1.PingRequest;
import dev.peerdiscovery.proto.peer.v1.PingResponse;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * A peer with a real key that answers Ping as it should, or as a test has it, and counts how often.
 */
final class SignedPeer implements AutoCloseable {
  /** The network of the nodes that such peers meet. */
  static final Network NETWORK = Network.of("default", IdentityMode.SIGNED, Scope.PRIVATE);

  /** What it answers, from what it should. */
  @FunctionalInterface
  interface Answers {
    dev.peerdiscovery.core.message.PingResponse answer(
        dev.peerdiscovery.core.message.PingRequest request,
        dev.peerdiscovery.core.message.PingResponse honest);
  }

  final NodeKey key;
  final Endpoint endpoint;
  final AtomicInteger asked = new AtomicInteger();

  private final Server server;
  private volatile Answers answers = (request, honest) -> honest;

  SignedPeer(NodeKey key) throws Exception {
    this(key, PeerTls.off());
  }

  SignedPeer(NodeKey key, PeerTls tls) throws Exception {
    this.key = key;
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0));
    tls.secure(builder);
    this.server = builder.addService(new Service()).build().start();
    this.endpoint = new Endpoint("127.0.0.1", server.getPort());
  }

  void answers(Answers value) {
    answers = value;
  }

  /** Its record. */
  SignedPeerRecord record(long sequence) {
    return record(key, content -> content, sequence, endpoint);
  }

  /** A record that a key signs, whatever it says. */
  static SignedPeerRecord record(
      NodeKey key, UnaryOperator<PeerRecord> changed, long sequence, Endpoint... endpoints) {
    return RecordCodec.signed(key)
        .sign(
            changed.apply(new PeerRecord(key.id(), List.of(endpoints), sequence, NETWORK.name())));
  }

  /** A Ping of somebody who is no peer. */
  static PingRequest pingFromNobody() {
    return Codec.encode(
        new dev.peerdiscovery.core.message.PingRequest(
            NETWORK,
            Optional.empty(),
            Optional.empty(),
            new Endpoint("127.0.0.1", 1),
            Bytes.EMPTY));
  }

  /** A Ping by which a node hears of a record. */
  static PingRequest pingFrom(SignedPeerRecord caller) {
    return Codec.encode(
        new dev.peerdiscovery.core.message.PingRequest(
            NETWORK,
            Optional.of(caller),
            Optional.empty(),
            new Endpoint("127.0.0.1", 1),
            Bytes.EMPTY));
  }

  private final class Service extends PeerServiceGrpc.PeerServiceImplBase {
    @Override
    public void ping(PingRequest request, StreamObserver<PingResponse> observer) {
      asked.incrementAndGet();
      try {
        var decoded = Codec.decode(request);
        var honest =
            new dev.peerdiscovery.core.message.PingResponse(
                record(100), key.sign(PingProof.bytesOf(decoded, key.id())), Optional.empty());
        observer.onNext(Codec.encode(answers.answer(decoded, honest)));
        observer.onCompleted();
      } catch (MalformedMessageException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
