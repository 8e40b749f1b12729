package dev.peerdiscovery.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of a service, from the streams of one node after another. Each stream begins with a
 * snapshot; until it is complete, what was known before holds, and then only the difference is
 * told. Not thread-safe.
 */
final class ServiceView {
  /**
   * A message of a stream.
   *
   * @param present instances that are new or changed
   * @param gone instances that are gone
   * @param synced whether what was said up to here is all that the node knows
   * @param incarnation names the run of the node
   * @param truncated whether there are more than it knows
   */
  record Update(
      List<Instance> present,
      List<Instance.Name> gone,
      boolean synced,
      long incarnation,
      boolean truncated) {}

  private Map<Instance.Name, Instance> known = new LinkedHashMap<>();

  /** What the snapshot under way has said; the same map as {@link #known} when it is complete. */
  private Map<Instance.Name, Instance> heard = new LinkedHashMap<>();

  private Optional<Long> incarnation = Optional.empty();

  /** A new stream begins. */
  void begin() {
    heard = new LinkedHashMap<>();
    incarnation = Optional.empty();
  }

  /** Whether the stream's snapshot is complete. */
  boolean isSynced() {
    return heard == known;
  }

  List<Instance> instances() {
    return List.copyOf(known.values());
  }

  /**
   * Takes a message.
   *
   * @return the change that it completes, which for a snapshot may be an empty one
   */
  Optional<Change> receive(Update update) {
    if (incarnation.isPresent() && incarnation.get() != update.incarnation()) {
      begin();
    }
    incarnation = Optional.of(update.incarnation());
    boolean news = isSynced();
    Map<Instance.Name, Instance> before = news ? new LinkedHashMap<>(known) : known;
    update.gone().forEach(heard::remove);
    update.present().forEach(instance -> heard.put(instance.name(), instance));
    if (!news && !update.synced()) {
      return Optional.empty();
    }
    known = heard;
    Change change = difference(before, known, !news);
    return news && change.isEmpty() ? Optional.empty() : Optional.of(change);
  }

  private static Change difference(
      Map<Instance.Name, Instance> before, Map<Instance.Name, Instance> now, boolean snapshot) {
    List<Instance> added = new ArrayList<>();
    List<Instance> updated = new ArrayList<>();
    for (Instance instance : now.values()) {
      Instance old = before.get(instance.name());
      if (old == null) {
        added.add(instance);
      } else if (!old.saysTheSame(instance)) {
        updated.add(instance);
      }
    }
    List<Instance> gone =
        before.values().stream().filter(old -> !now.containsKey(old.name())).toList();
    return new Change(List.copyOf(now.values()), added, updated, gone, snapshot);
  }
}
