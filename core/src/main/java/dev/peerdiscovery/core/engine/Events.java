package dev.peerdiscovery.core.engine;

import java.util.ArrayList;
import java.util.List;

/** Collects what happened until it is drained. */
final class Events {
  private List<Event> undrained = new ArrayList<>();

  private long total;

  void add(Event event) {
    undrained.add(event);
    total++;
  }

  /** How many there were ever. */
  long total() {
    return total;
  }

  List<Event> drain() {
    if (undrained.isEmpty()) {
      return List.of();
    }
    List<Event> drained = undrained;
    undrained = new ArrayList<>();
    return drained;
  }
}
