package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.engine.EngineStatus;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.proto.Refusals;
import dev.peerdiscovery.proto.peer.v1.FindNodeRequest;
import dev.peerdiscovery.proto.peer.v1.FindNodeResponse;
import dev.peerdiscovery.proto.peer.v1.SignedPeerRecord;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a peer can answer a node, and that its peers can die. */
class HostileAnswersTest extends HostileTest {
  @Row({18, 34})
  @Test
  void answersThatBreakTheRules_costTheResponderAndNobodyElse() throws Exception {
    List<SignedPeerRecord> tooMany = inventions(10_000, closedPort());
    List<FindNodeResponse> answers =
        List.of(
            FindNodeResponse.newBuilder().addAllPeers(tooMany).build(),
            FindNodeResponse.newBuilder().addAllPeers(tooMany.subList(0, 65)).build());
    for (FindNodeResponse answer : answers) {
      try (HostilePeer hostile = new HostilePeer(random())) {
        hostile.answers(request -> answer);
        victim.befriend(hostile);
        List<NodeId> found = victim.lookup(hostile.id);
        assertThat(hostile.asked.get()).isPositive();
        assertThat(found).containsExactlyInAnyOrderElementsOf(victim.goodIds());
        assertThat(victim.contacts()).containsAll(victim.goodIds());
        forget(hostile);
      }
    }
  }

  @Row(18)
  @Test
  void malformedAnswers_timeAndAgain_areNotAskedForAnyMore() throws Exception {
    FindNodeResponse tooMany =
        FindNodeResponse.newBuilder().addAllPeers(inventions(65, closedPort())).build();
    try (HostilePeer hostile = new HostilePeer(random())) {
      AtomicInteger asked = new AtomicInteger();
      hostile.answers(
          request -> {
            asked.addAndGet(isVictims(request) ? 1 : 0);
            return tooMany;
          });
      victim.befriend(hostile);
      await()
          .atMost(Victim.PATIENCE)
          .until(
              () -> {
                victim.lookup(hostile.id);
                return victim.counter("contacts.lost.QUARANTINED") == 1;
              });
      victim.lookup(hostile.id);
      assertThat(asked.get()).isEqualTo(3);
      assertThat(victim.contacts()).doesNotContain(hostile.id);
    }
  }

  /** Busy is alive: it keeps its place, and is left alone for as long as it asks to be. */
  @Row({49, 50})
  @Test
  void busyPeer_keepsItsPlace_andIsNotAskedAgainBeforeItsTime() throws Exception {
    StatusRuntimeException busy =
        Refusals.toException(
            new Refusal(Refusal.Reason.OVERLOADED, "busy", Duration.ofMinutes(10)));
    try (HostilePeer hostile = new HostilePeer(random())) {
      AtomicInteger asked = new AtomicInteger();
      hostile.answers(
          request -> {
            asked.addAndGet(isVictims(request) ? 1 : 0);
            throw busy;
          });
      victim.befriend(hostile);
      for (int i = 0; i < 5; i++) {
        victim.lookup(hostile.id);
      }
      assertThat(asked.get()).isEqualTo(1);
      assertThat(victim.contacts()).contains(hostile.id);
      assertThat(victim.status().getSuspects()).isZero();
      forget(hostile);
    }
  }

  @Row({8, 13, 16, 19, 20, 21})
  @Test
  void badRecordsInAnswers_areLeftOut() throws Exception {
    try (HostilePeer hostile = new HostilePeer(random())) {
      SignedPeerRecord requester = Wire.peer(victim.node.id(), "127.0.0.1", victim.node.port());
      NodeId farthest = hostile.id.complement();
      FindNodeResponse answer =
          FindNodeResponse.newBuilder()
              .addPeers(requester)
              .addPeers(hostile.record())
              .addAllPeers(Collections.nCopies(10, hostile.record()))
              .addAllPeers(Collections.nCopies(10, victim.contactRecords().get(0)))
              .addPeers(Wire.peer(farthest, "127.0.0.1", closedPort()))
              .addPeers(Wire.peer(random(), "127.0.0.1", 0))
              .addPeers(Wire.peer(random(), "127.0.0.1", 70_000))
              .addPeers(Wire.peer(random(), "evil\nhost", 7400))
              .addPeers(Wire.peer(random(), "169.254.169.254", 80))
              .addPeers(Wire.signed(Wire.record(random())))
              .addPeers(Wire.signed(Wire.record(NodeId.ZERO).setId(Wire.bytes(31))))
              .addPeers(SignedPeerRecord.getDefaultInstance())
              .build();
      hostile.answers(request -> answer);
      victim.befriend(hostile);
      List<NodeId> found = victim.lookup(hostile.id);
      List<NodeId> truth = new ArrayList<>(victim.goodIds());
      truth.add(hostile.id);
      truth.sort(hostile.id::compareDistances);
      assertThat(found).containsExactlyElementsOf(truth);
      forget(hostile);
    }
  }

  /** Each answer names one that is nearer, where nobody is. */
  @Row(20)
  @Test
  void everNearerInventions_endWithTheTruth() throws Exception {
    NodeId target = random();
    int nobody = closedPort();
    try (HostilePeer hostile = new HostilePeer(random())) {
      hostile.answers(
          request -> FindNodeResponse.newBuilder().addAllPeers(nearer(target, nobody)).build());
      victim.befriend(hostile);
      assertThat(victim.lookup(target)).containsAll(victim.goodIds());
      forget(hostile);
    }
  }

  /** Each answer names some that are nearer, and the liar answers for all of them. */
  @Row(20)
  @Test
  void everNearerInventionsThatAnswer_areBounded() throws Exception {
    NodeId target = random();
    try (HostilePeer hostile = new HostilePeer(random())) {
      hostile.answers(
          request ->
              FindNodeResponse.newBuilder().addAllPeers(nearer(target, hostile.port)).build());
      victim.befriend(hostile);
      assertThat(victim.lookup(target)).hasSizeLessThanOrEqualTo(Fleet.K);
      assertThat(hostile.asked.get()).isLessThanOrEqualTo(16 * Fleet.K);
      assertThat(victim.contacts()).containsAll(victim.goodIds());
      hostile.answers(request -> FindNodeResponse.getDefaultInstance());
    }
    // The inventions are gone with the one that answered for them.
    await()
        .atMost(Duration.ofMinutes(1))
        .until(
            () -> {
              victim.lookup(target);
              return victim.contacts().size() == 3;
            });
  }

  /** The good ones look around, too. */
  private static boolean isVictims(FindNodeRequest request) {
    return HostilePeer.idOf(request.getCaller()).equals(victim.node.id());
  }

  private static List<SignedPeerRecord> nearer(NodeId target, int port) {
    List<SignedPeerRecord> nearer = new ArrayList<>();
    for (int i = 0; i < Fleet.K; i++) {
      NodeId near = target;
      for (int bit = 0; bit < 100; bit++) {
        near = victim.random.nextBoolean() ? near.flip(bit) : near;
      }
      nearer.add(Wire.peer(near, "127.0.0.1", port));
    }
    return nearer;
  }

  private static List<SignedPeerRecord> inventions(int count, int port) {
    List<SignedPeerRecord> inventions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      inventions.add(Wire.peer(random(), "127.0.0.1", port));
    }
    return inventions;
  }

  /** Ends the test's peer and has the node lose it, as it does with those that are gone. */
  private static void forget(HostilePeer hostile) {
    hostile.close();
    SignedPeerRecord farewell = Wire.signed(Wire.record(hostile.id).setSequence(2));
    victim.stub().ping(Wire.pingFrom(farewell));
    await().atMost(Victim.PATIENCE).until(() -> !victim.contacts().contains(hostile.id));
  }

  /**
   * Suspects keep their place, and the node waits for its own network to come back. They would not
   * if one died first and the other was heard of after that was noticed; so nothing is called from
   * before the first death until after the second, however long that takes.
   */
  @Row(57)
  @Test
  void allPeersDead_keepsTheTable() throws Exception {
    Duration never = Duration.ofHours(1);
    EngineConfig config =
        Victim.CONFIG.toBuilder()
            .livenessInterval(never)
            .livenessMinAge(never)
            .bootstrapFewInterval(never)
            .refreshInterval(never)
            .suspectRecheck(Duration.ofMillis(100))
            .doubtAfter(Duration.ofMillis(500))
            .build();
    AtomicInteger refreshes = new AtomicInteger();
    try (LoopbackTransport transport = new LoopbackTransport("127.0.0.1")) {
      Fleet.Running first = transport.start(PeerNode.builder());
      Fleet.Running second = transport.start(PeerNode.builder());
      try (PeerNode node =
          PeerNode.builder()
              .listen("127.0.0.1:0")
              .engine(config)
              .observe(event -> refreshes.addAndGet(isRefresh(event) ? 1 : 0))
              .bootstrap(first.endpoint(), second.endpoint())
              .start()) {
        // The look around soon after joining is the last thing that it does by itself.
        await()
            .atMost(Victim.PATIENCE)
            .until(() -> refreshes.get() > 0 && isAtRestWithTwo(node.status().get()));
        first.kill();
        second.kill();
        long callsBefore = node.status().get().calls();
        node.lookup(random()).get(Victim.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        await()
            .atMost(Victim.PATIENCE)
            .until(() -> node.status().get().state() == EngineStatus.State.SUSPECTS_ITSELF);
        // More of them than would cost each its place if anything was heard meanwhile.
        await()
            .atMost(Victim.PATIENCE)
            .until(() -> node.status().get().calls() >= callsBefore + 2 * 3);
        assertThat(node.status().get().contacts()).isEqualTo(2);
        assertThat(node.status().get().suspects()).isEqualTo(2);
      }
    }
  }

  private static boolean isRefresh(Event event) {
    return event instanceof Event.LookupStarted started
        && started.purpose() == Event.Purpose.REFRESH;
  }

  private static boolean isAtRestWithTwo(EngineStatus status) {
    return status.contacts() == 2 && status.callsUnderWay() == 0;
  }
}
