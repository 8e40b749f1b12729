package dev.peerdiscovery.core.message;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.Optional;

/**
 * Who is nearest to an id, as far as you know?
 *
 * @param network the network that the caller means to talk to
 * @param caller the caller's own record, if it is a peer
 * @param wantedId the peer that the question is for, if the caller knows
 * @param target any id
 */
public record FindNodeRequest(
    Network network, Optional<SignedPeerRecord> caller, Optional<NodeId> wantedId, NodeId target)
    implements Request {}
