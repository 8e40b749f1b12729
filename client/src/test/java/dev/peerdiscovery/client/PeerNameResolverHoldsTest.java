package dev.peerdiscovery.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.record.Endpoint;
import io.grpc.Attributes;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.Status;
import io.grpc.StatusOr;
import io.grpc.SynchronizationContext;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** For how long a channel keeps what it was told last: in a time that the test advances. */
class PeerNameResolverHoldsTest {
  private static final Duration TICK = Duration.ofMillis(1);
  private static final Instance A = instance(1);
  private static final Instance B = instance(2);

  private final FakeTimer timer = new FakeTimer();
  private final Channel channel = new Channel();
  private final Node node = new Node();
  private PeerNameResolver resolver;

  /** What a channel hears, and how often. */
  private static final class Channel extends NameResolver.Listener2 {
    final List<StatusOr<List<EquivalentAddressGroup>>> told = new ArrayList<>();

    @Override
    public Status onResult2(NameResolver.ResolutionResult result) {
      assertThat(result.getServiceConfig()).as("the channel's own config holds").isNull();
      told.add(result.getAddressesOrError());
      return Status.OK;
    }

    @Override
    public void onResult(NameResolver.ResolutionResult result) {
      throw new AssertionError("onResult2 is what a channel is told by");
    }

    @Override
    public void onError(Status error) {
      throw new AssertionError("onResult2 is what a channel is told by");
    }

    StatusOr<List<EquivalentAddressGroup>> last() {
      return told.get(told.size() - 1);
    }

    int ports() {
      return last().getValue().size();
    }
  }

  /** Where the watch comes from. */
  private static final class Node implements PeerNameResolver.Source {
    Optional<Watch.Listener> listener = Optional.empty();
    Optional<Predicate<Instance>> accepted = Optional.empty();
    Optional<Throwable> fails = Optional.empty();
    boolean closed;

    @Override
    public void watch(String service, Predicate<Instance> passes, Watch.Listener to) {
      assertThat(service).isEqualTo("orders");
      fails.ifPresent(Node::raise);
      listener = Optional.of(to);
      accepted = Optional.of(passes);
    }

    private static void raise(Throwable failure) {
      if (failure instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) failure;
    }

    @Override
    public void closeNow() {
      closed = true;
    }

    void says(boolean snapshot, Instance... instances) {
      listener
          .orElseThrow()
          .changed(new Change(List.of(instances), List.of(), List.of(), List.of(), snapshot));
    }

    void isLost() {
      listener
          .orElseThrow()
          .interrupted(
              PeerException.of(
                  "watching orders", new Failure(Failure.Kind.UNREACHABLE, "all are gone")));
    }
  }

  private static Instance instance(int number) {
    return new Instance(
        new Endpoint("10.0.0." + number, 8080), Map.of(), NodeId.of(number), Duration.ZERO);
  }

  @BeforeEach
  void create() {
    resolver = create("peer:///orders");
  }

  private PeerNameResolver create(String target) {
    NameResolver.Args args =
        NameResolver.Args.newBuilder()
            .setDefaultPort(443)
            .setProxyDetector(address -> null)
            .setSynchronizationContext(
                new SynchronizationContext(
                    (thread, error) -> {
                      throw new AssertionError(error);
                    }))
            .setServiceConfigParser(
                new NameResolver.ServiceConfigParser() {
                  @Override
                  public NameResolver.ConfigOrError parseServiceConfig(Map<String, ?> raw) {
                    throw new AssertionError("there is no config to parse");
                  }
                })
            .setScheduledExecutorService(timer)
            .build();
    return new PeerNameResolver(
        PeerTarget.parse(URI.create(target), name -> Optional.empty()), node, args, timer.ticker());
  }

  private void isServedFor(Duration time, String then) {
    int before = channel.told.size();
    timer.advance(time.minus(TICK));
    assertThat(channel.told).as("until the hold is over").hasSize(before);
    timer.advance(TICK);
    isTold(then);
    // The policy gets an address at which nothing is, and then the error.
    assertThat(channel.told).hasSize(before + 2);
    assertThat(channel.told.get(before).getValue())
        .singleElement()
        .satisfies(
            group ->
                assertThat(group.getAddresses())
                    .singleElement()
                    .hasToString("service orders has no instance"));
  }

  private void isTold(String error) {
    assertThat(channel.last().hasValue()).isFalse();
    assertThat(channel.last().getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(channel.last().getStatus().getDescription())
        .startsWith("service orders: ")
        .contains(error);
  }

  @ParameterizedTest
  @CsvSource({"true,15", "false,1"})
  void theLastList_isServed_whenItsInstancesAreGone(boolean snapshot, int seconds) {
    resolver.start(channel);
    node.says(true, A, B);
    assertThat(channel.ports()).isEqualTo(2);
    node.says(snapshot);
    isServedFor(Duration.ofSeconds(seconds), "no instance is registered");
    assertThat(timer.waiting()).isZero();
  }

  @Test
  void theLastList_isServedForTenMinutes_whileNoNodeKnows() {
    resolver.start(channel);
    node.says(true, A);
    node.isLost();
    timer.advance(Duration.ofMinutes(4));
    // That all were tried again makes it no longer.
    node.isLost();
    isServedFor(Duration.ofMinutes(6), "all are gone");
  }

  @Test
  void callsWaitTenSeconds_forTheFirstAnswer() {
    resolver.start(channel);
    timer.advance(Duration.ofSeconds(10).minus(TICK));
    assertThat(channel.told).isEmpty();
    timer.advance(TICK);
    isTold("no node has answered yet");
    assertThat(channel.told).as("there is no list to be taken back").hasSize(1);
    node.says(true, A);
    assertThat(channel.ports()).isOne();
  }

  @Test
  void anErrorComesAtOnce_whereThereIsNoList() {
    resolver.start(channel);
    node.isLost();
    isTold("all are gone");
    assertThat(timer.waiting()).isZero();
    node.isLost();
    assertThat(channel.told).as("the same is not said again").hasSize(1);
    node.says(true);
    isTold("no instance is registered");
  }

  @Test
  void ofTwoHolds_theOneThatEndsFirstCounts() {
    resolver.start(channel);
    node.says(true, A);
    node.isLost();
    timer.advance(Duration.ofMinutes(1));
    // A node is back that has not heard of the instances yet, and goes again.
    node.says(true);
    timer.advance(Duration.ofSeconds(5));
    node.isLost();
    isServedFor(Duration.ofSeconds(10), "no instance is registered");
  }

  @Test
  void whatComesBackInTime_wasNeverGone() {
    resolver.start(channel);
    node.says(true, A);
    int told = channel.told.size();
    node.says(false);
    timer.advance(Duration.ofMillis(999));
    node.says(false, A);
    timer.advance(Duration.ofHours(1));
    assertThat(channel.told).hasSize(told);

    node.isLost();
    timer.advance(Duration.ofMinutes(9));
    node.listener.orElseThrow().resumed();
    timer.advance(Duration.ofHours(1));
    assertThat(channel.told).hasSize(told);
    assertThat(timer.waiting()).isZero();
  }

  @Test
  void theListComesBack_whenItsNodeDoes_afterTheHold() {
    resolver.start(channel);
    node.says(true, A);
    node.isLost();
    timer.advance(Duration.ofMinutes(10));
    isTold("all are gone");
    node.listener.orElseThrow().resumed();
    assertThat(channel.ports()).isOne();
  }

  @Test
  void aFailedConnection_toNowhere_hasTheErrorSaidAgain() {
    resolver.start(channel);
    node.says(true);
    resolver.refresh();
    assertThat(channel.told).as("no policy dials nowhere before the first list").hasSize(1);
    node.says(false, A);
    resolver.refresh();
    assertThat(channel.told).as("nor while there is one").hasSize(2);
    node.says(false);
    timer.advance(Duration.ofSeconds(1));
    int told = channel.told.size();
    resolver.refresh();
    assertThat(channel.told).hasSize(told + 1);
    isTold("no instance is registered");
    resolver.shutdown();
    resolver.refresh();
    assertThat(channel.told).hasSize(told + 1);
  }

  @Test
  void afterShutdown_nothingIsTold_andNothingWaits() {
    resolver.start(channel);
    node.says(true, A);
    node.isLost();
    resolver.shutdown();
    assertThat(node.closed).isTrue();
    assertThat(timer.waiting()).isZero();
    int told = channel.told.size();
    node.says(true, B);
    node.isLost();
    timer.advance(Duration.ofHours(1));
    assertThat(channel.told).hasSize(told);
  }

  @Test
  void whatIsThrownAtTheStart_isAnError_andNoCallWaits() {
    for (Throwable thrown :
        List.of(new IllegalStateException("broken"), new NoClassDefFoundError("some/Class"))) {
      node.fails = Optional.of(thrown);
      create("peer:///orders").start(channel);
      isTold("watching it failed: " + thrown);
      assertThat(channel.last().getStatus().getCause()).isSameAs(thrown);
      assertThat(timer.waiting()).isZero();
    }
    node.fails = Optional.of(new OutOfMemoryError("as the test wants"));
    assertThatThrownBy(() -> create("peer:///orders").start(channel))
        .isInstanceOf(OutOfMemoryError.class);
  }

  @Test
  void aRecordThatCameInPlaceOfAnother_isTold() {
    resolver.start(channel);
    node.says(true, A);
    Instance moved = new Instance(A.endpoint(), Map.of("v", "2"), NodeId.of(2), Duration.ZERO, 6);
    node.says(false, moved);
    assertThat(channel.told).hasSize(2);
    Attributes attributes = channel.last().getValue().get(0).getAttributes();
    assertThat(attributes.get(PeerAttributes.METADATA)).containsEntry("v", "2");
    assertThat(attributes.get(PeerAttributes.PUBLISHER)).isEqualTo(NodeId.of(2));
    // When it was registered is nothing to a channel.
    node.says(false, new Instance(A.endpoint(), Map.of("v", "2"), NodeId.of(2), Duration.ZERO, 7));
    assertThat(channel.told).hasSize(2);
  }

  @Test
  void onlyThoseWhoMayProvideIt_pass() {
    create("peer:///orders?providers=2,3").start(channel);
    assertThat(node.accepted.orElseThrow()).accepts(B).rejects(A);
    node.says(true);
    isTold("no instance is registered by the nodes that may provide it");
  }
}
