package dev.peerdiscovery.client;

import java.util.List;

/**
 * What has changed about a service. It has one instance for each endpoint: where several nodes have
 * published one, the record that was registered last counts. Immutable.
 *
 * @param instances all instances that there are now
 * @param added those whose endpoints were not there before
 * @param updated those whose metadata or publisher is another one
 * @param gone those whose endpoints are there no more, as they were
 * @param snapshot whether it comes of a look at the whole, the first one or one through another
 *     node, and not of news
 */
public record Change(
    List<Instance> instances,
    List<Instance> added,
    List<Instance> updated,
    List<Instance> gone,
    boolean snapshot) {
  /** Copies the lists. */
  public Change {
    instances = List.copyOf(instances);
    added = List.copyOf(added);
    updated = List.copyOf(updated);
    gone = List.copyOf(gone);
  }

  /** Whether it is no change at all, as when another node says the same as the one before. */
  public boolean isEmpty() {
    return added.isEmpty() && updated.isEmpty() && gone.isEmpty();
  }
}
