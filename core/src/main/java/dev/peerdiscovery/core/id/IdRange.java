package dev.peerdiscovery.core.id;

import java.util.List;
import java.util.stream.Stream;

/**
 * A short run of consecutive ids, both ends included; what {@code 0..16} means on the command line.
 *
 * @param first the lowest id
 * @param last the highest id, at most {@value #MAX_SIZE} − 1 above the first
 */
public record IdRange(NodeId first, NodeId last) {
  /** The most ids in a range: a table of more rows or columns is of no use to a reader. */
  public static final int MAX_SIZE = 1024;

  /** Checks the order and the size. */
  public IdRange {
    if (first.compareTo(last) > 0) {
      throw new IllegalArgumentException("range: the first id is above the last");
    }
    if (last.minus(first).compareTo(NodeId.of(MAX_SIZE)) >= 0) {
      throw new IllegalArgumentException("range: more than " + MAX_SIZE + " ids");
    }
  }

  /**
   * Reads {@code A..B}, each an id as {@link NodeId#parse} reads it; {@code A} alone is A..A.
   *
   * @throws IllegalArgumentException when the text is not a range
   */
  public static IdRange parse(String text) {
    int dots = text.indexOf("..");
    if (dots < 0) {
      return new IdRange(NodeId.parse(text), NodeId.parse(text));
    }
    return new IdRange(
        NodeId.parse(text.substring(0, dots)), NodeId.parse(text.substring(dots + 2)));
  }

  /** The number of ids, 1 to {@value #MAX_SIZE}. */
  public int size() {
    return (int) last.minus(first).w3() + 1;
  }

  /** The ids in ascending order. */
  public List<NodeId> ids() {
    return Stream.iterate(first, id -> id.plus(NodeId.of(1))).limit(size()).toList();
  }
}
