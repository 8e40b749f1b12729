package dev.peerdiscovery.core.message;

import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.List;

/**
 * The answer to {@link FindNodeRequest}.
 *
 * @param peers those nearest to the target that the responder has called itself, nearest first;
 *     never the caller, never the responder; at most {@value #MAX_PEERS}
 */
public record FindNodeResponse(List<SignedPeerRecord> peers) implements Reply {
  /** The most peers in an answer, and so the largest k of a network. */
  public static final int MAX_PEERS = 64;

  /**
   * Copies the list and checks its size.
   *
   * @throws IllegalArgumentException when there are more than {@value #MAX_PEERS} peers
   */
  public FindNodeResponse {
    peers = List.copyOf(peers);
    if (peers.size() > MAX_PEERS) {
      throw new IllegalArgumentException("peers: more than " + MAX_PEERS);
    }
  }
}
