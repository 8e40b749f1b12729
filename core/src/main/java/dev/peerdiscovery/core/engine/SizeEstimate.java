package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.routing.RoutingTable;
import java.util.List;

/**
 * How many peers the network has, judged by how densely the nearest contacts lie: among N ids drawn
 * evenly from a space, the i-th nearest is expected at i / (N + 1) of it, so each of the nearest k
 * gives an estimate, and a least-squares fit through all of them weighs them together.
 *
 * <p>The space is taken to end with the highest bucket that holds anybody, so that networks of
 * hand-given small ids are not taken for crowded corners of a huge one.
 */
final class SizeEstimate {
  private SizeEstimate() {}

  /**
   * The estimate, this node included; exact while the network fits the table with room to spare.
   */
  static double of(NodeId self, RoutingTable table, int k) {
    int known = table.size() + 1;
    List<Contact> nearest = table.closest(self, k);
    if (nearest.size() < k || hasRoomForAll(table)) {
      return known;
    }
    double space = Math.scalb(1.0, table.highestBucket() + 1 - NodeId.BITS);
    double weighted = 0;
    double squares = 0;
    for (int i = 1; i <= nearest.size(); i++) {
      double share = self.distanceTo(nearest.get(i - 1).id()).share() / space;
      weighted += i * share;
      squares += (double) i * i;
    }
    return Math.max(known, squares / weighted);
  }

  /** Whether nobody was ever turned away for want of a place, so that nobody is missing. */
  private static boolean hasRoomForAll(RoutingTable table) {
    for (int bucket = 0; bucket <= table.highestBucket(); bucket++) {
      if (table.room(bucket) <= 0) {
        return false;
      }
    }
    return table.replacements() == 0;
  }
}
