package dev.peerdiscovery.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DiscoveryClientTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Registration ORDERS = Registration.of("orders", "10.0.0.5:8080");

  private final StandInNetwork network = new StandInNetwork();
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
    network.close();
  }

  /** A client of these nodes; whoever was not started is dead. */
  private DiscoveryClient client(int... nodes) {
    DiscoveryClient.Builder builder = DiscoveryClient.builder().channels(StandInNetwork::open);
    for (int node : nodes) {
      builder.via(StandInNetwork.endpoint(node));
    }
    DiscoveryClient client = builder.build();
    opened.add(client);
    return client;
  }

  private static List<String> endpoints(List<Instance> instances) {
    return instances.stream().map(instance -> instance.endpoint().toString()).sorted().toList();
  }

  @Test
  void resolves_withMetadataAndPublisher() throws Exception {
    network.start(1);
    network.put("orders", "10.0.0.5:8080", 7, "zone", "a", "authority", "o.example");
    Instance found = client(1).resolve("orders").get(0);
    assertThat(found.endpoint()).hasToString("10.0.0.5:8080");
    assertThat(found.metadata())
        .containsOnly(Map.entry("zone", "a"), Map.entry("authority", "o.example"));
    assertThat(found.authority()).contains("o.example");
    assertThat(found.publisher()).isEqualTo(NodeId.of(7));
    assertThat(found.remaining()).isEqualTo(Duration.ofSeconds(90));
  }

  @Test
  void aPartOfALargeService_isSaidToBeOne() throws Exception {
    StandInNetwork.Node node = network.start(1);
    network.put("orders", "10.0.0.5:8080", 7);
    DiscoveryClient client = client(1);
    Watch watch = client.watch("orders");
    assertThat(client.resolution("orders").truncated()).isFalse();
    assertThat(watch.isTruncated()).isFalse();

    node.truncated = true;
    Resolution part = client.resolution("orders");
    assertThat(part.truncated()).isTrue();
    assertThat(part.instances()).hasSize(1);
    network.put("orders", "10.0.0.6:8080", 7);
    await().atMost(PATIENCE).until(watch::isTruncated);
  }

  @Test
  void nobody_isAnAnswer() throws Exception {
    network.start(1);
    assertThat(client(1).resolve("orders")).isEmpty();
  }

  @Test
  void questionsGoToWhoeverAnswers() throws Exception {
    network.start(2);
    DiscoveryClient client = client(1, 2, 3);
    assertThat(client.lookup(NodeId.of(13)).get(0).id()).isEqualTo(NodeId.of(13));
    assertThat(client.resolve("orders")).isEmpty();
  }

  @Test
  void whenNoNodeAnswers_theErrorNamesTheServiceAndTheLastNode() {
    PeerException failed =
        catchThrowableOfType(PeerException.class, () -> client(1, 2).resolve("orders"));
    assertThat(failed).hasMessageContainingAll("orders", "10.9.0.2:7400");
    assertThat(failed.isRefusal()).isFalse();
  }

  @Test
  void wrongNames_areRefusedHere() {
    DiscoveryClient client = client(1);
    for (String name : new String[] {"", "a b", "-a", "x".repeat(129), "a/b"}) {
      assertThatThrownBy(() -> client.resolve(name)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> client.watch(name, change -> {}))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> Registration.of(name, "a:1"))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> ORDERS.withTtl(Duration.ofSeconds(9))).hasMessageContaining("10 s");
    assertThatThrownBy(() -> ORDERS.withMetadata(Map.of("k", "v".repeat(1024))))
        .hasMessageContaining("1024 bytes");
    assertThatThrownBy(() -> DiscoveryClient.builder().namespace("a b"))
        .hasMessageContaining("namespace");
    assertThatThrownBy(() -> DiscoveryClient.builder().build()).hasMessageContaining("via");
    assertThatThrownBy(() -> DiscoveryClient.builder().via("a:1,,b:2"))
        .hasMessageContaining("endpoint: empty");
  }

  @Test
  void aLeaseLastsUntilItIsClosed_andEndsWithItsClient() throws Exception {
    network.start(1);
    DiscoveryClient client = client(1);
    DiscoveryClient other = client(1);
    Lease lease = client.register(ORDERS.withMetadata(Map.of("zone", "a")));
    assertThat(lease.state()).isEqualTo(new Lease.State(true, 1, ""));
    assertThat(endpoints(other.resolve("orders"))).containsExactly("10.0.0.5:8080");
    lease.close();
    await().atMost(PATIENCE).until(() -> other.resolve("orders").isEmpty());

    client.register(ORDERS);
    assertThat(other.resolve("orders")).hasSize(1);
    client.close();
    await().atMost(PATIENCE).until(() -> other.resolve("orders").isEmpty());
    assertThatThrownBy(() -> client.register(ORDERS)).hasMessageContaining("closed");
    assertThatThrownBy(() -> client.resolve("orders")).hasMessageContaining("closed");
  }

  @Test
  void aLeaseOutlivesItsNode_atAnotherOrAtTheSame() throws Exception {
    StandInNetwork.Node first = network.start(1);
    StandInNetwork.Node second = network.start(2);
    DiscoveryClient client = client(1, 2);
    client.register(ORDERS);
    assertThat(client.resolve("orders").get(0).publisher()).isEqualTo(NodeId.of(1));
    first.kill();
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                client.resolve("orders").stream()
                    .anyMatch(instance -> instance.publisher().equals(NodeId.of(2))));
    second.kill();
    network.forgetAll();
    network.start(1);
    await().atMost(PATIENCE).until(() -> client.resolve("orders").size() == 1);
  }

  /** A process that was stopped takes connections and calls, and says nothing. */
  @Test
  void aSilentFirstNode_holdsUpNobody() throws Exception {
    network.start(1).silent = true;
    network.start(2);
    Told told = new Told();
    Instant began = Instant.now();
    Watch watch = client(1, 2).watch("orders", told);
    DiscoveryClient registering = client(1, 2);
    CompletableFuture<Lease> lease = registering.registerAsync(ORDERS);
    CompletableFuture<List<Instance>> resolved = client(1, 2).resolveAsync("billing");
    await().atMost(PATIENCE).until(() -> watch.instances().size() == 1);
    assertThat(watch.instances().get(0).publisher()).isEqualTo(NodeId.of(2));
    assertThat(lease.get(20, TimeUnit.SECONDS).state().published()).isTrue();
    assertThat(resolved.get(20, TimeUnit.SECONDS)).isEmpty();
    assertThat(Duration.between(began, Instant.now())).isLessThan(Duration.ofSeconds(10));
    // By now it knows whom to ask.
    Instant asked = Instant.now();
    assertThat(registering.resolve("orders")).hasSize(1);
    assertThat(Duration.between(asked, Instant.now())).isLessThan(Duration.ofSeconds(4));
  }

  @Test
  void whenAllNodesAreSilent_whoeverWaitsIsTold() throws Exception {
    network.start(1).silent = true;
    Told told = new Told();
    ManualTimer timer = new ManualTimer();
    DiscoveryClient client =
        DiscoveryClient.builder()
            .channels(StandInNetwork::open)
            .via(StandInNetwork.endpoint(1))
            .timer(timer)
            .build();
    opened.add(client);
    Watch watch = client.watch("orders", told);
    timer.pass(KeptStream.FIRST_WORD);
    assertThat(told.next()).isEqualTo("interrupted");
    assertThatThrownBy(() -> watch.synced().join())
        .hasMessageContainingAll("watching orders", "10.9.0.1:7400", "TIMEOUT", "not a word");
  }

  @Test
  void aRefusedLease_isOver() throws Exception {
    network.start(1).refuses = true;
    BlockingQueue<PeerException> refused = new LinkedBlockingQueue<>();
    Lease lease =
        client(1)
            .register(
                ORDERS,
                new Lease.Listener() {
                  @Override
                  public void changed(Lease.State state) {}

                  @Override
                  public void refused(PeerException why) {
                    refused.add(why);
                  }
                });
    PeerException why = refused.poll(20, TimeUnit.SECONDS);
    assertThat(why.outcome())
        .isInstanceOfSatisfying(
            Refusal.class,
            refusal -> assertThat(refusal.reason()).isEqualTo(Refusal.Reason.ADDRESS_NOT_ALLOWED));
    assertThatThrownBy(() -> lease.published().join())
        .isInstanceOf(CompletionException.class)
        .hasCause(why);
    assertThatThrownBy(() -> client(1).register(ORDERS)).isInstanceOf(PeerException.class);
  }

  /** To try again would undo what another caller did, or take from it what it has. */
  @ParameterizedTest
  @EnumSource(
      value = Refusal.Reason.class,
      names = {"SUPERSEDED", "WITHDRAWN", "MALFORMED", "NOT_YOURS"})
  void whatAnotherCallerEnded_isNotRegisteredAgain(Refusal.Reason reason) throws Exception {
    network.start(1).refusesFor = reason;
    network.start(2);
    DiscoveryClient client = client(1, 2);
    CompletableFuture<PeerException> refused = new CompletableFuture<>();
    Lease lease =
        client.register(
            ORDERS,
            new Lease.Listener() {
              @Override
              public void changed(Lease.State state) {}

              @Override
              public void refused(PeerException why) {
                refused.complete(why);
              }
            });
    refused.get(20, TimeUnit.SECONDS);
    assertThat(lease.published()).isCompletedExceptionally();
    assertThat(lease.state().published()).isFalse();
    assertThat(lease.state().reason()).contains(reason.name());
    assertThat(client(2).resolve("orders")).isEmpty();
  }

  /** What a watch tells, in order. */
  private static final class Told implements Watch.Listener {
    final BlockingQueue<Object> all = new LinkedBlockingQueue<>();

    @Override
    public void changed(Change change) {
      all.add(change);
    }

    @Override
    public void interrupted(PeerException why) {
      all.add("interrupted");
    }

    @Override
    public void resumed() {
      all.add("resumed");
    }

    Object next() throws InterruptedException {
      return all.poll(20, TimeUnit.SECONDS);
    }

    Change change() throws InterruptedException {
      return (Change) next();
    }
  }

  @Test
  void aWatchSaysThatThereIsNobody_thenEveryChange() throws Exception {
    network.start(1);
    Told told = new Told();
    Watch watch = client(1).watch("orders", told);
    assertThat(told.change())
        .isEqualTo(new Change(List.of(), List.of(), List.of(), List.of(), true));

    network.put("orders", "10.0.0.5:8080", 7);
    Change added = told.change();
    assertThat(endpoints(added.added())).containsExactly("10.0.0.5:8080");
    assertThat(added.snapshot()).isFalse();

    network.put("orders", "10.0.0.5:8080", 7, "zone", "b");
    Change updated = told.change();
    assertThat(updated.added()).isEmpty();
    assertThat(updated.updated().get(0).metadata()).containsEntry("zone", "b");

    network.put("orders", "10.0.0.5:8080", 7, "zone", "b");
    network.put("billing", "10.0.0.9:1", 7);
    network.remove("orders", "10.0.0.5:8080", 7);
    Change gone = told.change();
    assertThat(endpoints(gone.gone())).containsExactly("10.0.0.5:8080");
    assertThat(gone.instances()).isEmpty();
    assertThat(watch.instances()).isEmpty();
  }

  @Test
  void aWatchMoves_andTellsOnlyTheDifference() throws Exception {
    StandInNetwork.Node first = network.start(1);
    network.start(2);
    network.put("orders", "10.0.0.1:1", 7);
    network.put("orders", "10.0.0.2:1", 7);
    Told told = new Told();
    client(1, 2).watch("orders", told);
    assertThat(told.change().added()).hasSize(2);

    first.kill();
    assertThat(told.next()).isEqualTo("resumed");
    network.remove("orders", "10.0.0.1:1", 7);
    assertThat(endpoints(told.change().gone())).containsExactly("10.0.0.1:1");
  }

  @Test
  void aWatchGoesOnWhenItsOnlyNodeIsBack() throws Exception {
    StandInNetwork.Node node = network.start(1);
    network.put("orders", "10.0.0.1:1", 7);
    Told told = new Told();
    Watch watch = client(1).watch("orders", told);
    assertThat(told.change().added()).hasSize(1);
    node.kill();
    assertThat(told.next()).isEqualTo("interrupted");
    assertThat(watch.instances()).hasSize(1);
    network.put("orders", "10.0.0.2:1", 7);
    network.start(1);
    Change change =
        Stream.generate(
                () -> {
                  try {
                    return told.next();
                  } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                })
            .filter(each -> !each.equals("interrupted"))
            .map(Change.class::cast)
            .findFirst()
            .orElseThrow();
    assertThat(endpoints(change.added())).containsExactly("10.0.0.2:1");
    assertThat(change.gone()).isEmpty();
    assertThat(change.snapshot()).isTrue();
    assertThat(told.next()).isEqualTo("resumed");
  }

  @Test
  void aClosedWatch_isGoneFromTheNode() throws Exception {
    StandInNetwork.Node node = network.start(1);
    try (Watch watch = client(1).watch("orders")) {
      assertThat(watch.instances()).isEmpty();
      assertThat(node.watchers()).isOne();
    }
    await().atMost(PATIENCE).until(() -> node.watchers() == 0);
  }

  @Test
  void blockingFormsFail_whenThereIsNoNode_andLeaveNothingBehind() throws Exception {
    DiscoveryClient client = client(1);
    assertThatThrownBy(() -> client.watch("orders")).isInstanceOf(PeerException.class);
    assertThatThrownBy(() -> client.register(ORDERS)).isInstanceOf(PeerException.class);
    StandInNetwork.Node node = network.start(1);
    assertThat(client.resolve("orders")).isEmpty();
    assertThat(node.watchers()).isZero();
  }

  @Test
  void aListenerThatFails_endsNothing() throws Exception {
    network.start(1);
    Watch watch =
        client(1)
            .watch(
                "orders",
                change -> {
                  throw new IllegalStateException("as the test wants");
                });
    network.put("orders", "10.0.0.1:1", 7);
    await().atMost(PATIENCE).until(() -> watch.instances().size() == 1);
  }

  @Test
  void overAChannelThatIsGiven_whichStaysOpen() throws Exception {
    network.start(1);
    var channel = StandInNetwork.open(StandInNetwork.endpoint(1)).build();
    opened.add(channel::shutdownNow);
    DiscoveryClient client = DiscoveryClient.builder().channel(channel).build();
    client.register(ORDERS);
    assertThat(client.resolve("orders")).hasSize(1);
    client.close();
    assertThat(channel.isShutdown()).isFalse();
    // Not because the channel is closed: the lease has ended.
    DiscoveryClient other = client(1);
    await().atMost(PATIENCE).until(() -> other.resolve("orders").isEmpty());
  }
}
