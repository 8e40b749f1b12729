package dev.peerdiscovery.core.record;

import dev.peerdiscovery.core.id.NodeId;
import java.util.List;

/**
 * What a peer says about itself.
 *
 * @param id its id
 * @param endpoints where it can be dialled, preferred first; none means that it has left
 * @param sequence orders the records of one peer, as an unsigned number; never read as a time
 * @param network the name of the network that it belongs to, 1 to 64 characters of {@code a-z A-Z
 *     0-9 . _ -}
 */
public record PeerRecord(NodeId id, List<Endpoint> endpoints, long sequence, String network) {
  /** The most endpoints in a record. */
  public static final int MAX_ENDPOINTS = 8;

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException when there are too many endpoints, or the name is none
   */
  public PeerRecord {
    endpoints = List.copyOf(endpoints);
    if (endpoints.size() > MAX_ENDPOINTS) {
      throw new IllegalArgumentException("record: more than " + MAX_ENDPOINTS + " endpoints");
    }
    checkNetworkName(network);
  }

  /**
   * Checks the name of a network.
   *
   * @throws IllegalArgumentException when it is empty, too long, or holds other characters
   */
  public static void checkNetworkName(String name) {
    boolean valid = !name.isEmpty() && name.length() <= 64;
    // Not a regular expression: it is done for every record that arrives.
    for (int i = 0; valid && i < name.length(); i++) {
      valid = isNetworkNameCharacter(name.charAt(i));
    }
    if (!valid) {
      throw new IllegalArgumentException(
          "network: the name must be 1 to 64 letters, digits, dots, dashes and underscores");
    }
  }

  private static boolean isNetworkNameCharacter(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '.'
        || c == '_'
        || c == '-';
  }

  /** Whether the peer says that it has left. */
  public boolean hasLeft() {
    return endpoints.isEmpty();
  }

  /** Whether this record replaces {@code other} of the same peer. */
  public boolean supersedes(PeerRecord other) {
    return Long.compareUnsigned(sequence, other.sequence) > 0;
  }
}
