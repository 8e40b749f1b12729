package dev.peerdiscovery.core.id;

import java.util.ArrayList;
import java.util.List;

/**
 * The rule of the seed: whom a connecting peer has to look up.
 *
 * <p>Column n of the {@link LookupTable} lists the peers that a peer connecting with id n looks up:
 * n − 1, n − 2, n − 4 … ≥ 0. Row n lists by whom n is looked up: n + 1, n + 2, n + 4 …
 *
 * <p>The link to Kademlia: of each pair n − 2<sup>i</sup>, n + 2<sup>i</sup> exactly one is the
 * {@linkplain #mirror mirror} n XOR 2<sup>i</sup> (the first where bit i of n is set, the second
 * where it is not), and the mirror lies in bucket i. The other entries of the column (bit i clear)
 * lie in the bucket of the next set bit above i. So the column alone reaches about half of the
 * buckets, and its mirror in the row the rest.
 */
public final class Offsets {
  private Offsets() {}

  /** Whether a difference of two ids is an offset of the table: zero or a power of two. */
  public static boolean isOffset(NodeId difference) {
    return difference.bitCount() <= 1;
  }

  /**
   * Whether the table has an entry in this cell: {@code column} − {@code row} is zero (the
   * diagonal, Kademlia's self-lookup) or a power of two.
   */
  public static boolean isEntry(NodeId row, NodeId column) {
    return row.compareTo(column) <= 0 && isOffset(column.minus(row));
  }

  /** Whom {@code id} looks up: id − 1, id − 2, id − 4 … as far as 0; at most 256 ids. */
  public static List<NodeId> column(NodeId id) {
    List<NodeId> targets = new ArrayList<>();
    for (int exponent = 0; exponent < NodeId.BITS; exponent++) {
      NodeId offset = NodeId.powerOfTwo(exponent);
      if (offset.compareTo(id) > 0) {
        break;
      }
      targets.add(id.minus(offset));
    }
    return targets;
  }

  /** By whom {@code id} is looked up: id + 1, id + 2, id + 4 … below 2<sup>256</sup>. */
  public static List<NodeId> row(NodeId id) {
    List<NodeId> callers = new ArrayList<>();
    for (int exponent = 0; exponent < NodeId.BITS; exponent++) {
      NodeId caller = id.plus(NodeId.powerOfTwo(exponent));
      if (caller.compareTo(id) < 0) {
        break;
      }
      callers.add(caller);
    }
    return callers;
  }

  /** id XOR 2<sup>exponent</sup>: the member of the pair id ∓ 2<sup>exponent</sup> in bucket i. */
  public static NodeId mirror(NodeId id, int exponent) {
    return id.flip(exponent);
  }
}
