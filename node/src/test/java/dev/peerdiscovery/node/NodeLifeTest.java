package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.peerdiscovery.client.tls.Tls;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.Provider;
import dev.peerdiscovery.proto.Refusals;
import io.grpc.ForwardingServerBuilder;
import io.grpc.ManagedChannel;
import io.grpc.ServerBuilder;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Applications that misbehave, threads that are gone, disks that are slow: a node goes on. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NodeLifeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path temporary;

  private final List<PeerNode> nodes = new ArrayList<>();
  private final CountDownLatch release = new CountDownLatch(1);

  @AfterEach
  void close() {
    release.countDown();
    nodes.forEach(PeerNode::close);
  }

  private PeerNode kept(PeerNode node) {
    nodes.add(node);
    return node;
  }

  private PeerNode start(PeerNodeBuilder builder) throws Exception {
    PeerNode node = kept(builder.listen("127.0.0.1:0").start());
    get(node.ready());
    return node;
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private static Endpoint endpoint(PeerNode node) {
    return new Endpoint("127.0.0.1", node.port());
  }

  private static int contacts(PeerNode node) throws Exception {
    return get(node.status()).contacts();
  }

  /** Waits until the test is over. */
  private void block() {
    try {
      release.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void whatFollowsOnAFuture_mayWaitForTheNode() throws Exception {
    PeerNode one =
        kept(
            PeerNode.builder()
                .id(NodeId.of(1))
                .advertise("127.0.0.1:7400")
                .attachTo(InProcessServerBuilder.forName("host")));
    // Before it is complete: then what follows runs on the thread that completes it.
    CompletableFuture<List<Contact>> found =
        one.ready()
            .thenApply(
                status ->
                    one.lookup(NodeId.of(2))
                        .thenApply(
                            contacts -> {
                              one.status().join();
                              assertThat(one.services().resolve("orders").join()).isEmpty();
                              return contacts;
                            })
                        .join());
    one.join();
    assertThat(get(found)).isEmpty();
  }

  @Test
  void whatFollowsOnFutures_mayBlockForEver() throws Exception {
    PeerNode one = kept(PeerNode.builder().listen("127.0.0.1:0").start());
    for (int i = 0; i < Callbacks.MAX_RUNNING / 2; i++) {
      // Where such a future is complete already, what follows runs at once, on the caller's thread.
      CompletableFuture.runAsync(
          () -> one.ready().thenAccept(status -> block()), Callbacks.THREADS);
      CompletableFuture.runAsync(
          () -> one.status().thenAccept(status -> block()), Callbacks.THREADS);
    }
    // Not by a future: those may all be taken.
    PeerNode two = start(PeerNode.builder().bootstrap(endpoint(one)));
    await().atMost(PATIENCE).until(() -> contacts(two) == 1);
    assertThat(get(two.lookup(one.id()))).extracting(Contact::id).containsExactly(one.id());
  }

  @Test
  void observersThatBlockOrThrow_keepNothingFromHappening() throws Exception {
    List<Event> events = new CopyOnWriteArrayList<>();
    PeerNode one =
        start(
            PeerNode.builder()
                .id(NodeId.of(1))
                .observe(event -> block())
                .observe(
                    event -> {
                      throw new AssertionError("on purpose");
                    })
                .observeInTurn(
                    event -> {
                      throw new StackOverflowError("on purpose");
                    })
                .observe(events::add));
    PeerNode two = start(PeerNode.builder().id(NodeId.of(2)).bootstrap(endpoint(one)));
    await().atMost(PATIENCE).until(() -> contacts(one) == 1 && contacts(two) == 1);
    await()
        .atMost(PATIENCE)
        .until(() -> events.stream().anyMatch(Event.ContactEarned.class::isInstance));
    long beganNanos = System.nanoTime();
    one.close();
    assertThat(Duration.ofNanos(System.nanoTime() - beganNanos)).isLessThan(Duration.ofSeconds(5));
    // Told, not found out: that would take three missed calls and several seconds.
    await().atMost(Duration.ofSeconds(2)).until(() -> contacts(two) == 0);
    await().atMost(PATIENCE).until(() -> events.stream().anyMatch(Event.Left.class::isInstance));
  }

  @Test
  void listenersThatBlockOrThrow_keepChangesFromNoOther() throws Exception {
    PeerNode one = start(PeerNode.builder());
    PeerNode two = start(PeerNode.builder().bootstrap(endpoint(one)));
    await().atMost(PATIENCE).until(() -> contacts(one) == 1 && contacts(two) == 1);
    List<List<Provider>> told = new CopyOnWriteArrayList<>();
    List<List<Provider>> toldToTheOneThatThrows = new CopyOnWriteArrayList<>();
    one.services().watch("orders", found -> block(), error -> {});
    one.services()
        .watch(
            "orders",
            found -> {
              toldToTheOneThatThrows.add(found);
              throw new AssertionError("on purpose");
            },
            error -> {
              throw new AssertionError("on purpose");
            });
    one.services().watch("orders", told::add, error -> {});
    PeerServices.Registered registered =
        two.services()
            .register(
                "orders",
                new Endpoint("127.0.0.1", 8080),
                Map.of(),
                Duration.ofMinutes(1),
                InstanceCheck.NONE);
    get(registered.published());
    await().atMost(PATIENCE).until(() -> !told.isEmpty() && last(told).size() == 1);
    registered.close();
    await().atMost(PATIENCE).until(() -> last(told).isEmpty());
    await().atMost(PATIENCE).until(() -> last(toldToTheOneThatThrows).isEmpty());
    assertThat(toldToTheOneThatThrows).as("called again after it threw").hasSizeGreaterThan(1);
    one.close();
    await().atMost(Duration.ofSeconds(2)).until(() -> contacts(two) == 0);
  }

  private static <T> T last(List<T> list) {
    return list.get(list.size() - 1);
  }

  /** While a listener is busy, the list that waits for it is replaced, and the last one comes. */
  @Test
  void aSlowListener_hearsTheLatest_andAClosedWatchNothing() throws Exception {
    PeerNode one = start(PeerNode.builder());
    List<Integer> sizes = new CopyOnWriteArrayList<>();
    CountDownLatch busy = new CountDownLatch(1);
    AutoCloseable watch =
        one.services()
            .watch(
                "orders",
                found -> {
                  sizes.add(found.size());
                  busy.countDown();
                  block();
                },
                error -> sizes.add(-1));
    assertThat(busy.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    for (int i = 0; i < 5; i++) {
      Endpoint endpoint = new Endpoint("127.0.0.1", 8080 + i);
      get(
          one.services()
              .register("orders", endpoint, Map.of(), Duration.ofMinutes(1), InstanceCheck.NONE)
              .published());
    }
    await().atMost(PATIENCE).until(() -> get(one.services().resolve("orders")).size() == 5);
    get(one.status());
    release.countDown();
    await().atMost(PATIENCE).until(() -> last(sizes) == 5);
    assertThat(sizes).hasSize(2);
    watch.close();
    one.close();
    assertThat(sizes).as("neither a change nor the end").hasSize(2);
  }

  /** The one thread that the host gives is busy with something else. */
  @Test
  void aStuckEngine_isNotHealthy_untilItGoesOn() throws Exception {
    ScheduledThreadPoolExecutor threads = new ScheduledThreadPoolExecutor(1);
    PeerNodeBuilder builder = PeerNode.builder().executor(threads);
    builder.watchdogEvery = Duration.ofMillis(50);
    PeerNode node = start(builder);
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", node.port()).usePlaintext().build();
    try {
      for (String service : List.of("", "liveness", "peerdiscovery.peer.v1.PeerService")) {
        assertThat(health(channel, service)).isEqualTo(ServingStatus.SERVING);
      }
      threads.execute(this::block);
      for (String service : List.of("", "liveness", "peerdiscovery.peer.v1.PeerService")) {
        await().atMost(PATIENCE).until(() -> health(channel, service) == ServingStatus.NOT_SERVING);
      }
      release.countDown();
      for (String service : List.of("", "liveness", "peerdiscovery.peer.v1.PeerService")) {
        await().atMost(PATIENCE).until(() -> health(channel, service) == ServingStatus.SERVING);
      }
    } finally {
      channel.shutdownNow();
      node.close();
      threads.shutdownNow();
    }
  }

  private static ServingStatus health(ManagedChannel channel, String service) {
    return HealthGrpc.newBlockingStub(channel)
        .withDeadlineAfter(10, TimeUnit.SECONDS)
        .check(HealthCheckRequest.newBuilder().setService(service).build())
        .getStatus();
  }

  /** A sequential executor keeps what it will never run; nothing may wait for that for ever. */
  @Test
  void whenTheHostsThreadsAreGone_whatWaitsForThemFails() throws Exception {
    ScheduledThreadPoolExecutor threads = new ScheduledThreadPoolExecutor(1);
    PeerNodeBuilder builder = PeerNode.builder().executor(threads);
    builder.watchdogEvery = Duration.ofMillis(50);
    PeerNode node = start(builder);
    CountDownLatch blocked = new CountDownLatch(1);
    threads.execute(
        () -> {
          blocked.countDown();
          block();
        });
    blocked.await();
    CompletableFuture<?> status = node.status();
    CompletableFuture<?> lookup = node.lookup(NodeId.of(5));
    threads.shutdownNow();
    for (CompletableFuture<?> waiting : List.of(status, lookup, node.status())) {
      ExecutionException error =
          catchThrowableOfType(
              ExecutionException.class, () -> waiting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
      assertThat(error).hasMessageContaining("the node is closed");
    }
  }

  /** Nothing listens there, so it is not published of its own accord. */
  private static PeerServices.Registered unpublished(PeerNode node) {
    return node.services()
        .register(
            "orders",
            Endpoint.parse("127.0.0.1:1"),
            Map.of(),
            Duration.ofSeconds(10),
            InstanceCheck.TCP);
  }

  private static void assertEnds(CompletableFuture<?> waiting, Refusal.Reason reason) {
    ExecutionException error =
        catchThrowableOfType(
            ExecutionException.class, () -> waiting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    assertThat(Refusals.outcomeOf(error.getCause()))
        .isInstanceOfSatisfying(
            Refusal.class, refusal -> assertThat(refusal.reason()).isEqualTo(reason));
  }

  @Test
  void aRegistrationThatIsClosedBeforeItIsPublished_endsItsFuture() throws Exception {
    PeerServices.Registered registered = unpublished(start(PeerNode.builder()));
    CompletableFuture<Void> published = registered.published();
    registered.close();
    assertEnds(published, Refusal.Reason.WITHDRAWN);
    assertThat(registered.state().published()).isFalse();
  }

  @Test
  void whereTheHostsThreadsAreGone_closingEndsTheFuturesOfRegistrations() throws Exception {
    ScheduledThreadPoolExecutor threads = new ScheduledThreadPoolExecutor(1);
    PeerNode node = start(PeerNode.builder().executor(threads));
    CompletableFuture<Void> published = unpublished(node).published();
    threads.shutdownNow();
    node.close();
    assertEnds(published, Refusal.Reason.NOT_SERVING);
  }

  @Test
  void aBuilder_makesOneNode_inOneWay() throws Exception {
    Path data = temporary.resolve("data");
    PeerNodeBuilder attached =
        PeerNode.builder().advertise("127.0.0.1:7400").dataDirectory(data).listen("127.0.0.1:0");
    PeerNode hosted = kept(attached.attachTo(InProcessServerBuilder.forName("host")));
    assertThatThrownBy(attached::start)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("this builder has made a node");
    assertThatThrownBy(() -> attached.attachTo(InProcessServerBuilder.forName("host")))
        .isInstanceOf(IllegalStateException.class);
    hosted.close();
    PeerNodeBuilder another = PeerNode.builder().dataDirectory(data);
    start(another);
    assertThatThrownBy(another::start).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void join_isForOneInAHostsServer_andOnce() throws Exception {
    PeerNode own = start(PeerNode.builder());
    assertThatThrownBy(own::join)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the node takes part already");
    PeerNode hosted =
        kept(
            PeerNode.builder()
                .advertise("127.0.0.1:7400")
                .attachTo(InProcessServerBuilder.forName("host")));
    hosted.join();
    assertThatThrownBy(hosted::join).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void joinThatFails_failsReady() throws Exception {
    ScheduledThreadPoolExecutor threads = new ScheduledThreadPoolExecutor(1);
    PeerNode hosted =
        kept(
            PeerNode.builder()
                .advertise("127.0.0.1:7400")
                .executor(threads)
                .attachTo(InProcessServerBuilder.forName("host")));
    CompletableFuture<?> ready = hosted.ready();
    threads.shutdownNow();
    hosted.join();
    ExecutionException error =
        catchThrowableOfType(
            ExecutionException.class, () -> ready.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    assertThat(error).hasMessageContaining("the node is closed");
  }

  /** What a start has taken by the time it fails is free for the next one, of the same builder. */
  @Test
  void aStartThatFails_givesEverythingBack() throws Exception {
    PeerNode other = start(PeerNode.builder());
    Path data = temporary.resolve("data");
    int port = freePort();
    PeerNodeBuilder builder = PeerNode.builder().dataDirectory(data);
    builder.listen("127.0.0.1:" + other.port());
    assertFails(builder, data, port, StartException.Reason.LISTEN, "address already in use");
    builder.listen("127.0.0.1:" + port).api(ListenAddress.parse("127.0.0.1:" + other.port()));
    assertFails(builder, data, port, StartException.Reason.LISTEN, "--api HOST:0");
    builder.api(ListenAddress.parse("nowhere.invalid:1"));
    assertFails(builder, data, port, StartException.Reason.LISTEN, "nowhere.invalid");
    Path missing = temporary.resolve("missing.pem");
    builder.api(ListenAddress.parse("127.0.0.1:0")).tls(Tls.ca(missing, missing, missing));
    assertFails(builder, data, port, StartException.Reason.STORAGE, "tls: ");
    builder.tls(Tls.off()).apiTls(Tls.ca(missing, missing, missing));
    assertFails(builder, data, port, StartException.Reason.STORAGE, "tls: ");
    builder.apiTls(Tls.off());

    Files.writeString(data.resolve("identity.key"), "no key");
    assertFails(builder, data, port, StartException.Reason.STORAGE, "identity.key");
    Files.delete(data.resolve("identity.key"));
    try (DataDirectory used = DataDirectory.open(data)) {
      StartException error = catchThrowableOfType(StartException.class, builder::start);
      assertThat(error).hasMessageContaining("another node is using it");
      assertThat(used).isNotNull();
      checkPortIsFree(port);
    }
    builder.dataDirectory(Files.createFile(temporary.resolve("file")));
    assertThat(catchThrowableOfType(StartException.class, builder::start).reason())
        .isEqualTo(StartException.Reason.STORAGE);
    builder.dataDirectory(data);
    PeerNode started = kept(builder.start());
    get(started.ready());
    assertThat(started.port()).isEqualTo(port);
  }

  private static void assertFails(
      PeerNodeBuilder builder, Path data, int port, StartException.Reason reason, String words)
      throws Exception {
    long before = threadsOfNodes();
    StartException error = catchThrowableOfType(StartException.class, builder::start);
    assertThat(error).hasMessageContaining(words);
    assertThat(error.reason()).isEqualTo(reason);
    assertThat(isFree(data)).isTrue();
    checkPortIsFree(port);
    await().atMost(PATIENCE).until(() -> threadsOfNodes() <= before);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  private static void checkPortIsFree(int port) throws IOException {
    new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1")).close();
  }

  private static final class FailingHost extends ForwardingServerBuilder<FailingHost> {
    @Override
    protected ServerBuilder<?> delegate() {
      throw new IllegalStateException("on purpose");
    }
  }

  @Test
  void aHostThatFails_getsEverythingBack() throws Exception {
    Path data = temporary.resolve("data");
    PeerNodeBuilder builder = PeerNode.builder().dataDirectory(data).advertise("127.0.0.1:7400");
    assertThatThrownBy(() -> builder.attachTo(new FailingHost())).hasMessage("on purpose");
    assertThat(isFree(data)).isTrue();
    kept(builder.listen("127.0.0.1:0").start());
  }

  /** An opener of channels may fail in its own way at each call; each call has its end. */
  @Test
  void aHostThatOpensNoChannels_leavesTheNodeAlone() throws Exception {
    PeerNode alone =
        start(
            PeerNode.builder()
                .bootstrap("127.0.0.1:1")
                .channels(
                    to -> {
                      throw new AssertionError("on purpose");
                    }));
    assertThat(contacts(alone)).isZero();
    assertThat(get(alone.lookup(NodeId.of(4)))).isEmpty();
  }

  @Test
  void threadsThatAreGone_areRefusedAtOnce() {
    ScheduledThreadPoolExecutor threads = new ScheduledThreadPoolExecutor(1);
    threads.shutdown();
    assertThatThrownBy(() -> PeerNode.builder().executor(threads).listen("127.0.0.1:0").start())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("executor: it is shut down");
  }

  private static long threadsOfNodes() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("peer-node"))
        .count();
  }

  /** The file that is written first is a pipe that nothing reads: opening it blocks for ever. */
  @Test
  void aDiskThatDoesNotAnswer_stopsNothing() throws Exception {
    Path data = temporary.resolve("data");
    Files.createDirectories(data);
    Path pipe = data.resolve("snapshot.new");
    Process mkfifo = new ProcessBuilder("mkfifo", pipe.toString()).start();
    Assumptions.assumeTrue(mkfifo.waitFor() == 0, "no mkfifo");
    AtomicBoolean released = new AtomicBoolean();
    try {
      PeerNode one = start(PeerNode.builder().dataDirectory(data));
      List<PeerNode> others = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        // Another snapshot each.
        others.add(start(PeerNode.builder().bootstrap(endpoint(one))));
        int expected = i + 1;
        await().atMost(PATIENCE).until(() -> contacts(one) == expected);
        await().pollDelay(Duration.ofMillis(600)).until(() -> true);
      }
      long beganNanos = System.nanoTime();
      assertThat(get(one.lookup(NodeId.of(7)))).hasSize(3);
      assertThat(get(one.services().resolve("orders"))).isEmpty();
      assertThat(get(one.status()).contacts()).isEqualTo(3);
      assertThat(Duration.ofNanos(System.nanoTime() - beganNanos))
          .isLessThan(Duration.ofSeconds(5));

      one.close();
      assertThat(Duration.ofNanos(System.nanoTime() - beganNanos))
          .isLessThan(Duration.ofSeconds(10));
      for (PeerNode other : others) {
        await().atMost(Duration.ofSeconds(2)).until(() -> contacts(other) == 2);
      }
      // Until it is written the directory is the old one's, or two would write.
      assertThatThrownBy(() -> PeerNode.builder().dataDirectory(data).listen("127.0.0.1:0").start())
          .hasMessageContaining("another node is using it");
      read(pipe, released);
      await().atMost(PATIENCE).until(() -> isFree(data));
    } finally {
      if (!released.get()) {
        read(pipe, released);
      }
    }
  }

  private static void read(Path pipe, AtomicBoolean released) throws Exception {
    released.set(true);
    try (InputStream in = Files.newInputStream(pipe)) {
      in.readAllBytes();
    }
    Files.deleteIfExists(pipe);
  }

  private static boolean isFree(Path data) {
    try (DataDirectory directory = DataDirectory.open(data)) {
      return true;
    } catch (StartException e) {
      return false;
    }
  }

  @Test
  void aClockThatWasSetBack_doesNotSetTheSequenceBack() throws Exception {
    Path data = temporary.resolve("data");
    long future = System.currentTimeMillis() + Duration.ofDays(400).toMillis();
    try (DataDirectory directory = DataDirectory.open(data)) {
      assertThat(directory.id(Optional.of(NodeId.of(1)), NodeId.of(1))).isNotNull();
      directory.save(NodeId.of(1), new DataDirectory.Saved("default", future, List.of()));
    }
    List<Long> sequences = new CopyOnWriteArrayList<>();
    start(
        PeerNode.builder()
            .id(NodeId.of(1))
            .dataDirectory(data)
            .observe(
                event -> {
                  if (event instanceof Event.SelfChanged changed) {
                    sequences.add(changed.record().content().sequence());
                  }
                }));
    await().atMost(PATIENCE).until(() -> !sequences.isEmpty());
    assertThat(sequences.get(0)).isGreaterThan(future);
  }

  @Test
  void theFirstSequence_isAboveAllBefore() {
    assertThat(PeerNode.firstSequence(saved(500), 400)).isEqualTo(500);
    assertThat(PeerNode.firstSequence(saved(400), 500)).isEqualTo(500);
    assertThat(PeerNode.firstSequence(Optional.empty(), 500)).isEqualTo(500);
    assertThat(PeerNode.firstSequence(saved(-5), 500)).as("unsigned").isEqualTo(-5);
  }

  private static Optional<DataDirectory.Saved> saved(long sequence) {
    return Optional.of(new DataDirectory.Saved("default", sequence, List.of()));
  }
}
