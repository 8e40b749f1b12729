package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.Responder;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.time.Duration;
import java.util.Optional;

/**
 * Answers requests as the server of a node does: from what the engine has published, except those
 * about services, which the engine answers itself. The engine hears of requests at most once a
 * second, and of callers that are news.
 */
final class Serving {
  private static final long HEARD_EVERY_NANOS = Duration.ofSeconds(1).toNanos();
  private static final Refusal BUSY =
      new Refusal(Refusal.Reason.OVERLOADED, "this peer has too much to do");

  private final VirtualNetwork network;

  Serving(VirtualNetwork network) {
    this.network = network;
  }

  /** Has a peer answer, as it should or as it {@linkplain VirtualPeer#behave behaves}. */
  Outcome answer(VirtualPeer to, Request request, Optional<Endpoint> observed) {
    Responder responder = to.engine().responder();
    Behaviour behaviour = to.behaviour();
    Outcome answer =
        behaviour != null
            ? behaviour.answer(to, request, responder)
            : to.isBusy() ? BUSY : answer(to, request, responder, observed);
    if (!(answer instanceof Refusal)) {
      take(to, responder, request);
    }
    return proving(to, responder, request, answer);
  }

  /** Adds the proof that is owed, and takes no time for it. */
  private static Outcome proving(
      VirtualPeer to, Responder responder, Request request, Outcome answer) {
    if (to.key().isPresent()
        && request instanceof PingRequest ping
        && answer instanceof PingResponse response
        && response.proof().isEmpty()) {
      Optional<Bytes> toSign = responder.toSign(ping);
      return toSign.isPresent() ? response.proving(to.key().get().sign(toSign.get())) : answer;
    }
    return answer;
  }

  private Outcome answer(
      VirtualPeer to, Request request, Responder responder, Optional<Endpoint> observed) {
    if (request instanceof PingRequest || request instanceof FindNodeRequest) {
      return responder.answer(request, observed);
    }
    Outcome answer = to.engine().answer(request, network.nowNanos());
    network.settle(to);
    return answer;
  }

  /** Has the engine hear what a request tells. */
  private void take(VirtualPeer to, Responder responder, Request request) {
    boolean told = false;
    if (to.heardNanos < 0 || network.nowNanos() - to.heardNanos >= HEARD_EVERY_NANOS) {
      if (responder.isSignOfLife(request)) {
        to.heardNanos = network.nowNanos();
        told = to.engine().heard(network.nowNanos());
      }
    }
    Optional<SignedPeerRecord> caller = request.caller();
    if (caller.isPresent() && responder.isNews(caller.get())) {
      to.engine().heardOf(caller.get(), network.nowNanos());
      told = true;
    }
    if (told) {
      network.settle(to);
    }
  }
}
