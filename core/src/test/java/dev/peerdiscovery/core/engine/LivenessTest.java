package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.routing.RoutingTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Liveness alone, over hours of virtual time; each call takes 10 ms. */
class LivenessTest {
  private static final long HOUR = Duration.ofHours(1).toNanos();
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();
  private static final long LATENCY = Duration.ofMillis(10).toNanos();

  private record Answer(long atNanos, Call call) {}

  /** When each peer was called. */
  private final Map<NodeId, List<Long>> calledNanos = new HashMap<>();

  private int calls;

  /** Lets the part have its way. */
  private void run(Rig rig, long untilNanos, Function<Call, Outcome> network) {
    Liveness liveness =
        new Liveness(
            rig.config,
            rig.self,
            rig.contacts,
            rig.departed,
            rig.prover,
            rig.refresh,
            rig.random,
            0);
    PriorityQueue<Answer> answers = new PriorityQueue<>(Comparator.comparingLong(Answer::atNanos));
    long now = 0;
    while (now <= untilNanos) {
      Answer answer = answers.peek();
      if (answer != null && answer.atNanos <= now) {
        answers.remove();
        rig.calls.completed(answer.call.id(), network.apply(answer.call), now);
      }
      liveness.advance(now);
      for (Call call : rig.calls.drain()) {
        calls++;
        NodeId to = call.request().wantedId().orElseThrow();
        calledNanos.computeIfAbsent(to, id -> new ArrayList<>()).add(now);
        answers.add(new Answer(now + LATENCY, call));
      }
      long next = liveness.nextWake();
      now = answers.isEmpty() ? next : Math.min(next, answers.peek().atNanos);
    }
  }

  private static Rig rig(int k, int peers) {
    Rig rig = new Rig(EngineConfig.defaults().toBuilder().k(k).build());
    for (int i = 0; i < peers; i++) {
      rig.earn(0, NodeId.random(rig.random));
    }
    return rig;
  }

  private Duration longestGap(Rig rig) {
    return Duration.ofNanos(
        rig.table.entries().stream()
            .mapToLong(entry -> longestGap(entry.contact().id()))
            .max()
            .orElseThrow());
  }

  private long longestGap(NodeId id) {
    List<Long> times = new ArrayList<>(List.of(0L));
    times.addAll(calledNanos.getOrDefault(id, List.of()));
    times.add(HOUR);
    long longest = 0;
    for (int i = 1; i < times.size(); i++) {
      longest = Math.max(longest, times.get(i) - times.get(i - 1));
    }
    return longest;
  }

  @Test
  void atRest_makesHalfACallASecond_nearestMostOften_everyoneWithinTenMinutes() {
    Rig rig = rig(20, 1_000);
    run(rig, HOUR, Rig::answerOf);

    assertThat(calls / 3_600.0).isBetween(0.4, 0.52);
    List<NodeId> byDistance =
        rig.table.entries().stream()
            .map(entry -> entry.contact().id())
            .sorted(Rig.ID::compareDistances)
            .toList();
    assertThat(byDistance).hasSizeBetween(100, 160);
    assertThat(longestGap(rig)).isLessThan(Duration.ofMinutes(10));
    double near = averageCalls(byDistance.subList(0, 20));
    double far = averageCalls(byDistance.subList(20, byDistance.size()));
    assertThat(near / far).isBetween(3.0, 5.0);
  }

  @Test
  void whenHalfAreGoneAtOnce_theBeatQuickens_andSlowsDownAgain() {
    Rig rig = rig(20, 1_000);
    Set<NodeId> gone = new HashSet<>();
    for (RoutingTable.Entry entry : rig.table.entries()) {
      if (rig.random.nextBoolean()) {
        gone.add(entry.contact().id());
      }
    }
    Failure silence = new Failure(Failure.Kind.TIMEOUT, "");
    long end = Duration.ofMinutes(8).toNanos();

    run(
        rig,
        end,
        call ->
            gone.contains(call.request().wantedId().orElseThrow()) ? silence : Rig.answerOf(call));

    long soon = Duration.ofMinutes(3).toNanos();
    long late = Duration.ofMinutes(6).toNanos();
    long found =
        gone.stream()
            .filter(id -> calledNanos.getOrDefault(id, List.of()).stream().anyMatch(t -> t < soon))
            .count();
    assertThat(found)
        .as("of %d, called within three minutes", gone.size())
        .isGreaterThan(gone.size() * 9L / 10);
    long inTheEnd =
        calledNanos.values().stream().flatMap(List::stream).filter(t -> t > late).count();
    assertThat(inTheEnd / 120.0).as("calls a second in the end").isLessThan(0.7);
  }

  @Test
  void whereAThirdIsAlwaysGone_theBeatStaysWhatItIs() {
    Rig rig = rig(20, 1_000);
    SplittableRandom chance = new SplittableRandom(3);

    run(rig, HOUR, call -> chance.nextInt(3) == 0 ? Rig.TIMEOUT : Rig.answerOf(call));

    // Whoever misses one is called once more before long; those evicted, and that is all.
    assertThat(calls / 3_600.0).isLessThan(1.1);
  }

  private double averageCalls(List<NodeId> ids) {
    return ids.stream()
        .mapToInt(id -> calledNanos.getOrDefault(id, List.of()).size())
        .average()
        .orElseThrow();
  }

  @Test
  void beat_quickens_whereATableIsTooLargeForIt() {
    Rig rig = rig(64, 4_000);
    run(rig, HOUR, Rig::answerOf);

    assertThat(rig.table.size()).isGreaterThan(350);
    assertThat(longestGap(rig)).isLessThan(Duration.ofMinutes(10));
  }

  @Test
  void tableFilledAtOnce_isCheckedWithinTenMinutes() {
    Rig rig = rig(20, 10_000);
    run(rig, HOUR, Rig::answerOf);

    assertThat(rig.table.size()).isGreaterThan(170);
    assertThat(longestGap(rig)).isLessThan(Duration.ofMinutes(10));
  }

  @Test
  void fewContacts_areNotCheckedMoreOftenThanTheirMinimumAge() {
    Rig rig = rig(20, 3);
    run(rig, HOUR, Rig::answerOf);

    assertThat(calls).isLessThanOrEqualTo(3 * 3_600 / 15);
  }

  @Test
  void suspect_isCalledAgain_atDoublingPauses() {
    Rig rig = new Rig();
    rig.earn(0, NodeId.of(1));
    run(rig, 5 * MINUTE, call -> Rig.TIMEOUT);

    List<Long> times = calledNanos.get(NodeId.of(1));
    List<Long> pauses = new ArrayList<>();
    for (int i = 1; i < times.size(); i++) {
      pauses.add(Duration.ofNanos(times.get(i) - times.get(i - 1)).toSeconds());
    }
    // Nothing comes in from anybody, so it is never evicted.
    assertThat(pauses).startsWith(4L, 8L, 16L, 30L, 30L);
  }

  @Test
  void busySuspect_isNotHammered() {
    Rig rig = new Rig();
    rig.earn(0, NodeId.of(1));
    rig.contacts.failed(Rig.contact(1), Rig.TIMEOUT, 0, 10);
    run(rig, 5 * MINUTE, call -> Rig.BUSY);

    assertThat(calls).isLessThan(310);
  }

  @Test
  void cancelledChecks_areNotMadeAgainAtOnce() {
    Rig rig = new Rig();
    rig.earn(0, NodeId.of(1));
    rig.contacts.failed(Rig.contact(1), Rig.TIMEOUT, 0, 10);
    run(rig, 5 * MINUTE, call -> Rig.CANCELLED);

    assertThat(calls).isLessThan(310);
  }

  @Test
  void busyContact_doesNotKeepOthersFromBeingChecked() {
    Rig rig = rig(20, 100);
    NodeId busy = rig.table.closest(Rig.ID, 1).get(0).id();
    run(
        rig,
        HOUR,
        call ->
            call.request().wantedId().orElseThrow().equals(busy) ? Rig.BUSY : Rig.answerOf(call));

    assertThat(calledNanos.get(busy)).hasSizeLessThan(150);
    assertThat(longestGap(rig)).isLessThan(Duration.ofMinutes(10));
  }

  @Test
  void departed_areCalledTheMoreSeldom_theMoreTheyAre_andEachInItsTurn() {
    Rig rig = new Rig();
    for (int i = 1; i <= 256; i++) {
      rig.departed.add(Rig.contact(i), 0);
    }
    run(rig, 3 * HOUR, call -> Rig.TIMEOUT);

    // One in 32 s: sixteen beats.
    assertThat(calls).isBetween(256, 3 * 3600 / 32 + 1);
    assertThat(calledNanos).hasSize(256);
  }

  @Test
  void departed_thatAnswers_isAContactAgain() {
    Rig rig = new Rig();
    rig.departed.add(Rig.contact(1), 0);
    run(rig, MINUTE, Rig::answerOf);

    assertThat(rig.table.contact(NodeId.of(1))).isPresent();
    assertThat(rig.departed.size()).isZero();
  }
}
