package dev.peerdiscovery.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.Refusal;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.inprocess.InProcessServerBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** No caller waits for ever, and what a caller gives up ends. */
class WaitingTest {
  /** Less than what a silent node is given. */
  private static final Duration AT_ONCE = Duration.ofSeconds(3);

  private static final Duration SHORT = Duration.ofMillis(50);

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

  private DiscoveryClient client(int... nodes) {
    DiscoveryClient.Builder builder = DiscoveryClient.builder().channels(StandInNetwork::open);
    for (int node : nodes) {
      builder.via(StandInNetwork.endpoint(node));
    }
    DiscoveryClient client = builder.build();
    opened.add(client);
    return client;
  }

  /** A call in its two forms. */
  private record Form(
      String name,
      Consumer<DiscoveryClient> blocking,
      Function<DiscoveryClient, CompletableFuture<?>> async) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Form> forms() {
    return Stream.of(
        new Form("resolve", c -> c.resolve("orders"), c -> c.resolveAsync("orders")),
        new Form("resolution", c -> c.resolution("orders"), c -> c.resolutionAsync("orders")),
        new Form("lookup", c -> c.lookup(NodeId.of(1)), c -> c.lookupAsync(NodeId.of(1))),
        new Form("watch", c -> c.watch("orders"), c -> c.watchAsync("orders")),
        new Form("register", c -> c.register(ORDERS), c -> c.registerAsync(ORDERS)));
  }

  /** What a thread that called came to. */
  private static final class Calling {
    final CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    final CompletableFuture<Boolean> flag = new CompletableFuture<>();
    final Thread thread;

    Calling(Runnable call) {
      thread =
          new Thread(
              () -> {
                Throwable error = catchThrowable(call::run);
                flag.complete(Thread.currentThread().isInterrupted());
                thrown.complete(error);
              });
      thread.setDaemon(true);
      thread.start();
    }

    Throwable thrown() throws Exception {
      return thrown.get(AT_ONCE.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  @ParameterizedTest
  @MethodSource("forms")
  void anInterruptedCall_returnsAtOnce_andWhatItBeganEnds(Form form) throws Exception {
    StandInNetwork.Node node = network.start(1);
    node.silent = true;
    DiscoveryClient client = client(1);
    Calling calling = new Calling(() -> form.blocking.accept(client));
    await().until(() -> node.underWay.get() == 1);
    calling.thread.interrupt();
    assertThat(calling.thrown())
        .isInstanceOf(PeerException.class)
        .hasMessageContainingAll("interrupted");
    assertThat(calling.flag.get()).isTrue();
    await().atMost(AT_ONCE).until(() -> node.underWay.get() == 0);
  }

  @ParameterizedTest
  @MethodSource("forms")
  void aClosedClient_letsItsCallersGo(Form form) throws Exception {
    StandInNetwork.Node node = network.start(1);
    node.silent = true;
    ManagedChannel channel = StandInNetwork.open(StandInNetwork.endpoint(1)).build();
    opened.add(channel::shutdownNow);
    DiscoveryClient client = DiscoveryClient.builder().channel(channel).build();
    CompletableFuture<?> future = form.async.apply(client);
    Calling calling = new Calling(() -> form.blocking.accept(client));
    await().until(() -> node.underWay.get() == 2);
    client.close();
    assertThat(calling.thrown())
        .isInstanceOf(PeerException.class)
        .hasMessageContaining("the client is closed");
    assertThatThrownBy(() -> future.get(3, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(PeerException.class)
        .hasMessageContaining("the client is closed");
    await().atMost(AT_ONCE).until(() -> node.underWay.get() == 0);
  }

  @ParameterizedTest
  @MethodSource("forms")
  void afterClose_everyFormSaysSo(Form form) throws Exception {
    network.start(1);
    DiscoveryClient client = client(1);
    client.close();
    assertThatThrownBy(() -> form.blocking.accept(client))
        .isInstanceOf(PeerException.class)
        .hasMessageContaining("the client is closed");
    assertThatThrownBy(() -> form.async.apply(client).get(3, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(PeerException.class)
        .hasMessageContaining("the client is closed");
  }

  @ParameterizedTest
  @MethodSource("forms")
  void aCancelledFuture_endsWhatItWasFor(Form form) throws Exception {
    StandInNetwork.Node node = network.start(1);
    node.silent = true;
    CompletableFuture<?> future = form.async.apply(client(1));
    await().until(() -> node.underWay.get() == 1);
    future.cancel(false);
    await().atMost(AT_ONCE).until(() -> node.underWay.get() == 0);
  }

  @Test
  void aFutureThatIsCancelledJustAsItCompletes_leavesNoLease() throws Exception {
    StandInNetwork.Node node = network.start(1);
    DiscoveryClient client = client(1);
    for (int i = 0; i < 200; i++) {
      CompletableFuture<Lease> future = client.registerAsync(ORDERS);
      if (i % 2 == 1) {
        await()
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofMillis(1))
            .until(() -> node.underWay.get() > 0 || future.isDone());
      }
      if (!future.cancel(false)) {
        future.join().close();
      }
    }
    await().atMost(AT_ONCE).until(() -> node.underWay.get() == 0);
  }

  @Test
  void published_andSynced_endWithTheLeaseAndTheWatch() throws Exception {
    network.start(1).silent = true;
    DiscoveryClient client = client(1);
    Lease lease = client.register(ORDERS, state -> {});
    CompletableFuture<Lease> published = lease.published();
    lease.close();
    assertThatThrownBy(() -> published.get(3, TimeUnit.SECONDS))
        .hasCauseInstanceOf(PeerException.class)
        .hasMessageContaining("closed");
    Watch watch = client.watch("orders", change -> {});
    CompletableFuture<Watch> synced = watch.synced();
    watch.close();
    assertThatThrownBy(() -> synced.get(3, TimeUnit.SECONDS))
        .hasCauseInstanceOf(PeerException.class)
        .hasMessageContaining("closed");

    Lease last = client.register(ORDERS, state -> {});
    Watch other = client.watch("orders", change -> {});
    client.close();
    assertThatThrownBy(() -> last.published().get(3, TimeUnit.SECONDS))
        .hasMessageContaining("the client is closed");
    assertThatThrownBy(() -> other.synced().get(3, TimeUnit.SECONDS))
        .hasMessageContaining("the client is closed");
  }

  @Test
  void close_endsLeasesAndWatches_alsoOverAChannelThatStays() throws Exception {
    StandInNetwork.Node node = network.start(1);
    ManagedChannel channel = StandInNetwork.open(StandInNetwork.endpoint(1)).build();
    opened.add(channel::shutdownNow);
    DiscoveryClient client = DiscoveryClient.builder().channel(channel).build();
    client.register(ORDERS);
    client.watch("orders");
    assertThat(node.underWay).hasValue(2);
    client.close();
    await().atMost(AT_ONCE).until(() -> node.underWay.get() == 0);
  }

  static Stream<Supplier<Throwable>> faults() {
    return Stream.of(
        () -> new IllegalStateException("as the test wants"),
        () -> new AssertionError("as the test wants"),
        () -> new NoClassDefFoundError("as/the/test/wants"));
  }

  /** To be thrown; an error is thrown here. */
  static RuntimeException raised(Throwable fault) {
    if (fault instanceof Error error) {
      throw error;
    }
    return (RuntimeException) fault;
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aListenerThatThrows_losesNothing(Supplier<Throwable> fault) throws Exception {
    network.start(1);
    DiscoveryClient client = client(1);
    BlockingQueue<Lease.State> states = new LinkedBlockingQueue<>();
    Lease lease =
        client.register(
            ORDERS,
            state -> {
              states.add(state);
              throw raised(fault.get());
            });
    assertThat(lease.published().get(3, TimeUnit.SECONDS)).isSameAs(lease);
    BlockingQueue<Change> changes = new LinkedBlockingQueue<>();
    Watch watch =
        client.watch(
            "orders",
            change -> {
              changes.add(change);
              throw raised(fault.get());
            });
    assertThat(watch.synced().get(3, TimeUnit.SECONDS)).isSameAs(watch);
    network.put("orders", "10.0.0.6:1", 7);
    assertThat(changes.poll(3, TimeUnit.SECONDS).added()).hasSize(1);
    assertThat(changes.poll(3, TimeUnit.SECONDS).added()).hasSize(1);
    assertThat(states.poll(3, TimeUnit.SECONDS).published()).isTrue();
  }

  @Test
  void aListenerThatThrowsWhenItIsInterrupted_isToldAgain() throws Exception {
    BlockingQueue<PeerException> told = new LinkedBlockingQueue<>();
    Watch watch =
        client(1)
            .watch(
                "orders",
                new Watch.Listener() {
                  @Override
                  public void changed(Change change) {}

                  @Override
                  public void interrupted(PeerException why) {
                    told.add(why);
                    throw new AssertionError("as the test wants");
                  }
                });
    assertThat(told.poll(3, TimeUnit.SECONDS)).isNotNull();
    assertThat(told.poll(3, TimeUnit.SECONDS)).isNotNull();
    assertThatThrownBy(() -> watch.synced().get(3, TimeUnit.SECONDS))
        .hasCauseInstanceOf(PeerException.class);
    network.start(1);
    await().atMost(Duration.ofSeconds(10)).until(() -> watch.instances().isEmpty());
  }

  /** A channel whose calls fail with what is thrown, as an interceptor of a host's may. */
  private static final class Throwing extends Channel {
    private final Channel channel;
    private final Supplier<Throwable> fault;
    private final boolean atStart;

    Throwing(Channel channel, Supplier<Throwable> fault, boolean atStart) {
      this.channel = channel;
      this.fault = fault;
      this.atStart = atStart;
    }

    @Override
    public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
      if (!atStart) {
        throw raised(fault.get());
      }
      return new SimpleForwardingClientCall<>(channel.newCall(method, options)) {
        @Override
        public void start(Listener<A> listener, Metadata headers) {
          throw raised(fault.get());
        }
      };
    }

    @Override
    public String authority() {
      return channel.authority();
    }
  }

  @ParameterizedTest
  @MethodSource("faults")
  void whatIsThrownWhenACallIsOpened_endsItAtOnce_withItsCause(Supplier<Throwable> fault)
      throws Exception {
    ManagedChannel channel = StandInNetwork.open(StandInNetwork.endpoint(1)).build();
    opened.add(channel::shutdownNow);
    for (boolean atStart : new boolean[] {false, true}) {
      DiscoveryClient client =
          DiscoveryClient.builder().channel(new Throwing(channel, fault, atStart)).build();
      opened.add(client);
      for (Form form : forms().toList()) {
        assertThat(new Calling(() -> form.blocking.accept(client)).thrown())
            .as("%s", form)
            .isInstanceOf(PeerException.class)
            .hasCauseInstanceOf(fault.get().getClass());
        assertThatThrownBy(() -> form.async.apply(client).get(3, TimeUnit.SECONDS))
            .as("%s", form)
            .hasCauseInstanceOf(PeerException.class)
            .hasRootCauseInstanceOf(fault.get().getClass());
      }
    }
  }

  @Test
  void whatACallerDoesWithAFuture_mayBlock() throws Exception {
    StandInNetwork.Node node = network.start(1);
    DiscoveryClient client = client(1);
    CompletableFuture<Integer> chained =
        client
            .watchAsync("orders")
            .thenApply(watch -> client.register(ORDERS))
            .thenApply(lease -> client.resolve("orders").size());
    assertThat(chained.get(5, TimeUnit.SECONDS)).isOne();
    node.silent = true;
    // What fails by the client's own timer, too.
    CompletableFuture<Integer> late =
        client
            .watchAsync("billing", Duration.ofMillis(20))
            .handle(
                (watch, error) ->
                    client
                        .registerAsync(ORDERS, Duration.ofMillis(20))
                        .handle((lease, again) -> 1)
                        .join());
    assertThat(late.get(3, TimeUnit.SECONDS)).isOne();
  }

  @ParameterizedTest
  @MethodSource("forms")
  void aCallTakesNoLongerThanItsLimit_andWhatItBeganEnds(Form form) throws Exception {
    StandInNetwork.Node node = network.start(1);
    node.silent = true;
    DiscoveryClient client =
        DiscoveryClient.builder()
            .channels(StandInNetwork::open)
            .via(node.endpoint)
            .timeout(SHORT)
            .build();
    opened.add(client);
    Throwable blocking = new Calling(() -> form.blocking.accept(client)).thrown();
    Throwable async =
        catchThrowable(() -> form.async.apply(client).get(3, TimeUnit.SECONDS)).getCause();
    for (Throwable each : new Throwable[] {blocking, async}) {
      assertThat(each).isInstanceOf(PeerException.class).hasMessageContaining("within 50 ms");
      if (!form.name.matches("watch|register")) {
        assertThat(each).hasMessageContaining("no answer from [10.9.0.1:7400]");
      }
      assertThat(((PeerException) each).outcome())
          .isInstanceOfSatisfying(
              Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.TIMEOUT));
    }
    await().atMost(AT_ONCE).until(() -> node.underWay.get() == 0);
  }

  @Test
  void registering_saysWhatItWaitedFor_andIsWithdrawn() throws Exception {
    StandInNetwork.Node node = network.start(1);
    node.unpublished = "connection refused";
    DiscoveryClient client = client(1);
    assertThatThrownBy(() -> client.register(ORDERS, SHORT))
        .isInstanceOf(PeerException.class)
        .hasMessage(
            "registering orders failed: TIMEOUT: 10.0.0.5:8080 was not published (connection"
                + " refused) within 50 ms");
    await().atMost(AT_ONCE).until(() -> node.underWay.get() == 0);
    assertThatThrownBy(() -> client.registerAsync(ORDERS, SHORT).get(3, TimeUnit.SECONDS))
        .hasMessageContaining("connection refused");
    assertThatThrownBy(() -> client.watch("orders", Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("timeout: must be 1 ms to 24 h");
    for (Duration bound : new Duration[] {Duration.ofMillis(1), Duration.ofHours(24)}) {
      assertThat(Waiting.checkLimit(bound)).isEqualTo(bound);
    }
    assertThatThrownBy(() -> DiscoveryClient.builder().timeout(Duration.ofDays(2)))
        .hasMessageContaining("timeout: must be 1 ms to 24 h");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aStreamForWhichNoNodeHasRoom_isOverAtOnce(int nodes) throws Exception {
    int[] numbers = new int[nodes];
    List<StandInNetwork.Node> all = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      numbers[i] = i + 1;
      StandInNetwork.Node node = network.start(i + 1);
      node.room = 0;
      all.add(node);
    }
    DiscoveryClient client = client(numbers);
    BlockingQueue<PeerException> refused = new LinkedBlockingQueue<>();
    client.watch(
        "orders",
        new Watch.Listener() {
          @Override
          public void changed(Change change) {}

          @Override
          public void refused(PeerException why) {
            refused.add(why);
          }
        });
    client.register(
        ORDERS,
        new Lease.Listener() {
          @Override
          public void changed(Lease.State state) {}

          @Override
          public void refused(PeerException why) {
            refused.add(why);
          }
        });
    for (int i = 0; i < 2; i++) {
      PeerException why = refused.poll(3, TimeUnit.SECONDS);
      assertThat(why).hasMessageContaining("no room for another stream");
      assertThat(((Refusal) why.outcome()).reason()).isEqualTo(Refusal.Reason.FULL);
    }
    assertThatThrownBy(() -> client.watch("orders")).hasMessageContaining("no room");
    assertThatThrownBy(() -> client.register(ORDERS)).hasMessageContaining("no room");
    int asked = all.stream().mapToInt(node -> node.refused.get()).sum();
    assertThat(asked).isEqualTo(4 * nodes);
  }

  /** It was there, so it is not given up for want of room at the moment. */
  @Test
  void aLeaseThatWasThere_goesOnTrying_whenThereIsNoRoom() throws Exception {
    StandInNetwork.Node node = network.start(1);
    DiscoveryClient client = client(1);
    BlockingQueue<Lease.State> states = new LinkedBlockingQueue<>();
    Lease lease = client.register(ORDERS, states::add);
    assertThat(states.poll(3, TimeUnit.SECONDS).published()).isTrue();
    node.kill();
    StandInNetwork.Node crowded = network.start(1, 0);
    await().until(() -> crowded.refused.get() > 1);
    crowded.room = 1;
    await().atMost(Duration.ofSeconds(10)).until(() -> lease.state().published());
  }

  @Test
  void aResolversWatch_goesOn_whenThereIsNoRoomYet() throws Exception {
    StandInNetwork.Node node = network.start(1, 0);
    Watch watch = client(1).watchAlways("orders", instance -> true, change -> {});
    await().until(() -> node.refused.get() > 1);
    node.room = 1;
    network.put("orders", "10.0.0.6:1", 7);
    await().atMost(Duration.ofSeconds(10)).until(() -> watch.instances().size() == 1);
  }

  @Test
  void aClientCanBeClosed_byItsOwnListener_andTwice() throws Exception {
    StandInNetwork.Node node = network.start(1);
    DiscoveryClient client = client(1);
    CompletableFuture<Boolean> closed = new CompletableFuture<>();
    client.watch(
        "orders",
        change -> {
          client.close();
          closed.complete(true);
        });
    assertThat(closed.get(3, TimeUnit.SECONDS)).isTrue();
    client.close();
    await().atMost(AT_ONCE).until(() -> node.underWay.get() == 0);
  }

  /** What a class says in the log from now on. */
  private ListAppender<ILoggingEvent> log(Class<?> of) {
    Logger logger = (Logger) LoggerFactory.getLogger(of);
    ListAppender<ILoggingEvent> said = new ListAppender<>();
    said.start();
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    logger.addAppender(said);
    opened.add(
        () -> {
          logger.setLevel(null);
          logger.setAdditive(true);
          logger.detachAppender(said);
        });
    return said;
  }

  private DiscoveryClient timed(ManualTimer timer) {
    DiscoveryClient client =
        DiscoveryClient.builder()
            .channels(StandInNetwork::open)
            .via(StandInNetwork.endpoint(1))
            .timer(timer)
            .build();
    opened.add(client);
    return client;
  }

  /** From then on a stream that goes on for a second counts as one that has lasted. */
  private static void awaitFirstWord(ManualTimer timer) {
    await().until(() -> timer.next().equals(Optional.of(KeptStream.LASTED)));
  }

  private static final String WAITS =
      "registering orders goes on for at most 30 s: 10.0.0.5:8080 was not published"
          + " (connection refused) yet";

  @Test
  void aFuture_saysOnceInTheLogWhatItWaitsFor_andFailsInTime() throws Exception {
    StandInNetwork.Node node = network.start(1);
    node.unpublished = "connection refused";
    ListAppender<ILoggingEvent> said = log(Waiting.class);
    ManualTimer timer = new ManualTimer();
    CompletableFuture<Lease> future = timed(timer).registerAsync(ORDERS);
    awaitFirstWord(timer);
    timer.pass(Waiting.QUIET.minusNanos(1));
    assertThat(said.list).isEmpty();
    timer.pass(Duration.ofNanos(1));
    assertThat(said.list).extracting(ILoggingEvent::getFormattedMessage).containsExactly(WAITS);
    timer.pass(Duration.ofSeconds(27).minusNanos(1));
    assertThat(said.list).hasSize(1);
    assertThat(node.underWay).hasValue(1);
    timer.pass(Duration.ofNanos(1));
    assertThatThrownBy(() -> future.get(3, TimeUnit.SECONDS))
        .hasMessageContaining("was not published (connection refused) within 30 s");
    assertThat(timer.next()).isEmpty();
  }

  @Test
  void aCallThatBlocks_saysOnceInTheLogWhatItWaitsFor() throws Exception {
    network.start(1).unpublished = "connection refused";
    ListAppender<ILoggingEvent> said = log(Waiting.class);
    ManualTimer timer = new ManualTimer();
    DiscoveryClient client = timed(timer);
    Calling calling = new Calling(() -> client.register(ORDERS));
    awaitFirstWord(timer);
    timer.pass(Waiting.QUIET);
    assertThat(said.list).extracting(ILoggingEvent::getFormattedMessage).containsExactly(WAITS);
    calling.thread.interrupt();
    assertThat(calling.thrown()).hasMessageContaining("interrupted");
    assertThat(timer.next()).isEmpty();
  }

  @Test
  void anAnswerInTime_leavesNothingToTheTimer_norToTheLog() throws Exception {
    network.start(1);
    ListAppender<ILoggingEvent> said = log(Waiting.class);
    ManualTimer timer = new ManualTimer();
    DiscoveryClient client = timed(timer);
    client.resolve("orders");
    client.resolveAsync("orders").get(3, TimeUnit.SECONDS);
    client.register(ORDERS);
    client.watchAsync("orders").get(3, TimeUnit.SECONDS);
    timer.pass(KeptStream.LASTED);
    await().until(() -> timer.next().isEmpty());
    timer.pass(Duration.ofDays(1));
    assertThat(said.list).isEmpty();
  }

  @Test
  void aRegistrationWithoutAListener_saysInTheLogThatItIsWithdrawn_andBack() {
    ListAppender<ILoggingEvent> said = log(LeaseLog.class);
    LeaseLog lease = new LeaseLog(ORDERS);
    lease.changed(new Lease.State(false, 0, "not yet"));
    lease.changed(new Lease.State(true, 1, ""));
    lease.changed(new Lease.State(true, 2, ""));
    assertThat(said.list).isEmpty();
    lease.changed(new Lease.State(false, 0, "connection refused"));
    lease.changed(new Lease.State(false, 0, "still"));
    lease.changed(new Lease.State(true, 1, ""));
    lease.changed(new Lease.State(true, 1, ""));
    lease.changed(new Lease.State(false, 0, "again"));
    assertThat(said.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(
            "orders at 10.0.0.5:8080 is no longer published, the lease goes on: connection refused",
            "orders at 10.0.0.5:8080 is published again",
            "orders at 10.0.0.5:8080 is no longer published, the lease goes on: again");
  }

  /** As without a provider of SLF4J. */
  @Test
  void whatAListenerThrows_goesToTheThreadsHandler_whereThereIsNoLog() throws Exception {
    log(HostCode.class);
    ((Logger) LoggerFactory.getLogger(HostCode.class)).setLevel(Level.OFF);
    CompletableFuture<Throwable> uncaught = new CompletableFuture<>();
    Throwable fault = new AssertionError("as the test wants");
    Thread thread =
        new Thread(
            () ->
                HostCode.run(
                    "a listener",
                    () -> {
                      throw raised(fault);
                    }));
    thread.setUncaughtExceptionHandler((where, error) -> uncaught.complete(error));
    thread.start();
    assertThat(uncaught.get(3, TimeUnit.SECONDS)).isSameAs(fault);
  }

  @Test
  void whatAListenerThrows_isLogged_butErrorsOfTheMachinePass() {
    ListAppender<ILoggingEvent> said = log(HostCode.class);
    HostCode.run(
        "a listener",
        () -> {
          throw raised(new AssertionError("as the test wants"));
        });
    assertThat(said.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly("a listener threw; the library goes on");
    assertThatThrownBy(
            () ->
                HostCode.run(
                    "a listener",
                    () -> {
                      throw raised(new StackOverflowError());
                    }))
        .isInstanceOf(StackOverflowError.class);
  }

  @Test
  void aWaitThatIsNoLongerThanTheQuiet_saysNothing() throws Exception {
    network.start(1).unpublished = "connection refused";
    ListAppender<ILoggingEvent> said = log(Waiting.class);
    ManualTimer timer = new ManualTimer();
    CompletableFuture<Lease> future = timed(timer).registerAsync(ORDERS, Waiting.QUIET);
    timer.pass(Waiting.QUIET);
    assertThatThrownBy(() -> future.get(3, TimeUnit.SECONDS)).hasMessageContaining("within 3 s");
    assertThat(said.list).isEmpty();
  }

  @Test
  void whatIsPublishedAlready_isSaidAtOnce() throws Exception {
    network.start(1);
    assertThat(client(1).register(ORDERS).published()).isDone();
  }

  @Test
  void aNodeThatDoesNotServeApplications_isSaidToBeOne() throws Exception {
    Server peers =
        InProcessServerBuilder.forName("discovery " + StandInNetwork.endpoint(1)).build().start();
    opened.add(peers::shutdownNow);
    assertThatThrownBy(() -> client(1).resolve("orders"))
        .hasMessageContainingAll("NOT_SERVING", "--api");
    assertThatThrownBy(() -> client(1).register(ORDERS))
        .hasMessageContainingAll("NOT_SERVING", "--api");
  }

  @Test
  void anAnswerThatBreaksARule_isNone() throws Exception {
    StandInNetwork.Node node = network.start(1);
    node.nonsense = true;
    network.put("orders", "10.0.0.6:1", 7);
    for (String question : new String[] {"resolve", "watch"}) {
      assertThatThrownBy(
              () -> {
                if (question.equals("resolve")) {
                  client(1).resolve("orders");
                } else {
                  client(1).watch("orders");
                }
              })
          .hasMessageContainingAll("INVALID_ANSWER", "10.9.0.1:7400");
    }
    await().atMost(AT_ONCE).until(() -> node.underWay.get() == 0);
  }

  /** A call that was made and could not be started is not left behind. */
  @Test
  void aStreamThatCannotBeOpened_isCancelled() throws Exception {
    network.start(1);
    List<String> cancelled = Collections.synchronizedList(new ArrayList<>());
    ManagedChannel channel = StandInNetwork.open(StandInNetwork.endpoint(1)).build();
    opened.add(channel::shutdownNow);
    Channel throwing =
        ClientInterceptors.intercept(
            channel,
            new ClientInterceptor() {
              @Override
              public <Q, A> ClientCall<Q, A> interceptCall(
                  MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
                return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                  @Override
                  public void sendMessage(Q message) {
                    throw new IllegalStateException("as the test wants");
                  }

                  @Override
                  public void cancel(@Nullable String why, @Nullable Throwable cause) {
                    cancelled.add(String.valueOf(why));
                    super.cancel(why, cause);
                  }
                };
              }
            });
    DiscoveryClient client = DiscoveryClient.builder().channel(throwing).build();
    opened.add(client);
    assertThatThrownBy(() -> client.watch("orders"))
        .hasCauseInstanceOf(IllegalStateException.class);
    await().until(() -> cancelled.contains("it could not be opened"));
  }
}
