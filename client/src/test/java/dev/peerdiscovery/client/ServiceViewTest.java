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
    ServiceView view = new ServiceView();
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
    ServiceView view = new ServiceView();
    view.begin();
    view.receive(update(List.of(instance(1, 0)), List.of(), true, 1));
    assertThat(view.receive(update(List.of(instance(2, 0)), List.of(), false, 2))).isEmpty();
    Change change = view.receive(update(List.of(), List.of(), true, 2)).orElseThrow();
    assertThat(change.instances()).containsExactly(instance(2, 0));
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
    ServiceView view = new ServiceView();
    Map<Instance.Name, Instance> truth = new HashMap<>();
    Map<Instance.Name, Instance> added = new HashMap<>();
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
      assertThat(new HashSet<>(added.values())).isEqualTo(new HashSet<>(truth.values()));
      for (int news = random.nextInt(5); news > 0; news--) {
        Map<Instance.Name, Instance> before = new HashMap<>(truth);
        mutate(truth, random);
        List<Instance> present = new ArrayList<>(truth.values());
        present.removeAll(before.values());
        List<Instance> gone =
            before.values().stream().filter(old -> !truth.containsKey(old.name())).toList();
        apply(view.receive(update(present, gone, false, stream)), added);
        assertThat(new HashSet<>(added.values())).isEqualTo(new HashSet<>(truth.values()));
        assertThat(Set.copyOf(view.instances())).isEqualTo(Set.copyOf(truth.values()));
      }
    }
  }

  private static void mutate(Map<Instance.Name, Instance> truth, SplittableRandom random) {
    for (int i = random.nextInt(4); i > 0; i--) {
      Instance instance = instance(1 + random.nextInt(9), random.nextInt(2));
      if (random.nextBoolean()) {
        truth.put(instance.name(), instance);
      } else {
        truth.remove(instance.name());
      }
    }
  }

  private static void apply(Optional<Change> change, Map<Instance.Name, Instance> to) {
    change.ifPresent(
        made -> {
          made.added().forEach(each -> assertThat(to.put(each.name(), each)).isNull());
          made.updated().forEach(each -> assertThat(to.put(each.name(), each)).isNotNull());
          made.gone().forEach(each -> assertThat(to.remove(each.name())).isNotNull());
          assertThat(Set.copyOf(made.instances())).isEqualTo(Set.copyOf(to.values()));
        });
  }
}
