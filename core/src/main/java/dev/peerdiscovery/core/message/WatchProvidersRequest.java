package dev.peerdiscovery.core.message;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.Optional;

/**
 * Who provides a service, and keep me told. The only request that is answered by a stream: of
 * {@linkplain ProvidersUpdate updates}, until one side ends it.
 *
 * @param network the network that the caller means to talk to
 * @param caller the caller's own record, if it is a peer
 * @param wantedId the peer that the question is for, if the caller knows
 * @param key the service's key
 */
public record WatchProvidersRequest(
    Network network, Optional<SignedPeerRecord> caller, Optional<NodeId> wantedId, NodeId key)
    implements Request {}
