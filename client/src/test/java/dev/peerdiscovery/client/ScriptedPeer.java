package dev.peerdiscovery.client;

import static dev.peerdiscovery.proto.peer.v1.IdentityMode.IDENTITY_MODE_SIGNED;

import com.google.protobuf.ByteString;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.proto.RecordCodec;
import dev.peerdiscovery.proto.Refusals;
import dev.peerdiscovery.proto.peer.v1.FindNodeRequest;
import dev.peerdiscovery.proto.peer.v1.FindNodeResponse;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import dev.peerdiscovery.proto.peer.v1.PingResponse;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A peer in this JVM that answers as a test wants. */
final class ScriptedPeer implements AutoCloseable {
  static final Network NETWORK = Network.of("default", IdentityMode.ASSIGNED, Scope.PRIVATE);

  /** What it does with a question. */
  enum Mood {
    ANSWERS,
    IS_SILENT,
    REFUSES,
    /** Refuses who asks as of a network whose ids are signed. */
    IS_NOT_SIGNED,
    IS_BUSY,
    CANCELS,
    TALKS_NONSENSE
  }

  final NodeId id;
  final Endpoint endpoint;
  final AtomicInteger asked = new AtomicInteger();
  volatile Mood mood = Mood.ANSWERS;
  volatile List<SignedPeerRecord> knows = List.of();

  /** Whether it proves its id. */
  volatile boolean proves = true;

  /** Answers that were given late. */
  final AtomicInteger answered = new AtomicInteger();

  /** Answers that it kept to itself while it was silent. */
  private final Queue<Runnable> kept = new ConcurrentLinkedQueue<>();

  private final Server server;

  private ScriptedPeer(int number) throws IOException {
    this.id = NodeId.of(number);
    this.endpoint = endpoint(number);
    this.server =
        InProcessServerBuilder.forName(endpoint.toString())
            .directExecutor()
            .addService(new Service())
            .build()
            .start();
  }

  static ScriptedPeer start(int number) throws IOException {
    return new ScriptedPeer(number);
  }

  static Endpoint endpoint(int number) {
    return new Endpoint("10.9.0." + number, 7400);
  }

  static ManagedChannelBuilder<?> open(Endpoint endpoint) {
    return InProcessChannelBuilder.forName(endpoint.toString());
  }

  static PingRequest ping(Endpoint dialled) {
    return new PingRequest(
        NETWORK,
        Optional.empty(),
        Optional.empty(),
        dialled,
        Bytes.copyOf(new byte[PingRequest.NONCE_BYTES]));
  }

  /** Answers what it was asked while it was silent. */
  void goOn() {
    mood = Mood.ANSWERS;
    kept.forEach(Runnable::run);
    kept.clear();
  }

  SignedPeerRecord record() {
    return RecordCodec.unsigned().sign(new PeerRecord(id, List.of(endpoint), 1, "default"));
  }

  private final class Service extends PeerServiceGrpc.PeerServiceImplBase {
    @Override
    public void ping(
        dev.peerdiscovery.proto.peer.v1.PingRequest request,
        StreamObserver<PingResponse> observer) {
      if (mood == Mood.IS_NOT_SIGNED) {
        asked.incrementAndGet();
        if (request.getNetwork().getIdentity() == IDENTITY_MODE_SIGNED) {
          refuse(observer, Refusal.Reason.OTHER_IDENTITY);
          return;
        }
      }
      answer(
          observer,
          PingResponse.newBuilder()
              .setResponder(RecordCodec.encode(record()))
              .setProof(proves ? request.getNonce() : ByteString.EMPTY)
              .build(),
          PingResponse.getDefaultInstance());
    }

    @Override
    public void findNode(FindNodeRequest request, StreamObserver<FindNodeResponse> observer) {
      FindNodeResponse.Builder response = FindNodeResponse.newBuilder();
      knows.forEach(record -> response.addPeers(RecordCodec.encode(record)));
      FindNodeResponse.Builder tooMany = FindNodeResponse.newBuilder();
      for (int i = 0; i < 65; i++) {
        tooMany.addPeers(RecordCodec.encode(record()));
      }
      answer(observer, response.build(), tooMany.build());
    }

    private <A> void answer(StreamObserver<A> observer, A good, A nonsense) {
      asked.incrementAndGet();
      switch (mood) {
        case IS_SILENT -> {
          kept.add(
              () -> {
                observer.onNext(good);
                observer.onCompleted();
                answered.incrementAndGet();
              });
        }
        case CANCELS -> observer.onError(Status.CANCELLED.asRuntimeException());
        case REFUSES -> refuse(observer, Refusal.Reason.OTHER_NETWORK);
        case IS_BUSY -> refuse(observer, Refusal.Reason.OVERLOADED);
        case ANSWERS, IS_NOT_SIGNED, TALKS_NONSENSE -> {
          observer.onNext(mood == Mood.TALKS_NONSENSE ? nonsense : good);
          observer.onCompleted();
        }
      }
    }

    private void refuse(StreamObserver<?> observer, Refusal.Reason reason) {
      observer.onError(Refusals.toException(new Refusal(reason, "as the test wants")));
    }
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
