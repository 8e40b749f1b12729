package dev.peerdiscovery.core.message;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.record.SignedProviderRecord;
import java.util.Optional;

/**
 * Keep this, until its TTL is over. It comes from the publisher itself and nobody else.
 *
 * @param network the network that the caller means to talk to
 * @param caller the publisher's own record
 * @param wantedId the peer that the record is for, if the caller knows
 * @param provider the record, with a token that this peer handed out to the publisher
 */
public record AddProviderRequest(
    Network network,
    Optional<SignedPeerRecord> caller,
    Optional<NodeId> wantedId,
    SignedProviderRecord provider)
    implements Request {}
