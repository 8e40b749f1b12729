package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.node.InstanceCheck;
import dev.peerdiscovery.node.Limits;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.node.PeerNodeBuilder;
import dev.peerdiscovery.proto.discovery.v1.DiscoveryServiceGrpc;
import dev.peerdiscovery.proto.discovery.v1.ResolveRequest;
import dev.peerdiscovery.proto.discovery.v1.ResolveResponse;
import dev.peerdiscovery.proto.discovery.v1.WatchRequest;
import dev.peerdiscovery.proto.discovery.v1.WatchResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What real nodes answer when those that keep a service's records are busy, or out of reach. */
class NotKnownTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int CALLS_OF_A_CONNECTION = 60;

  private final LoopbackTransport transport = new LoopbackTransport("127.0.0.1");
  private final List<Fleet.Running> nodes = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final SplittableRandom random = new SplittableRandom(seed());

  private static long seed() {
    long seed = Long.getLong("seed", System.nanoTime());
    Fleet.say("seed " + seed);
    return seed;
  }

  @AfterEach
  void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    nodes.parallelStream().forEach(Fleet.Running::kill);
  }

  private Fleet.Running start(Limits limits) throws Exception {
    PeerNodeBuilder builder = PeerNode.builder().id(NodeId.random(random)).limits(limits);
    if (!nodes.isEmpty()) {
      builder.bootstrap(nodes.get(random.nextInt(nodes.size())).endpoint());
    }
    Fleet.Running started = transport.start(builder);
    nodes.add(started);
    started.node().ready().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    return started;
  }

  private DiscoveryServiceGrpc.DiscoveryServiceStub stub(Fleet.Running node) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", node.endpoint().port()).usePlaintext().build();
    channels.add(channel);
    return DiscoveryServiceGrpc.newStub(channel);
  }

  private static ResolveRequest orders() {
    return ResolveRequest.newBuilder().setService("orders").build();
  }

  /** How calls at a rate ended. */
  private static final class Outcome {
    final AtomicInteger named = new AtomicInteger();
    final AtomicInteger empty = new AtomicInteger();
    final Map<String, Integer> refused = new ConcurrentHashMap<>();
    final Phaser underWay = new Phaser(1);
    final Semaphore places;

    Outcome(int places) {
      this.places = new Semaphore(places);
    }

    void ask(DiscoveryServiceGrpc.DiscoveryServiceStub stub) {
      underWay.register();
      stub.withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
          .resolve(
              orders(),
              new StreamObserver<>() {
                @Override
                public void onNext(ResolveResponse answer) {
                  (answer.getInstancesCount() == 0 ? empty : named).incrementAndGet();
                }

                @Override
                public void onError(Throwable error) {
                  refused.merge(reason(error), 1, Integer::sum);
                  onCompleted();
                }

                @Override
                public void onCompleted() {
                  places.release();
                  underWay.arriveAndDeregister();
                }
              });
    }

    @Override
    public String toString() {
      return named + " named the instance, " + empty + " empty, refused " + refused;
    }
  }

  private static String reason(Throwable error) {
    com.google.rpc.Status status = StatusProto.fromThrowable(error);
    try {
      for (Any detail : status == null ? List.<Any>of() : status.getDetailsList()) {
        if (detail.is(ErrorInfo.class)) {
          return detail.unpack(ErrorInfo.class).getReason();
        }
      }
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
    return "none: " + Status.fromThrowable(error);
  }

  /**
   * Asks for two seconds, over several connections, which have at most 240 calls under way.
   *
   * @param perSecond how often; 0 for as fast as it goes
   */
  private Outcome ask(Fleet.Running node, int perSecond) {
    List<DiscoveryServiceGrpc.DiscoveryServiceStub> stubs = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      stubs.add(stub(node));
    }
    Outcome outcome = new Outcome(stubs.size() * CALLS_OF_A_CONNECTION);
    long began = System.nanoTime();
    for (int i = 0; System.nanoTime() - began < TimeUnit.SECONDS.toNanos(2); i++) {
      long due = perSecond == 0 ? began : began + i * TimeUnit.SECONDS.toNanos(1) / perSecond;
      for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
        LockSupport.parkNanos(wait);
      }
      outcome.places.acquireUninterruptibly();
      outcome.ask(stubs.get(i % stubs.size()));
    }
    outcome.underWay.arriveAndAwaitAdvance();
    Fleet.say("at " + rate(perSecond) + ": " + outcome);
    return outcome;
  }

  private static String rate(int perSecond) {
    return perSecond == 0 ? "full speed" : perSecond + " a second";
  }

  @Test
  void noAnswerIsEmpty_whileAnInstanceIsThere_howeverManyAsk() throws Exception {
    Fleet.Running asked = amongHolders(Limits.defaults());
    for (int perSecond : new int[] {400, 2_000, 0}) {
      Outcome outcome = ask(asked, perSecond);
      assertNoneIsEmpty(outcome);
      assertThat(outcome.named.get()).isPositive();
    }
  }

  @Test
  void noAnswerIsEmpty_whereHoldersRefuseForLoad() throws Exception {
    // Fewer calls a second than one service is looked for.
    Fleet.Running asked =
        amongHolders(Limits.defaults().toBuilder().callsPerSecondPerPeer(20).build());
    Outcome outcome = ask(asked, 400);
    assertNoneIsEmpty(outcome);
    assertThat(outcome.refused).containsKey("REGION_UNREACHABLE");
  }

  private static void assertNoneIsEmpty(Outcome outcome) {
    assertThat(outcome.empty).as(outcome.toString()).hasValue(0);
    assertThat(outcome.refused.keySet()).allMatch(reason -> !reason.startsWith("none"));
  }

  /** A node among thirteen that keep the record of an instance; it joined later and keeps none. */
  private Fleet.Running amongHolders(Limits limits) throws Exception {
    for (int i = 0; i < 13; i++) {
      start(limits);
    }
    nodes
        .get(3)
        .node()
        .services()
        .register(
            "orders",
            new Endpoint("127.0.0.1", 8080),
            Map.of(),
            Duration.ofSeconds(90),
            InstanceCheck.NONE)
        .published()
        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    return start(Limits.defaults());
  }

  @Test
  void aNodeThatIsCutOff_saysThatItDoesNotKnow() throws Exception {
    for (int i = 0; i < 3; i++) {
      start(Limits.defaults());
    }
    Fleet.Running alone = nodes.remove(2);
    nodes.forEach(Fleet.Running::kill);
    nodes.clear();
    nodes.add(alone);

    StatusRuntimeException refused =
        catchThrowableOfType(StatusRuntimeException.class, () -> blocking(alone).resolve(orders()));
    assertUnknown(refused);

    Iterator<WatchResponse> told =
        blocking(alone).watch(WatchRequest.newBuilder().setService("orders").build());
    WatchResponse first = told.next();
    assertThat(first.getPresentList()).isEmpty();
    assertThat(first.getSynced()).isFalse();
    assertUnknown(catchThrowableOfType(StatusRuntimeException.class, told::next));

    PeerProcess resolve =
        PeerProcess.start("resolve", "orders", "--via", alone.endpoint().toString());
    assertThat(resolve.exitCode()).as(resolve.err()).isEqualTo(5);
    assertThat(resolve.err()).contains("REGION_UNREACHABLE");
  }

  private DiscoveryServiceGrpc.DiscoveryServiceBlockingStub blocking(Fleet.Running node) {
    return DiscoveryServiceGrpc.newBlockingStub(stub(node).getChannel())
        .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private static void assertUnknown(StatusRuntimeException refused) throws Exception {
    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(reason(refused)).isEqualTo("REGION_UNREACHABLE");
    List<Any> details = StatusProto.fromThrowable(refused).getDetailsList();
    assertThat(details).anyMatch(detail -> detail.is(RetryInfo.class));
  }
}
