package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.peerdiscovery.client.Caller;
import dev.peerdiscovery.client.ChannelLimits;
import dev.peerdiscovery.core.engine.Engine;
import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.engine.EngineStatus;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.proto.PeerMethods;
import dev.peerdiscovery.proto.RecordCodec;
import io.grpc.Attributes;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DriverTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Network NETWORK =
      Network.of("default", IdentityMode.ASSIGNED, Scope.PRIVATE);
  private static final AddressPolicy POLICY = AddressPolicy.of(Scope.PRIVATE, false);

  private final ScheduledThreadPoolExecutor pool = new ScheduledThreadPoolExecutor(1);
  private final Counters counters = new Counters();
  private final Clock clock = new Clock();
  private final List<Event> events = new CopyOnWriteArrayList<>();
  private final Caller caller =
      Caller.over(
          to -> InProcessChannelBuilder.forName("nobody at " + to),
          new PeerMethods(NETWORK),
          POLICY,
          ChannelLimits.defaults());
  private final Engine engine =
      new Engine(
          EngineConfig.defaults(),
          NodeId.of(0),
          NETWORK,
          1,
          List.of(new Endpoint("10.0.0.1", 7400)),
          RecordCodec.unsigned(),
          RecordVerifier.assigned("default", POLICY),
          new SplittableRandom(1),
          new SplittableRandom(2),
          clock.nowNanos());
  private final Driver driver = driver(events::add);

  private Driver driver(Consumer<Event> observer) {
    Consumer<Event> failing =
        event -> {
          throw new IllegalStateException("on purpose");
        };
    return new Driver(
        engine,
        caller,
        clock,
        pool,
        List.of(failing, observer),
        (local, owned, now) -> {},
        check -> {},
        counters);
  }

  @AfterEach
  void stop() {
    driver.stop();
    caller.close();
    pool.shutdownNow();
  }

  private <T> T asked(CompletableFuture<T> answer) throws Exception {
    return answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private void advertise() throws Exception {
    asked(
        driver.ask(
            now -> {
              engine.advertise(List.of(new Endpoint("10.0.0.9", 7400)), now);
              return true;
            }));
  }

  @Test
  void ask_answersWithWhatCameOfIt() throws Exception {
    EngineStatus status = asked(driver.ask(now -> engine.status()));
    assertThat(status.state()).isEqualTo(EngineStatus.State.STARTING);
    assertThatThrownBy(
            () ->
                asked(
                    driver.ask(
                        now -> {
                          throw new IllegalArgumentException("on purpose");
                        })))
        .hasRootCauseMessage("on purpose");
    int one = asked(driver.ask(now -> 1));
    assertThat(one).isEqualTo(1);
  }

  @Test
  void requests_areAnsweredAsTheEngineStands() throws Exception {
    PingRequest ping =
        new PingRequest(
            NETWORK,
            Optional.empty(),
            Optional.empty(),
            new Endpoint("10.0.0.9", 7400),
            Bytes.EMPTY);
    assertThat(driver.responder().answer(ping, Optional.empty())).isInstanceOf(Refusal.class);
    advertise();
    await()
        .atMost(PATIENCE)
        .until(() -> driver.responder().answer(ping, Optional.empty()) instanceof PingResponse);
  }

  /** The first observer throws at everything. */
  @Test
  void failingObserver_keepsNobodyFromBeingTold() throws Exception {
    advertise();
    await()
        .atMost(PATIENCE)
        .until(() -> events.stream().anyMatch(Event.JoinEnded.class::isInstance));
    assertThat(events).anyMatch(Event.SelfChanged.class::isInstance);
  }

  /** Nobody is at the seed, so only the timer leads to a second call. */
  @Test
  void timer_wakesTheEngine() throws Exception {
    advertise();
    await().atMost(PATIENCE).until(() -> asked(driver.ask(now -> engine.status().calls())) >= 2);
  }

  @Test
  void mailbox_isBounded() throws Exception {
    CountDownLatch owned = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    CompletableFuture<Boolean> busy =
        driver.ask(
            now -> {
              owned.countDown();
              try {
                return release.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
              }
            });
    owned.await();
    for (int i = 0; i < 3000; i++) {
      driver.answered(requestOf(stranger(i)), Attributes.EMPTY);
    }
    release.countDown();
    assertThat(asked(busy)).isTrue();
    assertThat(counters.counts()).containsEntry("mailbox.dropped", 3000L - 1024);
    advertise();
    driver.answered(requestOf(stranger(1)), Attributes.EMPTY);
    assertThat(counters.counts()).containsEntry("mailbox.dropped", 3000L - 1024);
  }

  private static FindNodeRequest requestOf(SignedPeerRecord caller) {
    return new FindNodeRequest(
        Network.of("default", IdentityMode.ASSIGNED, Scope.PRIVATE),
        Optional.of(caller),
        Optional.empty(),
        NodeId.ZERO);
  }

  private static SignedPeerRecord stranger(int number) {
    return RecordCodec.unsigned()
        .sign(
            new PeerRecord(
                NodeId.of(number + 1), List.of(new Endpoint("10.0.1.1", 7400)), 1, "default"));
  }

  @Test
  void stopped_takesNothingMore() throws Exception {
    advertise();
    driver.stop();
    assertThat(driver.ask(now -> 1)).isCompletedExceptionally();
    driver.answered(requestOf(stranger(1)), Attributes.EMPTY);
    assertThat(counters.counts()).doesNotContainKey("mailbox.dropped");
  }

  /** What peers ask for gets its refusal from the engine, which still answers. */
  @Test
  void leaving_refusesWhatApplicationsAskFor_andGoesOn() throws Exception {
    advertise();
    assertThat(driver.submit(now -> {})).isEmpty();
    driver.leaving();
    assertThat(driver.isLeaving()).isTrue();
    assertThat(driver.submit(now -> {}).orElseThrow().reason())
        .isEqualTo(Refusal.Reason.NOT_SERVING);
    int one = asked(driver.ask(now -> 1));
    assertThat(one).isEqualTo(1);
  }

  /** Whatever fails in a turn keeps the rest of it from nothing. */
  @Test
  void anErrorInATurn_isTheAskersOwn() throws Exception {
    assertThatThrownBy(
            () ->
                asked(
                    driver.ask(
                        now -> {
                          engine.advertise(List.of(new Endpoint("10.0.0.9", 7400)), now);
                          throw new StackOverflowError("on purpose");
                        })))
        .hasCauseInstanceOf(StackOverflowError.class);
    driver.post(
        now -> {
          throw new AssertionError("on purpose");
        });
    await()
        .atMost(PATIENCE)
        .until(() -> events.stream().anyMatch(Event.JoinEnded.class::isInstance));
  }

  /** Its turn may never come. */
  @Test
  void whatIsAskedOfAStoppedDriver_fails() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    pool.execute(
        () -> {
          try {
            release.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    CompletableFuture<Integer> asked = driver.ask(now -> 1);
    driver.stop();
    assertThatThrownBy(() -> asked(asked)).hasRootCauseMessage("the node is closed");
    release.countDown();
  }

  @Test
  void threadsThatAreGone_failWhatIsAsked() {
    pool.shutdownNow();
    assertThat(driver.ask(now -> 1)).isCompletedExceptionally();
  }
}
