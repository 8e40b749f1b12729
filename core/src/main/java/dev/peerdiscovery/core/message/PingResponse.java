package dev.peerdiscovery.core.message;

import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.Optional;

/**
 * The answer to {@link PingRequest}.
 *
 * @param responder the responder's own record
 * @param proof that the responder owns its id and advertises the endpoint that was dialled; empty
 *     where no nonce was sent or the endpoint is not one of its own. With assigned ids it is the
 *     nonce, else a signature: see {@link PingProof}
 * @param observed the caller's address as the responder sees it
 */
public record PingResponse(SignedPeerRecord responder, Bytes proof, Optional<Endpoint> observed)
    implements Reply {
  /** The most bytes of a proof. */
  public static final int MAX_PROOF_BYTES = 64;

  /**
   * Checks the proof's size.
   *
   * @throws IllegalArgumentException when it is over {@value #MAX_PROOF_BYTES} bytes
   */
  public PingResponse {
    if (proof.size() > MAX_PROOF_BYTES) {
      throw new IllegalArgumentException("proof: longer than " + MAX_PROOF_BYTES + " bytes");
    }
  }

  /** The same answer with a proof, which is made after the rest. */
  public PingResponse proving(Bytes made) {
    return new PingResponse(responder, made, observed);
  }
}
