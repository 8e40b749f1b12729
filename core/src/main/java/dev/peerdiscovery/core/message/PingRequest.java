package dev.peerdiscovery.core.message;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.Optional;

/**
 * Who is there, and does it prove it?
 *
 * @param network the network that the caller means to talk to
 * @param caller the caller's own record, if it is a peer
 * @param wantedId the peer that the question is for, if the caller knows
 * @param dialled the endpoint that the caller dialled; a peer proves its id only for endpoints that
 *     it advertises
 * @param nonce asks for a proof over these {@value #NONCE_BYTES} bytes; empty for none
 */
public record PingRequest(
    Network network,
    Optional<SignedPeerRecord> caller,
    Optional<NodeId> wantedId,
    Endpoint dialled,
    Bytes nonce)
    implements Request {
  /** The length of a nonce. */
  public static final int NONCE_BYTES = 32;

  /**
   * Checks the nonce.
   *
   * @throws IllegalArgumentException when it is neither empty nor {@value #NONCE_BYTES} bytes
   */
  public PingRequest {
    if (!nonce.isEmpty() && nonce.size() != NONCE_BYTES) {
      throw new IllegalArgumentException("nonce: must be " + NONCE_BYTES + " bytes");
    }
  }
}
