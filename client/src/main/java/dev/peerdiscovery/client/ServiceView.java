package dev.peerdiscovery.client;

import dev.peerdiscovery.core.record.Endpoint;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What is known of a service, from the streams of one node after another. Each stream begins with a
 * snapshot; until it is complete, what was known before holds, and then only the difference is
 * told.
 *
 * <p>Several nodes can have published one endpoint: an application that moved from one node to
 * another left a record behind. Of those that pass the filter the latest counts ({@link
 * Instance#isLaterThan}), whatever order they were heard in; the others are remembered, because it
 * may be withdrawn before them. Not thread-safe.
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

  private final Predicate<Instance> accepted;

  /** The latest record of each endpoint in {@link #known}, of those that pass. */
  private Map<Endpoint, Instance> shown = new LinkedHashMap<>();

  private Map<Instance.Name, Instance> known = new LinkedHashMap<>();

  /** What the snapshot under way has said; the same map as {@link #known} when it is complete. */
  private Map<Instance.Name, Instance> heard = new LinkedHashMap<>();

  private Optional<Long> incarnation = Optional.empty();

  /** A view of the instances that pass a filter. */
  ServiceView(Predicate<Instance> accepted) {
    this.accepted = accepted;
  }

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
    return List.copyOf(shown.values());
  }

  /** One instance for each endpoint: that which was registered last. */
  static List<Instance> latest(List<Instance> instances) {
    return List.copyOf(latestOf(instances, instance -> true).values());
  }

  private static Map<Endpoint, Instance> latestOf(
      Collection<Instance> instances, Predicate<Instance> accepted) {
    Map<Endpoint, Instance> latest = new LinkedHashMap<>();
    for (Instance instance : instances) {
      if (accepted.test(instance)) {
        latest.merge(
            instance.endpoint(), instance, (one, other) -> other.isLaterThan(one) ? other : one);
      }
    }
    return latest;
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
    update.gone().forEach(heard::remove);
    update.present().forEach(instance -> heard.put(instance.name(), instance));
    if (!news && !update.synced()) {
      return Optional.empty();
    }
    known = heard;
    Map<Endpoint, Instance> before = shown;
    shown = latestOf(known.values(), accepted);
    Change change = difference(before, shown, !news);
    return news && change.isEmpty() ? Optional.empty() : Optional.of(change);
  }

  private static Change difference(
      Map<Endpoint, Instance> before, Map<Endpoint, Instance> now, boolean snapshot) {
    List<Instance> added = new ArrayList<>();
    List<Instance> updated = new ArrayList<>();
    for (Instance instance : now.values()) {
      Instance old = before.get(instance.endpoint());
      if (old == null) {
        added.add(instance);
      } else if (!old.saysTheSame(instance)) {
        updated.add(instance);
      }
    }
    List<Instance> gone =
        before.values().stream().filter(old -> !now.containsKey(old.endpoint())).toList();
    return new Change(List.copyOf(now.values()), added, updated, gone, snapshot);
  }
}
