package dev.peerdiscovery.core.message;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.Optional;

/**
 * Who provides a service, and who else is near its key, as far as you know?
 *
 * @param network the network that the caller means to talk to
 * @param caller the caller's own record, if it is a peer; only then it is given a token
 * @param wantedId the peer that the question is for, if the caller knows
 * @param key the service's key
 * @param max how many providers to name at most, 0 to {@value HeldProvider#MAX_IN_MESSAGE}
 */
public record GetProvidersRequest(
    Network network,
    Optional<SignedPeerRecord> caller,
    Optional<NodeId> wantedId,
    NodeId key,
    int max)
    implements Request {
  /**
   * Checks the bound.
   *
   * @throws IllegalArgumentException when {@code max} is out of it
   */
  public GetProvidersRequest {
    if (max < 0 || max > HeldProvider.MAX_IN_MESSAGE) {
      throw new IllegalArgumentException("max: must be 0 to " + HeldProvider.MAX_IN_MESSAGE);
    }
  }
}
