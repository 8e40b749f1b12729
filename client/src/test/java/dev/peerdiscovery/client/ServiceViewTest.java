package dev.peerdiscovery.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ServiceViewTest {
  private static Instance instance(int number, int version) {
    return new Instance(
        new Endpoint("10.0.0." + number, 1),
        Map.of("v", "" + version),
        NodeId.of(number % 3),
        Duration.ofSeconds(90));
  }

  @Test
  void untilASnapshotIsComplete_whatWasKnownHolds() {
    ServiceView view = new ServiceView(instance -> true);
    view.begin();
    assertThat(view.receive(update(List.of(instance(1, 0)), List.of(), true, 1))).isPresent();
    view.begin();
    assertThat(view.receive(update(List.of(instance(2, 0)), List.of(), false, 2))).isEmpty();
    assertThat(view.instances()).containsExactly(instance(1, 0));
    Change change = view.receive(update(List.of(), List.of(), true, 2)).orElseThrow();
    assertThat(change.added()).containsExactly(instance(2, 0));
    assertThat(change.gone()).containsExactly(instance(1, 0));
    assertThat(change.snapshot()).isTrue();
  }

  @Test
  void anotherIncarnation_beginsAnew() {
    ServiceView view = new ServiceView(instance -> true);
    view.begin();
    view.receive(update(List.of(instance(1, 0)), List.of(), true, 1));
    assertThat(view.receive(update(List.of(instance(2, 0)), List.of(), false, 2))).isEmpty();
    Change change = view.receive(update(List.of(), List.of(), true, 2)).orElseThrow();
    assertThat(change.instances()).containsExactly(instance(2, 0));
  }

  private static Instance record(int publisher, long registered, String version) {
    return new Instance(
        new Endpoint("10.0.0.1", 1),
        Map.of("v", version),
        NodeId.of(publisher),
        Duration.ofSeconds(90),
        registered);
  }

  /** The same in whatever order they are heard. */
  @Test
  void ofTwoRecordsOfOneEndpoint_theLaterOneCounts() {
    Instance old = record(9, 5, "old");
    // As an unsigned number it is larger.
    Instance late = record(1, Long.MIN_VALUE, "late");
    for (List<Instance> order : List.of(List.of(old, late), List.of(late, old))) {
      ServiceView view = new ServiceView(instance -> true);
      view.begin();
      view.receive(update(order, List.of(), true, 1));
      assertThat(view.instances()).containsExactly(late);
      assertThat(ServiceView.latest(order)).containsExactly(late);
    }
    // Where that cannot be told, the larger id.
    Instance one = record(1, 5, "one");
    assertThat(ServiceView.latest(List.of(old, one))).containsExactly(old);
    assertThat(ServiceView.latest(List.of(one, old))).containsExactly(old);
  }

  @Test
  void theFilterComesFirst() {
    Instance allowed = record(1, 5, "allowed");
    Instance later = record(2, 6, "later");
    ServiceView view = new ServiceView(instance -> instance.publisher().equals(NodeId.of(1)));
    view.begin();
    Change change = view.receive(update(List.of(allowed, later), List.of(), true, 1)).orElseThrow();
    assertThat(change.instances()).containsExactly(allowed);
    assertThat(view.receive(update(List.of(), List.of(later), false, 1))).isEmpty();
  }

  /** An application that moves from one node to another and back. */
  @Test
  void aMove_isAnUpdate_andTheEarlierRecordIsNotLost() {
    ServiceView view = new ServiceView(instance -> true);
    view.begin();
    Instance first = record(1, 5, "first");
    Instance moved = record(2, 6, "moved");
    view.receive(update(List.of(first), List.of(), true, 1));
    Change change = view.receive(update(List.of(moved), List.of(), false, 1)).orElseThrow();
    assertThat(change.updated()).containsExactly(moved);
    assertThat(change.added()).isEmpty();
    assertThat(change.gone()).isEmpty();
    // The record that was left behind runs out: nothing that counts has changed.
    assertThat(view.receive(update(List.of(), List.of(first), false, 1))).isEmpty();
    // Or it holds, and the later one is withdrawn.
    view.receive(update(List.of(first), List.of(), false, 1));
    change = view.receive(update(List.of(), List.of(moved), false, 1)).orElseThrow();
    assertThat(change.updated()).containsExactly(first);
    change = view.receive(update(List.of(), List.of(first), false, 1)).orElseThrow();
    assertThat(change.gone()).containsExactly(first);
  }

  private static ServiceView.Update update(
      List<Instance> present, List<Instance> gone, boolean synced, long incarnation) {
    return new ServiceView.Update(
        present, gone.stream().map(Instance::name).toList(), synced, incarnation, false);
  }

  /** Whoever adds up the differences has what the last complete stream said. */
  @Test
  void differencesAddUp_likeAPlainSet() {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    ServiceView view = new ServiceView(instance -> true);
    Map<Instance.Name, Instance> truth = new HashMap<>();
    Map<Endpoint, Instance> added = new HashMap<>();
    view.begin();
    for (int stream = 0; stream < 200; stream++) {
      if (random.nextBoolean()) {
        mutate(truth, random);
      }
      view.begin();
      List<Instance> snapshot = new ArrayList<>(truth.values());
      int cut = random.nextInt(snapshot.size() + 1);
      apply(view.receive(update(snapshot.subList(0, cut), List.of(), false, stream)), added);
      if (random.nextInt(4) == 0) {
        continue;
      }
      apply(
          view.receive(update(snapshot.subList(cut, snapshot.size()), List.of(), true, stream)),
          added);
      assertThat(new HashSet<>(added.values())).isEqualTo(latest(truth));
      for (int news = random.nextInt(5); news > 0; news--) {
        Map<Instance.Name, Instance> before = new HashMap<>(truth);
        mutate(truth, random);
        List<Instance> present = new ArrayList<>(truth.values());
        present.removeAll(before.values());
        List<Instance> gone =
            before.values().stream().filter(old -> !truth.containsKey(old.name())).toList();
        apply(view.receive(update(present, gone, false, stream)), added);
        assertThat(new HashSet<>(added.values())).isEqualTo(latest(truth));
        assertThat(Set.copyOf(view.instances())).isEqualTo(latest(truth));
      }
    }
  }

  /** By brute force: those of which there is no later one. */
  private static Set<Instance> latest(Map<Instance.Name, Instance> truth) {
    Set<Instance> latest = new HashSet<>(truth.values());
    latest.removeIf(
        one ->
            truth.values().stream()
                .anyMatch(
                    other ->
                        other.endpoint().equals(one.endpoint())
                            && (other.registered() > one.registered()
                                || (other.registered() == one.registered()
                                    && other.publisher().compareTo(one.publisher()) > 0))));
    return latest;
  }

  private static void mutate(Map<Instance.Name, Instance> truth, SplittableRandom random) {
    for (int i = random.nextInt(4); i > 0; i--) {
      int version = random.nextInt(2);
      int publisher = random.nextInt(3);
      // That a record says the same and was registered at another moment is not told.
      Instance instance =
          new Instance(
              new Endpoint("10.0.0." + random.nextInt(5), 1),
              Map.of("v", "" + version),
              NodeId.of(publisher),
              Duration.ofSeconds(90),
              (2 * version + publisher) % 3);
      if (random.nextBoolean()) {
        truth.put(instance.name(), instance);
      } else {
        truth.remove(instance.name());
      }
    }
  }

  private static void apply(Optional<Change> change, Map<Endpoint, Instance> to) {
    change.ifPresent(
        made -> {
          made.added().forEach(each -> assertThat(to.put(each.endpoint(), each)).isNull());
          made.updated().forEach(each -> assertThat(to.put(each.endpoint(), each)).isNotNull());
          made.gone().forEach(each -> assertThat(to.remove(each.endpoint())).isNotNull());
          assertThat(Set.copyOf(made.instances())).isEqualTo(Set.copyOf(to.values()));
        });
  }
}
