package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.record.Endpoint;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which place an endpoint leads to: a hash table with open addresses, without an object per entry.
 * A place is a number, given out in turn.
 */
final class Directory {
  /** No place. */
  static final int NOWHERE = -1;

  private @Nullable Endpoint[] endpoints = new @Nullable Endpoint[64];
  private int[] places = new int[64];
  private int size;

  /** The place, or {@link #NOWHERE}. */
  int find(Endpoint endpoint) {
    int at = slot(endpoints, endpoint);
    return endpoints[at] == null ? NOWHERE : places[at];
  }

  /** Has an endpoint lead to a place, instead of where it led before. */
  void put(Endpoint endpoint, int place) {
    if (2 * size >= endpoints.length) {
      grow();
    }
    int at = slot(endpoints, endpoint);
    size += endpoints[at] == null ? 1 : 0;
    endpoints[at] = endpoint;
    places[at] = place;
  }

  private void grow() {
    @Nullable Endpoint[] old = endpoints;
    int[] oldPlaces = places;
    endpoints = new @Nullable Endpoint[2 * old.length];
    places = Arrays.copyOf(places, 2 * old.length);
    for (int i = 0; i < old.length; i++) {
      Endpoint endpoint = old[i];
      if (endpoint != null) {
        int at = slot(endpoints, endpoint);
        endpoints[at] = endpoint;
        places[at] = oldPlaces[i];
      }
    }
  }

  /** Where an endpoint is, or would be. */
  private static int slot(@Nullable Endpoint[] endpoints, Endpoint endpoint) {
    int mask = endpoints.length - 1;
    // A string keeps its hash, and a record that is the same object is equal at once.
    int hash = (endpoint.host().hashCode() * 31 + endpoint.port()) * 0x9E3779B9;
    int at = (hash ^ hash >>> 15) & mask;
    while (true) {
      Endpoint there = endpoints[at];
      if (there == null || there.equals(endpoint)) {
        return at;
      }
      at = (at + 1) & mask;
    }
  }
}
