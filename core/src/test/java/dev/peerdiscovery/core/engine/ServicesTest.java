package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.AddProviderRequest;
import dev.peerdiscovery.core.message.AddProviderResponse;
import dev.peerdiscovery.core.message.GetProvidersRequest;
import dev.peerdiscovery.core.message.GetProvidersResponse;
import dev.peerdiscovery.core.message.HeldProvider;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.message.Reply;
import dev.peerdiscovery.core.message.WatchProvidersRequest;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.ProviderRecord;
import dev.peerdiscovery.core.record.ServiceName;
import dev.peerdiscovery.core.simulation.Invariants;
import dev.peerdiscovery.core.simulation.Newcomer;
import dev.peerdiscovery.core.simulation.Observer;
import dev.peerdiscovery.core.simulation.VirtualNetwork;
import dev.peerdiscovery.core.simulation.VirtualPeer;
import dev.peerdiscovery.core.simulation.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Services in a network of twenty, over the whole of what an application does with them. */
class ServicesTest {
  private static final ServiceName ORDERS = new ServiceName("test", "orders");
  private static final Endpoint AT = new Endpoint("10.1.0.1", 8080);
  private static final Duration TTL = ProviderRecord.MIN_TTL;
  private static final Duration LEASE = Duration.ofHours(1);
  private static final Duration PROMPTLY = Duration.ofSeconds(2);

  private final VirtualNetwork network = new VirtualNetwork(1);
  private final Invariants invariants = new Invariants(network, "ServicesTest");
  private final List<Event> events = new ArrayList<>();
  private List<VirtualPeer> peers = List.of();

  @BeforeEach
  void twenty() {
    network.observe(invariants);
    peers = network.grow(20, EngineConfig.defaults(), new SplittableRandom(1));
    network.run(Duration.ofSeconds(5));
    network.observe(
        new Observer() {
          @Override
          public void told(VirtualPeer peer, Event event) {
            events.add(event);
          }
        });
  }

  private boolean register(VirtualPeer peer, Endpoint at, Map<String, String> metadata) {
    Services services = peer.engine().services();
    boolean registered = services.register(ORDERS, at, metadata, TTL, LEASE, network.nowNanos());
    network.settle(peer);
    return registered;
  }

  private void register(VirtualPeer peer) {
    assertThat(register(peer, AT, Map.of("zone", "a"))).isTrue();
    network.run(PROMPTLY);
  }

  private void watch(VirtualPeer peer) {
    assertThat(peer.engine().services().watch(ORDERS, network.nowNanos())).isTrue();
    network.settle(peer);
    network.run(PROMPTLY);
  }

  private List<Endpoint> watched(VirtualPeer peer) {
    Services.View view = peer.engine().services().view(ORDERS, network.nowNanos()).orElseThrow();
    network.settle(peer);
    return view.providers().stream().map(p -> p.endpoint()).toList();
  }

  /** What the answers so far said, in order. */
  private List<Boolean> truncated() {
    List<Boolean> truncated = new ArrayList<>();
    for (Event event : events) {
      if (event instanceof Event.Resolved resolved) {
        truncated.add(resolved.truncated());
      }
    }
    return truncated;
  }

  private List<Endpoint> resolved(VirtualPeer peer) {
    ResolveId id = peer.engine().services().resolve(ORDERS, network.nowNanos()).orElseThrow();
    network.settle(peer);
    network.run(Duration.ofSeconds(20));
    for (Event event : events) {
      if (event instanceof Event.Resolved resolved && resolved.id().equals(id)) {
        return resolved.providers().stream().map(p -> p.endpoint()).toList();
      }
    }
    throw new AssertionError("no answer");
  }

  @Test
  void whatOneRegisters_everybodyResolves_itselfToo() {
    register(peers.get(0));

    for (VirtualPeer peer : peers) {
      events.clear();
      assertThat(resolved(peer)).as(peer.toString()).containsExactly(AT);
      assertThat(truncated()).containsExactly(false);
    }
  }

  @Tag("slow")
  @Test
  void whatKeepersNameSamplesOf_isNotTruncated_whenAllOfItIsFound() {
    List<Endpoint> all = new ArrayList<>();
    for (VirtualPeer peer : peers) {
      for (int i = 0; i < 5; i++) {
        Endpoint at = new Endpoint("10.1.1.1", 1_000 + all.size());
        all.add(at);
        assertThat(register(peer, at, Map.of())).isTrue();
      }
    }
    network.run(PROMPTLY);
    events.clear();
    // A hundred; each of twenty keepers names 64 of them.
    assertThat(resolved(peers.get(9))).containsExactlyInAnyOrderElementsOf(all);
    assertThat(truncated()).containsExactly(false);
  }

  @Test
  void anInstance_thatComesChangesOrGoes_reachesAWatchWithinTwoSeconds() {
    Endpoint second = new Endpoint("10.1.0.2", 8080);
    VirtualPeer watcher = peers.get(9);
    watch(watcher);
    assertThat(events).contains(new Event.ServiceSynced(ORDERS, 0, 0));

    register(peers.get(0));
    assertThat(watched(watcher)).containsExactly(AT);
    register(peers.get(1), second, Map.of());
    network.run(PROMPTLY);
    assertThat(watched(watcher)).containsExactlyInAnyOrder(AT, second);

    events.clear();
    register(peers.get(0), AT, Map.of("zone", "b"));
    network.run(PROMPTLY);
    assertThat(changes()).hasSize(1);
    assertThat(changes().get(0).present().get(0).metadata()).containsEntry("zone", "b");

    peers.get(0).engine().services().deregister(ORDERS, AT, network.nowNanos());
    network.settle(peers.get(0));
    network.run(PROMPTLY);
    assertThat(watched(watcher)).containsExactly(second);

    network.leave(peers.get(1));
    network.run(PROMPTLY);
    assertThat(watched(watcher)).isEmpty();
    assertThat(changes()).extracting(Event.ServiceChanged::version).containsExactly(3L, 4L, 5L);
  }

  private List<Event.ServiceChanged> changes() {
    List<Event.ServiceChanged> changes = new ArrayList<>();
    for (Event event : events) {
      if (event instanceof Event.ServiceChanged changed) {
        changes.add(changed);
      }
    }
    return changes;
  }

  @Test
  void renewals_areNoChanges_andKeepItThere() {
    VirtualPeer watcher = peers.get(9);
    register(peers.get(0));
    watch(watcher);
    events.clear();

    for (int i = 0; i < 200; i++) {
      network.run(Duration.ofSeconds(2));
      assertThat(watched(watcher)).as("look " + i).containsExactly(AT);
    }
    assertThat(changes()).isEmpty();
  }

  @Test
  void whoIsKilled_isServedNoLongerThanTheTtl_thoughKeepersAreKilledToo() {
    VirtualPeer watcher = peers.get(9);
    register(peers.get(0));
    watch(watcher);

    network.crash(peers.get(0));
    peers.subList(1, 6).forEach(network::crash);
    network.run(TTL.plusSeconds(1));

    assertThat(watched(watcher)).isEmpty();
    assertThat(resolved(peers.get(12))).isEmpty();
  }

  @Test
  void aLease_thatNobodyRenews_ends() {
    Services services = peers.get(0).engine().services();
    Duration lease = Duration.ofSeconds(30);
    services.register(ORDERS, AT, Map.of(), TTL, lease, network.nowNanos());
    network.settle(peers.get(0));
    network.run(Duration.ofSeconds(20));
    services.register(ORDERS, AT, Map.of(), TTL, lease, network.nowNanos());
    network.settle(peers.get(0));
    network.run(Duration.ofSeconds(29));
    assertThat(services.registrations()).hasSize(1);
    assertThat(services.registrations().get(0).keepers()).isEqualTo(19);

    network.run(Duration.ofSeconds(3));
    assertThat(events)
        .contains(new Event.Unpublished(ORDERS, AT, Event.Unpublished.Cause.LEASE_OVER));
    assertThat(resolved(peers.get(9))).isEmpty();
    assertThat(services.registrations()).isEmpty();
  }

  private void registerChecked(VirtualPeer peer) {
    Services services = peer.engine().services();
    assertThat(services.register(ORDERS, AT, Map.of(), TTL, LEASE, true, false, network.nowNanos()))
        .isTrue();
    network.settle(peer);
  }

  private void check(VirtualPeer peer, boolean there) {
    assertThat(peer.engine().drainChecks()).containsExactly(new CheckDue(ORDERS, AT));
    peer.engine().services().checked(ORDERS, AT, there, network.nowNanos());
    network.settle(peer);
  }

  @Test
  void anInstance_isNotPublished_untilItsCheckIsPassed() {
    VirtualPeer peer = peers.get(0);
    registerChecked(peer);
    network.run(PROMPTLY);
    assertThat(resolved(peer)).isEmpty();

    check(peer, true);
    network.run(PROMPTLY);
    events.clear();
    assertThat(resolved(peers.get(9))).containsExactly(AT);
    // One check is good for all who keep the record, but not for the next time.
    check(peer, true);
  }

  @Test
  void anInstance_whoseCheckIsNotAnswered_isForgottenWithItsTtl() {
    VirtualPeer peer = peers.get(0);
    registerChecked(peer);
    check(peer, true);
    network.run(PROMPTLY);
    assertThat(resolved(peers.get(9))).containsExactly(AT);
    network.run(TTL);
    assertThat(resolved(peers.get(9))).isEmpty();
  }

  @Test
  void anInstance_whoseCheckFails_isWithdrawn_andComesBackWithTheNextThatIsPassed() {
    VirtualPeer peer = peers.get(0);
    VirtualPeer watcher = peers.get(9);
    watch(watcher);
    registerChecked(peer);
    check(peer, true);
    network.run(Duration.ofSeconds(5));
    assertThat(watched(watcher)).containsExactly(AT);

    check(peer, false);
    network.run(PROMPTLY);
    assertThat(events)
        .contains(new Event.Unpublished(ORDERS, AT, Event.Unpublished.Cause.NOT_THERE));
    assertThat(watched(watcher)).isEmpty();
    assertThat(peer.engine().services().registrations()).hasSize(1);

    network.run(Duration.ofSeconds(5));
    check(peer, true);
    network.run(PROMPTLY);
    assertThat(watched(watcher)).containsExactly(AT);
  }

  @Test
  void anInstance_whoseCheckFails_endsWithItsLease() {
    VirtualPeer peer = peers.get(0);
    registerChecked(peer);
    check(peer, false);
    peer.engine().services().deregister(ORDERS, AT, network.nowNanos());
    network.settle(peer);
    network.run(PROMPTLY);
    assertThat(peer.engine().drainChecks()).isEmpty();
    assertThat(peer.engine().services().registrations()).isEmpty();
    // Of one that nobody waits for any more.
    peer.engine().services().checked(ORDERS, AT, true, network.nowNanos());
    network.settle(peer);
    assertThat(resolved(peer)).isEmpty();
  }

  @Test
  void registrations_haveBounds() {
    VirtualPeer peer = peers.get(0);
    for (int i = 0; i < Publisher.MAX_INSTANCES; i++) {
      assertThat(register(peer, new Endpoint("10.1.0.1", 8_000 + i), Map.of())).isTrue();
    }
    assertThat(register(peer, AT, Map.of())).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                peer.engine()
                    .services()
                    .register(ORDERS, AT, Map.of(), Duration.ofSeconds(9), LEASE, 0))
        .withMessageStartingWith("ttl: ");
  }

  private Bytes token(VirtualPeer from, VirtualPeer to) {
    GetProvidersRequest request =
        new GetProvidersRequest(
            Newcomer.NETWORK, from.engine().self(), Optional.of(to.id()), ORDERS.key(), 0);
    Reply reply = to.engine().answer(request, network.nowNanos());
    network.settle(to);
    return ((GetProvidersResponse) reply).token();
  }

  private static ProviderRecord provider(VirtualPeer by, Endpoint at, long sequence, Bytes token) {
    return new ProviderRecord(ORDERS, by.id(), at, Map.of(), TTL, false, 1, sequence, token);
  }

  private Reply add(VirtualPeer from, VirtualPeer to, ProviderRecord record) {
    AddProviderRequest request =
        new AddProviderRequest(
            Newcomer.NETWORK, from.engine().self(), Optional.of(to.id()), Wire.sign(record));
    Reply reply = to.engine().answer(request, network.nowNanos());
    network.settle(to);
    return reply;
  }

  private static Refusal.Reason reason(Reply reply) {
    return ((Refusal) reply).reason();
  }

  @Test
  void aKeeper_refusesWhatIsNotThePublishersOwn_orCannotBeFresh() {
    VirtualPeer publisher = peers.get(0);
    VirtualPeer other = peers.get(1);
    VirtualPeer keeper = peers.get(2);
    Bytes token = token(publisher, keeper);
    ProviderRecord good = provider(publisher, AT, 5, token);

    assertThat(reason(add(other, keeper, good))).isEqualTo(Refusal.Reason.NOT_YOURS);
    assertThat(reason(add(publisher, keeper, provider(publisher, AT, 5, Bytes.EMPTY))))
        .isEqualTo(Refusal.Reason.BAD_TOKEN);
    assertThat(reason(add(publisher, other, good)))
        .as("handed on to another keeper")
        .isEqualTo(Refusal.Reason.BAD_TOKEN);
    Endpoint loopback = new Endpoint("127.0.0.1", 8080);
    assertThat(reason(add(publisher, keeper, provider(publisher, loopback, 5, token))))
        .isEqualTo(Refusal.Reason.ADDRESS_NOT_ALLOWED);
    assertThat(add(publisher, keeper, good)).isInstanceOf(AddProviderResponse.class);
    assertThat(reason(add(publisher, keeper, provider(publisher, AT, 4, token))))
        .isEqualTo(Refusal.Reason.SUPERSEDED);

    network.run(TTL.plusSeconds(1));
    assertThat(reason(add(publisher, keeper, good)))
        .as("replayed after it expired")
        .isEqualTo(Refusal.Reason.SUPERSEDED);
    network.run(Duration.ofMinutes(17));
    assertThat(reason(add(publisher, keeper, good))).isEqualTo(Refusal.Reason.BAD_TOKEN);
  }

  @Test
  void full_namesTheLimitThatWasReached() {
    VirtualPeer publisher = peers.get(0);
    VirtualPeer keeper = peers.get(2);
    Bytes token = token(publisher, keeper);
    for (int i = 0; i < 16; i++) {
      ProviderRecord record = provider(publisher, new Endpoint("10.1.0.1", 9_000 + i), 5, token);
      assertThat(add(publisher, keeper, record)).isInstanceOf(AddProviderResponse.class);
    }
    Reply reply = add(publisher, keeper, provider(publisher, AT, 5, token));
    assertThat(reason(reply)).isEqualTo(Refusal.Reason.FULL);
    assertThat(((Refusal) reply).detail())
        .isEqualTo("this node keeps at most 16 records of one service and publisher");
    assertThat(((Refusal) reply).retryAfter()).isEqualTo(Duration.ofSeconds(30));
  }

  @Tag("slow")
  @Test
  void tenThousandProviders_ofOneKey_areBounded_andRead_asASample() {
    VirtualPeer keeper = peers.get(2);
    int kept = 0;
    for (int i = 0; i < 10_000; i++) {
      NodeId id = NodeId.of(1_000 + i);
      Endpoint at = new Endpoint("10.2.0.1", 1 + i);
      GetProvidersRequest ask =
          new GetProvidersRequest(
              Newcomer.NETWORK,
              Optional.of(Rig.record(id, 1, at)),
              Optional.empty(),
              ORDERS.key(),
              i % 500 == 0 ? 64 : 0);
      GetProvidersResponse response =
          (GetProvidersResponse) keeper.engine().answer(ask, network.nowNanos());
      assertThat(response.providers()).hasSize(Math.min(ask.max(), kept));
      ProviderRecord record =
          new ProviderRecord(ORDERS, id, at, Map.of(), TTL, false, 1, 1, response.token());
      AddProviderRequest add =
          new AddProviderRequest(
              Newcomer.NETWORK, ask.caller(), Optional.empty(), Wire.sign(record));
      Reply reply = keeper.engine().answer(add, network.nowNanos());
      boolean stored = reply instanceof AddProviderResponse;
      if (!stored) {
        assertThat(reason(reply)).isEqualTo(Refusal.Reason.FULL);
        assertThat(((Refusal) reply).detail())
            .isEqualTo("this node keeps at most 4096 records of one service");
      }
      kept += stored ? 1 : 0;
    }
    assertThat(kept).isEqualTo(4_096);
    assertThat(keeper.engine().services().kept().records()).isEqualTo(4_096);
    WatchProvidersRequest watch =
        new WatchProvidersRequest(
            Newcomer.NETWORK, Optional.empty(), Optional.empty(), ORDERS.key());
    keeper.engine().opened(new StreamId(-1), watch, network.nowNanos());
    int streamed = 0;
    for (Streamed message : keeper.engine().drainStreamed()) {
      streamed += message.update().providers().size();
      assertThat(message.update().providers().size())
          .isLessThanOrEqualTo(HeldProvider.MAX_IN_MESSAGE);
    }
    // About 256 are expected; the standard deviation is 16.
    assertThat(streamed).isBetween(176, 336);
    assertThat(resolved(peers.get(9))).hasSize(HeldProvider.MAX_IN_MESSAGE);
    assertThat(truncated()).containsExactly(true);
  }

  @Test
  void streams_haveABound_andAreFreeAgainWhenClosed() {
    VirtualPeer keeper = peers.get(2);
    WatchProvidersRequest watch =
        new WatchProvidersRequest(
            Newcomer.NETWORK, Optional.empty(), Optional.empty(), ORDERS.key());
    for (int i = 0; i < Storer.MAX_STREAMS_PER_KEY; i++) {
      assertThat(keeper.engine().opened(new StreamId(-1 - i), watch, network.nowNanos())).isEmpty();
    }
    assertThat(keeper.engine().opened(new StreamId(-9_999), watch, network.nowNanos()))
        .hasValueSatisfying(
            refusal -> assertThat(refusal.reason()).isEqualTo(Refusal.Reason.OVERLOADED));
    keeper.engine().closed(new StreamId(-1));
    assertThat(keeper.engine().opened(new StreamId(-9_999), watch, network.nowNanos())).isEmpty();
  }

  @Test
  void aWatch_goesOn_whenThoseWhoStreamFail() {
    VirtualPeer watcher = peers.get(9);
    register(peers.get(0));
    watch(watcher);
    for (int i = 1; i < 8; i++) {
      network.crash(peers.get(i));
    }
    Endpoint second = new Endpoint("10.1.0.2", 8080);
    network.run(Duration.ofSeconds(60));
    assertThat(watched(watcher)).containsExactly(AT);

    register(peers.get(10), second, Map.of());
    network.run(PROMPTLY);
    assertThat(watched(watcher)).containsExactlyInAnyOrder(AT, second);
  }

  @Tag("slow")
  @Test
  void aWatch_thatNoKeeperStreamsTo_asksThemInstead_andLooksAtThePlainInterval() {
    VirtualPeer watcher = peers.get(9);
    register(peers.get(0));
    for (VirtualPeer keeper : peers) {
      for (int i = 0; i < Storer.MAX_STREAMS_PER_KEY; i++) {
        WatchProvidersRequest taken =
            new WatchProvidersRequest(
                Newcomer.NETWORK, Optional.empty(), Optional.empty(), ORDERS.key());
        keeper.engine().opened(new StreamId(-1 - i), taken, network.nowNanos());
      }
      keeper.engine().drainStreamed();
    }
    int[] looks = new int[1];
    network.observe(
        new Observer() {
          @Override
          public void told(VirtualPeer peer, Event event) {
            looks[0] +=
                peer.equals(watcher)
                        && event instanceof Event.LookupStarted started
                        && started.purpose() == Event.Purpose.REGION
                        && started.target().equals(ORDERS.key())
                    ? 1
                    : 0;
          }
        });
    watch(watcher);
    for (int i = 0; i < 29 * 6; i++) {
      network.run(Duration.ofSeconds(10));
      assertThat(watched(watcher)).as("after " + i + " times 10 s").containsExactly(AT);
    }
    // At first, and then every 5 to 6 minutes: neither sooner, nor later as when all is told.
    assertThat(looks[0]).isBetween(5, 6);

    Endpoint second = new Endpoint("10.1.0.2", 8080);
    register(peers.get(1), second, Map.of());
    network.run(Duration.ofSeconds(10));
    assertThat(watched(watcher)).containsExactlyInAnyOrder(AT, second);
    network.crash(peers.get(0));
    network.run(TTL.plusSeconds(1));
    assertThat(watched(watcher)).containsExactly(second);
  }

  @Test
  void unwatch_endsTheStreams() {
    VirtualPeer watcher = peers.get(9);
    watch(watcher);
    assertThat(streams()).isEqualTo(3);

    watcher.engine().services().unwatch(ORDERS, network.nowNanos());
    network.settle(watcher);
    network.run(PROMPTLY);
    assertThat(streams()).isZero();
  }

  private int streams() {
    int streams = 0;
    for (VirtualPeer peer : peers) {
      streams += peer.engine().services().kept().streams();
    }
    return streams;
  }

  @Test
  void aloneANode_knowsItsOwn() {
    VirtualNetwork empty = new VirtualNetwork(2);
    VirtualPeer alone = empty.join(NodeId.of(1), EngineConfig.defaults());
    Services services = alone.engine().services();
    services.register(ORDERS, AT, Map.of(), TTL, LEASE, empty.nowNanos());
    services.watch(ORDERS, empty.nowNanos());
    empty.settle(alone);
    empty.run(Duration.ofMinutes(5));

    assertThat(services.view(ORDERS, empty.nowNanos()).orElseThrow().providers()).hasSize(1);
    VirtualPeer second = empty.join(NodeId.of(2), EngineConfig.defaults(), alone.endpoint());
    second.engine().services().watch(ORDERS, empty.nowNanos());
    empty.settle(second);
    empty.run(Duration.ofSeconds(5));
    assertThat(second.engine().services().view(ORDERS, empty.nowNanos()).orElseThrow().providers())
        .hasSize(1);
  }

  @Test
  void whoLeaves_registersAndResolvesNothing() {
    VirtualPeer leaving = peers.get(0);
    network.leave(leaving);
    network.run(PROMPTLY);

    assertThat(register(leaving, AT, Map.of())).isFalse();
    assertThat(leaving.engine().services().resolve(ORDERS, network.nowNanos())).isEmpty();
    assertThat(leaving.engine().services().watch(ORDERS, network.nowNanos())).isFalse();
  }
}
