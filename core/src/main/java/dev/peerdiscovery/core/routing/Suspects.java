package dev.peerdiscovery.core.routing;

import dev.peerdiscovery.core.id.NodeId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The contacts of a table that missed their last call, which are few; all others take no space. */
final class Suspects {
  /** Calls in a row that came to nothing, and when the last one did. */
  record Misses(int count, long lastNanos) {
    static final Misses NONE = new Misses(0, 0);
  }

  /** Made when there is one: a table is asked for its suspects with every call. */
  private Map<NodeId, Misses> misses = Map.of();

  int size() {
    return misses.size();
  }

  boolean contains(NodeId id) {
    return !misses.isEmpty() && misses.containsKey(id);
  }

  /** Of whoever is no suspect there are none. */
  Misses misses(NodeId id) {
    return misses.isEmpty() ? Misses.NONE : misses.getOrDefault(id, Misses.NONE);
  }

  /** Counts one more, and says how many there are. */
  int missed(NodeId id, long nowNanos) {
    int count = misses(id).count() + 1;
    if (misses.isEmpty()) {
      misses = new HashMap<>(0);
    }
    misses.put(id, new Misses(count, nowNanos));
    return count;
  }

  /** Whether there was anything to forgive. */
  boolean forgive(NodeId id) {
    return !misses.isEmpty() && misses.remove(id) != null;
  }

  /** Whom there was anything to forgive. */
  List<NodeId> forgiveAll() {
    List<NodeId> forgiven = List.copyOf(misses.keySet());
    misses = Map.of();
    return forgiven;
  }

  /** Those of some contacts that are no suspects. */
  Members without(Members members) {
    return misses.isEmpty() ? members : members.only(it -> !misses.containsKey(it.id()));
  }
}
