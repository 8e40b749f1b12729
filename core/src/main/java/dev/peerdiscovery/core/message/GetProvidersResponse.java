package dev.peerdiscovery.core.message;

import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.ProviderRecord;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.List;

/**
 * The answer to {@link GetProvidersRequest}.
 *
 * @param providers all that the responder keeps, or a random sample where that is more than was
 *     asked for; in no order; at most {@value HeldProvider#MAX_IN_MESSAGE}
 * @param held how many it keeps
 * @param peers contacts of the responder nearest to the key, as in {@link FindNodeResponse}
 * @param token what the caller needs to have a record kept here; empty for callers without a record
 */
public record GetProvidersResponse(
    List<HeldProvider> providers, int held, List<SignedPeerRecord> peers, Bytes token)
    implements Reply {
  /**
   * Copies the lists and checks the sizes.
   *
   * @throws IllegalArgumentException when there are too many providers or peers, or the token is
   *     too long
   */
  public GetProvidersResponse {
    providers = List.copyOf(providers);
    peers = List.copyOf(peers);
    if (providers.size() > HeldProvider.MAX_IN_MESSAGE) {
      throw new IllegalArgumentException("providers: more than " + HeldProvider.MAX_IN_MESSAGE);
    }
    if (peers.size() > FindNodeResponse.MAX_PEERS) {
      throw new IllegalArgumentException("peers: more than " + FindNodeResponse.MAX_PEERS);
    }
    if (held < 0) {
      throw new IllegalArgumentException("held: must not be negative");
    }
    if (token.size() > ProviderRecord.MAX_TOKEN_BYTES) {
      throw new IllegalArgumentException("token: longer than " + ProviderRecord.MAX_TOKEN_BYTES);
    }
  }
}
