package dev.peerdiscovery.node;

import dev.peerdiscovery.core.engine.Responder;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.message.Reply;
import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.proto.Codec;
import dev.peerdiscovery.proto.MalformedMessageException;
import dev.peerdiscovery.proto.Refusals;
import dev.peerdiscovery.proto.peer.v1.FindNodeRequest;
import dev.peerdiscovery.proto.peer.v1.FindNodeResponse;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import dev.peerdiscovery.proto.peer.v1.PingRequest;
import dev.peerdiscovery.proto.peer.v1.PingResponse;
import io.grpc.stub.StreamObserver;

/**
 * Answers peers on the transport thread: from what the engine published last, without waiting for
 * it. What a caller says about itself goes to the engine's mailbox if it is news.
 */
final class PeerService extends PeerServiceGrpc.PeerServiceImplBase {
  private final Driver driver;
  private final Counters counters;

  PeerService(Driver driver, Counters counters) {
    this.driver = driver;
    this.counters = counters;
  }

  private interface Decoding<Q> {
    Request decode(Q message) throws MalformedMessageException;
  }

  private interface Encoding<A> {
    A encode(Reply reply);
  }

  @Override
  public void ping(PingRequest message, StreamObserver<PingResponse> observer) {
    counters.count("served.ping");
    answer(
        message,
        Codec::decode,
        reply -> Codec.encode((dev.peerdiscovery.core.message.PingResponse) reply),
        observer);
  }

  @Override
  public void findNode(FindNodeRequest message, StreamObserver<FindNodeResponse> observer) {
    counters.count("served.find_node");
    answer(
        message,
        Codec::decode,
        reply -> Codec.encode((dev.peerdiscovery.core.message.FindNodeResponse) reply),
        observer);
  }

  private <Q, A> void answer(
      Q message, Decoding<Q> decoding, Encoding<A> encoding, StreamObserver<A> observer) {
    Request request;
    try {
      request = decoding.decode(message);
    } catch (MalformedMessageException e) {
      refuse(e.refusal(), observer);
      return;
    }
    Responder responder = driver.responder();
    Reply reply = responder.answer(request, CallerAddress.current());
    if (reply instanceof Refusal refusal) {
      refuse(refusal, observer);
      return;
    }
    if (!responder.isOwn(request)) {
      driver.heard();
    }
    request.caller().filter(responder::isNews).ifPresent(driver::heardOf);
    observer.onNext(encoding.encode(reply));
    observer.onCompleted();
  }

  private void refuse(Refusal refusal, StreamObserver<?> observer) {
    counters.count("refused." + refusal.reason());
    observer.onError(Refusals.toException(refusal));
  }
}
