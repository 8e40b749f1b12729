package dev.peerdiscovery.core.message;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.Optional;

/** A question to a peer. */
public sealed interface Request
    permits PingRequest,
        FindNodeRequest,
        AddProviderRequest,
        GetProvidersRequest,
        WatchProvidersRequest {
  /** The network that the caller means to talk to. */
  Network network();

  /**
   * The caller's own record. Callers that are no peers have none: they are answered and never enter
   * a table.
   */
  Optional<SignedPeerRecord> caller();

  /**
   * The peer that the question is for. One of another id refuses it, so that an address that has
   * changed hands is noticed at the first call, whatever the call.
   */
  Optional<NodeId> wantedId();
}
