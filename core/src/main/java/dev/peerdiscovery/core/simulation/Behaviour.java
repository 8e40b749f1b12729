package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.Responder;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.Request;

/** How a peer answers instead of as it should. {@link Adversaries} has some. */
@FunctionalInterface
public interface Behaviour {
  /**
   * Answers a request.
   *
   * @param peer who answers
   * @param request what was asked
   * @param honest would answer as it should
   * @return the answer, or a failure: {@code TIMEOUT} for silence, {@code INVALID_ANSWER} for what
   *     the caller's codec does not let pass
   */
  Outcome answer(VirtualPeer peer, Request request, Responder honest);
}
