package dev.peerdiscovery.core.message;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Domain;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.PublicKey;
import dev.peerdiscovery.core.record.SignatureVerifier;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.nio.charset.StandardCharsets;

/**
 * How a peer proves its id to whoever sent it a nonce. Where ids are assigned it echoes the nonce.
 * Where they are signed it signs the nonce, together with all that would let somebody else pass the
 * signature on as his own: for whom it is, whose it is, and where it was asked for.
 */
public final class PingProof {
  private PingProof() {}

  /**
   * What a peer signs to prove its id: the network, the nonce, the caller's id, which is empty for
   * a caller that is no peer, its own id, and the host and the port that the caller dialled.
   */
  public static Bytes bytesOf(PingRequest request, NodeId responder) {
    int port = request.dialled().port();
    return Domain.PING_PROOF.bytesOf(
        ascii(request.network().name()),
        request.nonce(),
        request.caller().map(caller -> Bytes.copyOf(caller.id().toBytes())).orElse(Bytes.EMPTY),
        Bytes.copyOf(responder.toBytes()),
        ascii(request.dialled().host()),
        Bytes.copyOf(new byte[] {(byte) (port >>> 8), (byte) port}));
  }

  private static Bytes ascii(String text) {
    return Bytes.copyOf(text.getBytes(StandardCharsets.US_ASCII));
  }

  /**
   * Whether an answer proves the id in its record, if that record is genuine, which is for the
   * caller to verify.
   */
  public static boolean isIn(
      PingResponse response, PingRequest request, SignatureVerifier signatures) {
    if (request.nonce().isEmpty()) {
      return false;
    }
    if (request.network().identity() == IdentityMode.ASSIGNED) {
      return response.proof().equals(request.nonce());
    }
    SignedPeerRecord responder = response.responder();
    return response.proof().size() == PublicKey.SIGNATURE_BYTES
        && signatures.verify(
            responder.publicKey(), bytesOf(request, responder.id()), response.proof());
  }
}
