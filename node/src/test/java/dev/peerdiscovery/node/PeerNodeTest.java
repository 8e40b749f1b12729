package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.peerdiscovery.core.engine.EngineStatus;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.proto.Refusals;
import io.grpc.Status;
import io.grpc.inprocess.InProcessServerBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeerNodeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path temporary;

  private final List<PeerNode> nodes = new ArrayList<>();

  @AfterEach
  void close() {
    nodes.forEach(PeerNode::close);
  }

  private PeerNode start(PeerNodeBuilder builder) throws Exception {
    PeerNode node = builder.listen("127.0.0.1:0").start();
    nodes.add(node);
    node.ready().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    return node;
  }

  private static Endpoint endpoint(PeerNode node) {
    return new Endpoint("127.0.0.1", node.port());
  }

  private static int contacts(PeerNode node) throws Exception {
    return node.status().get(PATIENCE.toSeconds(), TimeUnit.SECONDS).contacts();
  }

  @Test
  void twoNodes_knowEachOther_untilOneLeaves() throws Exception {
    PeerNode one = start(PeerNode.builder().id(NodeId.of(1)));
    PeerNode two = start(PeerNode.builder().id(NodeId.of(2)).bootstrap(endpoint(one)));
    await().atMost(PATIENCE).until(() -> contacts(one) == 1 && contacts(two) == 1);
    assertThat(one.lookup(NodeId.of(2)).get(30, TimeUnit.SECONDS))
        .extracting(Contact::id)
        .containsExactly(NodeId.of(2));

    two.close();
    await().atMost(PATIENCE).until(() -> contacts(one) == 0);
    assertThat(two.lookup(NodeId.of(1))).isCompletedExceptionally();
    assertThat(two.status()).isCompletedExceptionally();
    two.close();
  }

  @Test
  void requirePeer_isReadyOnlyWithOne() throws Exception {
    PeerNode one =
        PeerNode.builder().id(NodeId.of(1)).listen("127.0.0.1:0").requirePeer(true).start();
    nodes.add(one);
    await().atMost(PATIENCE).until(() -> one.status().get().state() == EngineStatus.State.ALONE);
    assertThat(one.ready()).isNotDone();
    start(PeerNode.builder().id(NodeId.of(2)).bootstrap(endpoint(one)));
    assertThat(one.ready().get(30, TimeUnit.SECONDS).contacts()).isEqualTo(1);
  }

  @Test
  void closedBeforeItIsReady_saysSo() throws Exception {
    PeerNode one = PeerNode.builder().listen("127.0.0.1:0").requirePeer(true).start();
    CompletableFuture<EngineStatus> ready = one.ready();
    one.close();
    assertThat(error(ready)).hasMessageContaining("closed before it was ready");
  }

  /** Nothing is left to say a farewell with, so nobody waits for one. */
  @Test
  void closeAfterItsThreadsAreGone_doesNotWait() throws Exception {
    ScheduledThreadPoolExecutor threads = new ScheduledThreadPoolExecutor(2);
    PeerNode one = start(PeerNode.builder().executor(threads));
    threads.shutdownNow();
    long started = System.nanoTime();
    one.close();
    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(2));
    assertThat(one.lookup(NodeId.of(1))).isCompletedExceptionally();
  }

  /** "Too much to do" would have callers come back to a node that is no more. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void serviceCallsOfAClosedNode_sayThatItIsClosed(boolean byItsHost) throws Exception {
    ScheduledThreadPoolExecutor threads = new ScheduledThreadPoolExecutor(2);
    PeerNode one = start(PeerNode.builder().executor(threads));
    if (byItsHost) {
      threads.shutdown();
    } else {
      one.close();
    }
    PeerServices services = one.services();
    PeerServices.Registered registered =
        services.register(
            "orders", endpoint(one), Map.of(), Duration.ofMinutes(1), InstanceCheck.NONE);
    CompletableFuture<Throwable> watch = new CompletableFuture<>();
    services.watch("orders", found -> {}, watch::complete);
    assertClosed(watch.get(30, TimeUnit.SECONDS));
    assertClosed(error(services.resolve("orders")));
    assertClosed(error(registered.published()));
    assertThat(error(one.lookup(NodeId.of(1)))).hasMessageContaining("the node is closed");
    threads.shutdownNow();
  }

  private static Throwable error(CompletableFuture<?> failing) {
    return catchThrowableOfType(
            ExecutionException.class, () -> failing.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .getCause();
  }

  private static void assertClosed(Throwable error) {
    assertThat(Status.fromThrowable(error).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(Refusals.outcomeOf(error))
        .isEqualTo(new Refusal(Refusal.Reason.NOT_SERVING, "the node is closed"));
  }

  @Test
  void contacts_areSavedSoon_andAnOldSnapshotSurvivesADiskThatIsFull() throws Exception {
    Path data = temporary.resolve("data");
    PeerNode one = start(PeerNode.builder().id(NodeId.of(1)).dataDirectory(data));
    start(PeerNode.builder().id(NodeId.of(2)).bootstrap(endpoint(one)));
    await().atMost(PATIENCE).until(() -> saved(data) == 1);

    // As good as a full disk: the next snapshot cannot be written.
    Path obstacle = Files.createDirectory(data.resolve("snapshot.new"));
    start(PeerNode.builder().id(NodeId.of(3)).bootstrap(endpoint(one)));
    await().atMost(PATIENCE).until(() -> contacts(one) == 2);
    assertThat(saved(data)).isEqualTo(1);
    Files.delete(obstacle);

    start(PeerNode.builder().id(NodeId.of(4)).bootstrap(endpoint(one)));
    await().atMost(PATIENCE).until(() -> saved(data) == 3);
  }

  private static int saved(Path data) throws Exception {
    Path file = data.resolve("snapshot");
    return Files.exists(file) ? new SnapshotFile(file).read().getContactsCount() : -1;
  }

  @Test
  void settingsThatDoNotGoTogether_areRefused() {
    assertThatThrownBy(() -> PeerNode.builder().attachTo(InProcessServerBuilder.forName("host")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("advertise: ");
    assertThatThrownBy(
            () ->
                PeerNode.builder()
                    .advertise("10.0.0.1:7400")
                    .api(ListenAddress.parse("127.0.0.1:0"))
                    .attachTo(InProcessServerBuilder.forName("host")))
        .hasMessageContaining("api: ");
    assertThatThrownBy(
            () -> PeerNode.builder().advertise("169.254.0.1:7400").listen("127.0.0.1:0").start())
        .hasMessageContaining("not allowed in scope");
    PeerNodeBuilder manySeeds = PeerNode.builder().listen("127.0.0.1:0");
    for (int i = 0; i < 65; i++) {
      manySeeds.bootstrap("10.0.0.1:" + (7400 + i));
    }
    assertThatThrownBy(manySeeds::start).hasMessageContaining("more than 64 seeds");
    assertThatThrownBy(() -> PeerNode.builder().network("no spaces"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void failedStart_givesEverythingBack() throws Exception {
    PeerNode one = start(PeerNode.builder());
    Path data = temporary.resolve("data");
    StartException inUse =
        catchThrowableOfType(
            StartException.class,
            () -> PeerNode.builder().listen("127.0.0.1:" + one.port()).dataDirectory(data).start());
    assertThat(inUse.reason()).isEqualTo(StartException.Reason.LISTEN);
    assertThat(inUse).hasMessageContaining("address already in use");
    start(PeerNode.builder().dataDirectory(data));
  }
}
