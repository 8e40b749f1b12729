package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.GetProvidersRequest;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.ProviderRecord;
import dev.peerdiscovery.core.record.ServiceName;
import dev.peerdiscovery.core.simulation.Observer;
import dev.peerdiscovery.core.simulation.VirtualNetwork;
import dev.peerdiscovery.core.simulation.VirtualPeer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What a node says of a service when it does not know, and when it does. */
class KnowledgeTest {
  private static final ServiceName ORDERS = new ServiceName("test", "orders");
  private static final ServiceName UNHEARD = new ServiceName("test", "unheard-of");
  private static final Endpoint AT = new Endpoint("10.1.0.1", 8080);
  private static final Duration TTL = ProviderRecord.MIN_TTL;
  private static final Duration LEASE = Duration.ofHours(1);
  private static final Duration PROMPTLY = Duration.ofSeconds(2);

  private final VirtualNetwork network = new VirtualNetwork(1);
  private final Map<ResolveId, Event.Resolved> answers = new HashMap<>();
  private final List<Event> events = new ArrayList<>();

  /** Observed of one peer only, since ids are those of its engine. */
  private void listen(VirtualPeer of) {
    network.observe(
        new Observer() {
          @Override
          public void told(VirtualPeer peer, Event event) {
            if (peer.equals(of)) {
              events.add(event);
              if (event instanceof Event.Resolved resolved) {
                assertThat(answers.put(resolved.id(), resolved)).as("answered once").isNull();
              }
            }
          }
        });
  }

  private List<VirtualPeer> grow(int count) {
    List<VirtualPeer> peers = network.grow(count, EngineConfig.defaults(), new SplittableRandom(1));
    network.run(Duration.ofSeconds(5));
    return peers;
  }

  private void register(VirtualPeer peer, ServiceName service, Endpoint at) {
    peer.engine().services().register(service, at, Map.of(), TTL, LEASE, network.nowNanos());
    network.settle(peer);
  }

  private Optional<ResolveId> ask(VirtualPeer peer, ServiceName service) {
    Optional<ResolveId> id = peer.engine().services().resolve(service, network.nowNanos());
    network.settle(peer);
    return id;
  }

  private Event.Resolved resolve(VirtualPeer peer, ServiceName service) {
    ResolveId id = ask(peer, service).orElseThrow();
    network.run(Resolves.DEADLINE);
    assertThat(answers).as("has an answer within the deadline").containsKey(id);
    return answers.get(id);
  }

  private static void assertUnknown(Event.Resolved answer) {
    assertThat(answer.found()).isEmpty();
    assertThat(answer.unknown())
        .hasValueSatisfying(
            why -> {
              assertThat(why.reason()).isEqualTo(Refusal.Reason.REGION_UNREACHABLE);
              assertThat(why.retryAfter()).isPositive();
            });
  }

  private static void assertNone(Event.Resolved answer) {
    assertThat(answer.unknown()).isEmpty();
    assertThat(answer.found()).isEmpty();
    assertThat(answer.truncated()).isFalse();
  }

  private void watch(VirtualPeer peer, ServiceName service) {
    assertThat(peer.engine().services().watch(service, network.nowNanos())).isTrue();
    network.settle(peer);
  }

  private <E> List<E> events(Class<E> kind) {
    return events.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  private void cutOff(VirtualPeer alone) {
    network
        .weather()
        .reach((from, to) -> from.equals(to) || !(from.equals(alone) || to.equals(alone)));
  }

  private void joinUpAgain() {
    network.weather().reach((from, to) -> true);
  }

  /** Fourteen of which the last came after the record of the first was brought to the others. */
  private VirtualPeer newcomerAmongHolders(List<VirtualPeer> holders) {
    holders.addAll(grow(13));
    register(holders.get(0), ORDERS, AT);
    network.run(PROMPTLY);
    VirtualPeer newcomer =
        network.join(NodeId.of(77), EngineConfig.defaults(), holders.get(1).endpoint());
    network.run(PROMPTLY);
    listen(newcomer);
    return newcomer;
  }

  @Test
  void holdersThatRefuseForLoad_areNotTakenForHoldersThatKnowNothing_andAreLeftAlone() {
    List<VirtualPeer> holders = new ArrayList<>();
    VirtualPeer asker = newcomerAmongHolders(holders);
    holders.forEach(holder -> holder.busy(true));
    int[] asked = new int[1];
    network.observe(
        new Observer() {
          @Override
          public void called(VirtualPeer from, Call call) {
            asked[0] += from.equals(asker) && call.request() instanceof GetProvidersRequest ? 1 : 0;
          }
        });

    ResolveId first = ask(asker, ORDERS).orElseThrow();
    network.run(Duration.ofMillis(300));
    assertUnknown(answers.get(first));
    assertThat(answers.get(first).unknown().orElseThrow().retryAfter())
        .isBetween(Duration.ofMillis(1), Refusal.BUSY);
    assertThat(asked[0]).isEqualTo(13);

    ResolveId second = ask(asker, ORDERS).orElseThrow();
    network.run(Duration.ofMillis(300));
    assertUnknown(answers.get(second));
    assertThat(asked[0]).as("nobody is asked before its pause is over").isEqualTo(13);

    holders.forEach(holder -> holder.busy(false));
    network.run(Refusal.BUSY);
    assertThat(resolve(asker, ORDERS).providers()).hasSize(1);
  }

  @Test
  void aPause_thatIsLonger_isPassedOn() {
    List<VirtualPeer> holders = new ArrayList<>();
    VirtualPeer asker = newcomerAmongHolders(holders);
    // Of 14 eight have to be read: itself, and seven whose pauses are over first.
    for (int i = 0; i < holders.size(); i++) {
      Duration pause = Duration.ofSeconds(2 + i);
      Refusal refusal = new Refusal(Refusal.Reason.OVERLOADED, "busy", pause);
      holders.get(i).behave((peer, request, honest) -> refusal);
    }
    assertThat(resolve(asker, ORDERS).unknown().orElseThrow().retryAfter())
        .isBetween(Duration.ofMillis(7_500), Duration.ofSeconds(2 + 6));
  }

  @Test
  void instancesThatWereFound_areTold_thoughMostOfTheRegionRefuses_andThereMayBeMore() {
    List<VirtualPeer> holders = new ArrayList<>();
    VirtualPeer asker = newcomerAmongHolders(holders);
    holders.subList(1, 13).forEach(holder -> holder.busy(true));

    Event.Resolved answer = resolve(asker, ORDERS);
    assertThat(answer.unknown()).isEmpty();
    assertThat(answer.providers()).hasSize(1);
    assertThat(answer.truncated()).isTrue();
  }

  @Test
  void thereAreNone_isSaid_whenMoreThanHalfOfTheRegionSaidSo_andNotWhenHalfDid() {
    List<VirtualPeer> peers = grow(14);
    VirtualPeer asker = peers.get(0);
    listen(asker);
    assertNone(resolve(asker, UNHEARD));

    // Itself and seven others of fourteen.
    peers.subList(8, 14).forEach(peer -> peer.busy(true));
    assertNone(resolve(asker, UNHEARD));
    peers.get(7).busy(true);
    assertUnknown(resolve(asker, UNHEARD));
  }

  @Test
  void aNodeThatIsCutOff_doesNotKnow_beforeItSuspectsItself_andThen_andDoesAgain() {
    List<VirtualPeer> peers = grow(14);
    VirtualPeer alone = peers.get(3);
    listen(alone);
    cutOff(alone);

    assertThat(alone.engine().status().state()).isEqualTo(EngineStatus.State.JOINED);
    assertUnknown(resolve(alone, UNHEARD));
    network.run(Duration.ofMinutes(1));
    assertThat(alone.engine().status().state()).isEqualTo(EngineStatus.State.SUSPECTS_ITSELF);
    ResolveId id = ask(alone, UNHEARD).orElseThrow();
    network.settle(alone);
    assertThat(answers).as("at once").containsKey(id);
    assertUnknown(answers.get(id));

    joinUpAgain();
    network.run(Duration.ofMinutes(1));
    assertNone(resolve(alone, UNHEARD));
  }

  @Test
  void aWatchThatBegins_whereTheNodeIsCutOff_isNotSynced_andEndsWithinTenSeconds() {
    List<VirtualPeer> peers = grow(14);
    VirtualPeer alone = peers.get(3);
    listen(alone);
    cutOff(alone);
    for (Duration before : List.of(Duration.ZERO, Duration.ofMinutes(1))) {
      network.run(before);
      events.clear();
      watch(alone, UNHEARD);
      network.run(Watches.UNSURE.minusMillis(1));
      assertThat(events(Event.ServiceSynced.class)).isEmpty();
      assertThat(events(Event.ServiceUnknown.class)).isEmpty();
      assertThat(view(alone, UNHEARD).orElseThrow().synced()).isFalse();
      network.run(Duration.ofMillis(2));
      assertThat(events(Event.ServiceUnknown.class))
          .extracting(unknown -> unknown.why().reason())
          .containsExactly(Refusal.Reason.REGION_UNREACHABLE);
      assertThat(view(alone, UNHEARD)).isEmpty();
      assertThat(events(Event.ServiceSynced.class)).isEmpty();
    }
  }

  private Optional<Services.View> view(VirtualPeer peer, ServiceName service) {
    Optional<Services.View> view = peer.engine().services().view(service, network.nowNanos());
    network.settle(peer);
    return view;
  }

  @Test
  void recordsThatRunOut_whileTheNodeIsCutOff_areNotTakenForInstancesThatAreGone() {
    List<VirtualPeer> peers = grow(14);
    VirtualPeer watcher = peers.get(3);
    register(peers.get(0), ORDERS, AT);
    register(peers.get(1), ORDERS, new Endpoint("10.1.0.2", 8080));
    // Its own is renewed all the time, which says nothing about the network.
    register(watcher, ORDERS, new Endpoint("10.1.0.3", 8080));
    network.run(PROMPTLY);
    listen(watcher);
    watch(watcher, ORDERS);
    network.run(PROMPTLY);
    assertThat(events(Event.ServiceSynced.class)).hasSize(1);
    assertThat(view(watcher, ORDERS).orElseThrow().providers()).hasSize(3);

    cutOff(watcher);
    network.run(TTL.plus(Watches.UNSURE).plusSeconds(1));
    assertThat(events(Event.ServiceChanged.class)).flatExtracting(c -> c.gone()).isEmpty();
    assertThat(events(Event.ServiceUnknown.class)).hasSize(1);
    assertThat(events(Event.ServiceSynced.class)).hasSize(1);
  }

  @Test
  void aShortCut_inWhichNothingRunsOut_isNotToldOf() {
    List<VirtualPeer> peers = grow(14);
    VirtualPeer watcher = peers.get(3);
    register(peers.get(0), ORDERS, AT);
    network.run(PROMPTLY);
    listen(watcher);
    watch(watcher, ORDERS);
    network.run(PROMPTLY);
    events.clear();

    cutOff(watcher);
    network.run(TTL.plusSeconds(2));
    assertThat(view(watcher, ORDERS).orElseThrow().synced()).as("in doubt").isFalse();
    joinUpAgain();
    network.run(Duration.ofSeconds(30));
    assertThat(events(Event.ServiceChanged.class)).isEmpty();
    assertThat(events(Event.ServiceUnknown.class)).isEmpty();
    assertThat(view(watcher, ORDERS).orElseThrow().synced()).isTrue();
    assertThat(view(watcher, ORDERS).orElseThrow().providers()).hasSize(1);
  }

  @Test
  void anInstanceThatIsKilled_isToldToBeGone_soonAfterItsTimeIsOver() {
    List<VirtualPeer> peers = grow(14);
    VirtualPeer watcher = peers.get(3);
    register(peers.get(0), ORDERS, AT);
    network.run(PROMPTLY);
    listen(watcher);
    watch(watcher, ORDERS);
    network.run(PROMPTLY);

    network.crash(peers.get(0));
    network.run(TTL.plusSeconds(4));
    assertThat(events(Event.ServiceChanged.class)).flatExtracting(c -> c.gone()).hasSize(1);
    assertThat(events(Event.ServiceUnknown.class)).isEmpty();
    assertThat(view(watcher, ORDERS).orElseThrow().synced()).isTrue();
  }

  private long looks(ServiceName service) {
    return events(Event.LookupStarted.class).stream()
        .filter(started -> started.target().equals(service.key()))
        .count();
  }

  @Test
  void whereHoldersAreLost_theRegionIsLookedAtEarlier() {
    List<VirtualPeer> peers = grow(20);
    VirtualPeer watcher = peers.get(3);
    listen(watcher);
    watch(watcher, ORDERS);
    network.run(Duration.ofSeconds(60));
    assertThat(looks(ORDERS)).isEqualTo(1);

    peers.subList(4, 20).forEach(network::stop);
    network.run(Duration.ofSeconds(60));
    assertThat(looks(ORDERS)).isGreaterThan(1);
  }

  @Test
  void truncated_isClearedByTheNextLook_thatFindsAll() {
    List<VirtualPeer> peers = grow(14);
    VirtualPeer watcher = peers.get(3);
    List<Endpoint> all = new ArrayList<>();
    for (int i = 0; i < 70; i++) {
      all.add(new Endpoint("10.1.1.1", 1_000 + i));
      register(peers.get(4 + i % 5), ORDERS, all.get(i));
    }
    network.run(PROMPTLY);
    watch(watcher, ORDERS);
    network.run(PROMPTLY);
    for (int i = 10; i < 70; i++) {
      peers.get(4 + i % 5).engine().services().deregister(ORDERS, all.get(i), network.nowNanos());
      network.settle(peers.get(4 + i % 5));
    }
    network.run(PROMPTLY);
    assertThat(view(watcher, ORDERS).orElseThrow().providers()).hasSize(10);
    assertThat(view(watcher, ORDERS).orElseThrow().truncated()).isTrue();
    network.run(Duration.ofMinutes(6).plusSeconds(5));
    assertThat(view(watcher, ORDERS).orElseThrow().providers()).hasSize(10);
    assertThat(view(watcher, ORDERS).orElseThrow().truncated()).isFalse();
  }

  @Test
  void aFounder_isItsWholeNetwork_untilItLosesSomebody_andNotWhenThatOneLeaves() {
    VirtualPeer founder = network.join(NodeId.of(1), EngineConfig.defaults());
    listen(founder);
    assertNone(resolve(founder, UNHEARD));
    watch(founder, UNHEARD);
    network.run(PROMPTLY);
    assertThat(events(Event.ServiceSynced.class)).hasSize(1);

    VirtualPeer second = network.join(NodeId.of(2), EngineConfig.defaults(), founder.endpoint());
    network.run(PROMPTLY);
    assertNone(resolve(founder, UNHEARD));
    network.leave(second);
    network.run(PROMPTLY);
    assertNone(resolve(founder, UNHEARD));

    VirtualPeer third = network.join(NodeId.of(3), EngineConfig.defaults(), founder.endpoint());
    network.run(PROMPTLY);
    network.crash(third);
    assertUnknown(resolve(founder, UNHEARD));
    network.run(Duration.ofMinutes(5));
    assertUnknown(resolve(founder, UNHEARD));
  }

  @Test
  void aNodeThatReachesNoneOfItsSeeds_doesNotKnow_butNamesItsOwn() {
    VirtualPeer lonely =
        network.start(NodeId.of(1), EngineConfig.defaults(), new Endpoint("10.200.0.1", 7400));
    listen(lonely);
    assertUnknown(resolve(lonely, UNHEARD));
    network.run(Duration.ofMinutes(1));
    assertUnknown(resolve(lonely, UNHEARD));
    register(lonely, ORDERS, AT);
    Event.Resolved own = resolve(lonely, ORDERS);
    assertThat(own.providers()).hasSize(1);
    assertThat(own.truncated()).isTrue();
  }

  @Test
  void aQuestion_thatComesBeforeTheFirstContact_waitsForIt() {
    List<VirtualPeer> peers = grow(5);
    register(peers.get(0), ORDERS, AT);
    network.run(PROMPTLY);
    VirtualPeer newcomer =
        network.start(NodeId.of(9), EngineConfig.defaults(), peers.get(1).endpoint());
    listen(newcomer);
    assertThat(resolve(newcomer, ORDERS).providers()).hasSize(1);
  }

  @Test
  void allWhoAskForOneServiceAtATime_shareALook_thatBeganAfterTheyAsked() {
    List<VirtualPeer> peers = grow(14);
    VirtualPeer asker = peers.get(5);
    listen(asker);
    List<ResolveId> first = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      first.add(ask(asker, ORDERS).orElseThrow());
    }
    // The look is under way, and those that it asks have no record yet.
    network.run(Duration.ofMillis(11));
    assertThat(answers).isEmpty();
    register(peers.get(0), ORDERS, AT);
    List<ResolveId> later = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      later.add(ask(asker, ORDERS).orElseThrow());
    }
    network.run(Duration.ofSeconds(1));
    assertThat(answers).containsKeys(first.toArray(ResolveId[]::new));
    assertThat(answers).containsKeys(later.toArray(ResolveId[]::new));
    long looks =
        events(Event.LookupStarted.class).stream()
            .filter(started -> started.target().equals(ORDERS.key()))
            .count();
    assertThat(looks).isEqualTo(2);
  }

  @Test
  void anAnswer_knowsOfWhatWasPublishedBeforeItWasAskedFor() {
    List<VirtualPeer> peers = grow(14);
    VirtualPeer asker = peers.get(5);
    VirtualPeer publisher = peers.get(0);
    listen(asker);
    boolean[] published = new boolean[1];
    network.observe(
        new Observer() {
          @Override
          public void told(VirtualPeer peer, Event event) {
            published[0] |= peer.equals(publisher) && event instanceof Event.Published;
          }
        });
    register(publisher, ORDERS, AT);
    while (!published[0]) {
      ask(asker, ORDERS);
      network.run(Duration.ofMillis(1));
    }
    ResolveId id = ask(asker, ORDERS).orElseThrow();
    network.run(Duration.ofSeconds(1));
    assertThat(answers.get(id).providers()).hasSize(1);
  }

  @Test
  void questions_haveBounds() {
    VirtualPeer asker = grow(3).get(0);
    for (int i = 0; i < Resolves.MAX_QUESTIONS; i++) {
      assertThat(ask(asker, ORDERS)).isPresent();
    }
    assertThat(ask(asker, ORDERS)).isEmpty();
    network.run(Duration.ofSeconds(1));
    for (int i = 0; i < Resolves.MAX_SERVICES; i++) {
      assertThat(ask(asker, new ServiceName("test", "service-" + i))).isPresent();
    }
    assertThat(ask(asker, ORDERS)).isEmpty();
    network.run(Duration.ofSeconds(1));
    assertThat(ask(asker, ORDERS)).isPresent();
  }

  @Test
  void aNodeThatLeaves_answersWhatWasAsked() {
    List<VirtualPeer> peers = grow(3);
    listen(peers.get(0));
    ResolveId id = ask(peers.get(0), UNHEARD).orElseThrow();
    network.leave(peers.get(0));
    network.run(PROMPTLY);
    assertUnknown(answers.get(id));
  }
}
