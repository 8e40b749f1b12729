package dev.peerdiscovery.core.engine;

import java.util.ArrayList;
import java.util.List;

/** Collects what happened until it is drained. */
final class Events {
  private List<Event> undrained = new ArrayList<>();

  void add(Event event) {
    undrained.add(event);
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
