package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.AddProviderRequest;
import dev.peerdiscovery.core.message.AddProviderResponse;
import dev.peerdiscovery.core.message.GetProvidersRequest;
import dev.peerdiscovery.core.message.GetProvidersResponse;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.ProviderRecord;
import dev.peerdiscovery.core.record.ServiceName;
import dev.peerdiscovery.core.simulation.Addresses;
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
import org.junit.jupiter.api.Test;

/** What a node does to have its instances published, and what it says about it. */
class PublisherTest {
  private static final ServiceName ORDERS = new ServiceName("test", "orders");
  private static final Endpoint AT = new Endpoint("10.1.0.1", 8080);
  private static final Duration TTL = Duration.ofSeconds(90);
  private static final Duration LEASE = Duration.ofHours(1);
  private static final Duration GRACE = Duration.ofSeconds(10);
  private static final Duration PROMPTLY = Duration.ofSeconds(2);

  private final VirtualNetwork network = new VirtualNetwork(1);
  private final List<Event> events = new ArrayList<>();

  @BeforeEach
  void listen() {
    network.observe(
        new Observer() {
          @Override
          public void told(VirtualPeer peer, Event event) {
            events.add(event);
          }
        });
  }

  private List<VirtualPeer> grow(int count) {
    List<VirtualPeer> peers = network.grow(count, EngineConfig.defaults(), new SplittableRandom(1));
    network.run(Duration.ofSeconds(5));
    return peers;
  }

  private void register(VirtualPeer peer, boolean checks, boolean isAnother) {
    boolean registered =
        peer.engine()
            .services()
            .register(ORDERS, AT, Map.of(), TTL, LEASE, checks, isAnother, network.nowNanos());
    assertThat(registered).isTrue();
    network.settle(peer);
  }

  private void doubt(VirtualPeer peer) {
    assertThat(peer.engine().services().doubt(ORDERS, AT, GRACE, network.nowNanos())).isTrue();
    network.settle(peer);
  }

  private void check(VirtualPeer peer, boolean there) {
    assertThat(peer.engine().drainChecks()).containsExactly(new CheckDue(ORDERS, AT));
    peer.engine().services().checked(ORDERS, AT, there, network.nowNanos());
    network.settle(peer);
  }

  private Services.Registration registration(VirtualPeer peer) {
    return peer.engine().services().registration(ORDERS, AT).orElseThrow();
  }

  private void watch(VirtualPeer peer) {
    assertThat(peer.engine().services().watch(ORDERS, network.nowNanos())).isTrue();
    network.settle(peer);
    network.run(PROMPTLY);
  }

  private int watched(VirtualPeer peer) {
    Services.View view = peer.engine().services().view(ORDERS, network.nowNanos()).orElseThrow();
    network.settle(peer);
    return view.found().size();
  }

  private long changes() {
    return events.stream().filter(Event.ServiceChanged.class::isInstance).count();
  }

  private long incarnation(VirtualPeer publisher, VirtualPeer reader) {
    Services.View view = reader.engine().services().view(ORDERS, network.nowNanos()).orElseThrow();
    network.settle(reader);
    return view.providers().stream()
        .filter(provider -> provider.publisher().equals(publisher.id()))
        .findFirst()
        .orElseThrow()
        .content()
        .incarnation();
  }

  @Test
  void aNodeThatIsAlone_saysThatItPublishes_forNobodyElse() {
    VirtualPeer alone = network.join(NodeId.of(1), EngineConfig.defaults());
    register(alone, false, false);
    network.run(PROMPTLY);
    assertThat(events).contains(new Event.Published(ORDERS, AT, 0));
    assertThat(registration(alone).reach()).isEqualTo(Services.Reach.ALONE);

    events.clear();
    network.join(NodeId.of(2), EngineConfig.defaults(), alone.endpoint());
    network.run(Duration.ofSeconds(10));
    assertThat(events).contains(new Event.Published(ORDERS, AT, 1));
    assertThat(registration(alone).reach()).isEqualTo(Services.Reach.ALL);
  }

  @Test
  void aNodeThatReachesNoSeed_doesNotSayThatItPublishes_untilItDoes() {
    Endpoint seed = Addresses.DENSE.of(2);
    VirtualPeer cutOff = network.start(NodeId.of(1), EngineConfig.defaults(), seed);
    network.run(Duration.ofSeconds(10));
    register(cutOff, false, false);
    network.run(PROMPTLY);
    assertThat(events)
        .contains(new Event.Unpublished(ORDERS, AT, Event.Unpublished.Cause.UNREACHED))
        .noneMatch(Event.Published.class::isInstance);
    assertThat(registration(cutOff).reach().isPublished()).isFalse();

    network.start(Newcomer.of(NodeId.of(2), seed, EngineConfig.defaults()));
    network.run(Duration.ofMinutes(1));
    assertThat(events).contains(new Event.Published(ORDERS, AT, 1));
    assertThat(registration(cutOff).reach()).isEqualTo(Services.Reach.ALL);
  }

  @Test
  void whenAllOthersAreGone_itIsSaid() {
    List<VirtualPeer> peers = grow(5);
    register(peers.get(0), false, false);
    network.run(PROMPTLY);
    assertThat(registration(peers.get(0)).keepers()).isEqualTo(4);
    peers.subList(1, 5).forEach(network::crash);
    events.clear();
    network.run(TTL.plus(TTL));
    assertThat(events)
        .containsOnlyOnce(new Event.Unpublished(ORDERS, AT, Event.Unpublished.Cause.UNREACHED));
    assertThat(registration(peers.get(0)).reach()).isEqualTo(Services.Reach.UNREACHED);
  }

  /** Of four, so many have the record; and of a region that was not looked at nothing is known. */
  @Test
  void halfOfTheRegion_isEnough_andAtLeastOne() {
    Publication publication = publication(4);
    Publication.Wanted wanted = new Publication.Wanted(AT);
    Services.Reach[] reaches = {
      Services.Reach.PENDING,
      Services.Reach.PENDING,
      Services.Reach.HALF,
      Services.Reach.HALF,
      Services.Reach.ALL
    };
    for (int have = 0; have < reaches.length; have++) {
      assertThat(publication.reach(wanted, () -> true)).as(have + " of 4").isEqualTo(reaches[have]);
      if (have < 4) {
        List<Publication.Member> members = List.copyOf(publication.members.values());
        members.get(have).copies.put(AT, new Publication.Copy(wanted.version, 0, 0));
      }
    }
    wanted.changed();
    assertThat(publication.reach(wanted, () -> true)).isEqualTo(Services.Reach.PENDING);
    assertThat(publication(0).reach(wanted, () -> true)).isEqualTo(Services.Reach.ALONE);
    assertThat(publication(0).reach(wanted, () -> false)).isEqualTo(Services.Reach.UNREACHED);
    Publication unknown = new Publication(ORDERS, new LookPlan(null));
    assertThat(unknown.reach(wanted, () -> true)).isEqualTo(Services.Reach.PENDING);
    wanted.withdrawn = true;
    assertThat(publication(0).reach(wanted, () -> true)).isEqualTo(Services.Reach.PENDING);
  }

  private static Publication publication(int members) {
    Publication publication = new Publication(ORDERS, new LookPlan(null));
    List<Keeper> region = new ArrayList<>();
    for (int i = 0; i < members; i++) {
      Contact contact = Rig.contact(1 + i);
      region.add(new Keeper(contact, Bytes.EMPTY, 0));
    }
    publication.looked(region);
    return publication;
  }

  @Test
  void theLaterRegistration_hasTheLargerNumber_whoeverPublishes_andARenewalKeepsIt() {
    List<VirtualPeer> peers = grow(5);
    VirtualPeer first = peers.get(0);
    VirtualPeer second = peers.get(1);
    VirtualPeer reader = peers.get(4);
    watch(reader);
    // The second's engine has had to do with services for long; the first's comes to it late.
    register(second, false, false);
    network.run(Duration.ofMinutes(10));
    register(first, false, false);
    network.run(PROMPTLY);
    long early = incarnation(first, reader);
    assertThat(early).isGreaterThan(incarnation(second, reader));

    network.run(Duration.ofMinutes(1));
    register(first, false, false);
    network.run(PROMPTLY);
    assertThat(incarnation(first, reader)).as("a renewal").isEqualTo(early);

    register(second, false, true);
    network.run(PROMPTLY);
    assertThat(incarnation(second, reader)).as("another caller's").isGreaterThan(early);
    assertThat(changes()).isPositive();
  }

  /** A run before had a clock that was an hour ahead, and what it published is remembered. */
  @Test
  void whatKeepersRememberAsNewer_isOutbid_withinAMinute() {
    List<VirtualPeer> peers = grow(8);
    VirtualPeer publisher = peers.get(0);
    VirtualPeer reader = peers.get(7);
    long ahead = Duration.ofHours(1).toMillis();
    for (VirtualPeer keeper : peers.subList(1, 8)) {
      remember(publisher, keeper, ahead);
    }
    watch(reader);
    assertThat(watched(reader)).isZero();
    register(publisher, false, false);
    network.run(Duration.ofSeconds(40));
    assertThat(watched(reader)).isEqualTo(1);
    assertThat(registration(publisher).reach()).isEqualTo(Services.Reach.ALL);
    assertThat(incarnation(publisher, reader)).isBetween(ahead, 3 * ahead);
  }

  /** Has a keeper store a tombstone in the publisher's name. */
  private void remember(VirtualPeer publisher, VirtualPeer keeper, long incarnation) {
    GetProvidersRequest ask =
        new GetProvidersRequest(
            Newcomer.NETWORK, publisher.engine().self(), Optional.of(keeper.id()), ORDERS.key(), 0);
    Bytes token = ((GetProvidersResponse) keeper.engine().answer(ask, network.nowNanos())).token();
    ProviderRecord gone =
        new ProviderRecord(ORDERS, publisher.id(), AT, Map.of(), TTL, true, incarnation, 1, token);
    AddProviderRequest add =
        new AddProviderRequest(
            Newcomer.NETWORK, publisher.engine().self(), Optional.of(keeper.id()), Wire.sign(gone));
    assertThat(keeper.engine().answer(add, network.nowNanos()))
        .isInstanceOf(AddProviderResponse.class);
    network.settle(keeper);
  }

  @Test
  void whoseCallerIsLost_endsAfterTheGrace_andNothingChangesBefore() {
    List<VirtualPeer> peers = grow(5);
    VirtualPeer reader = peers.get(4);
    register(peers.get(0), false, false);
    network.run(PROMPTLY);
    watch(reader);
    events.clear();
    doubt(peers.get(0));
    network.run(GRACE.minusSeconds(1));
    assertThat(changes()).isZero();
    // Its caller is back, and it goes on as if nothing had been.
    register(peers.get(0), false, false);
    network.run(GRACE.plusSeconds(5));
    assertThat(changes()).isZero();
    assertThat(watched(reader)).isEqualTo(1);

    doubt(peers.get(0));
    network.run(GRACE.minusSeconds(1));
    assertThat(watched(reader)).isEqualTo(1);
    network.run(Duration.ofSeconds(3));
    assertThat(watched(reader)).isZero();
    assertThat(events)
        .contains(new Event.Unpublished(ORDERS, AT, Event.Unpublished.Cause.LEASE_OVER));
    assertThat(peers.get(0).engine().services().doubt(ORDERS, AT, GRACE, 0)).isFalse();
  }

  @Test
  void whoseCallerIsLost_isCheckedAtOnce_thenAtGrowingPauses_andEndsWithTheFirstThatFails() {
    List<VirtualPeer> peers = grow(5);
    VirtualPeer publisher = peers.get(0);
    VirtualPeer reader = peers.get(4);
    register(publisher, true, false);
    check(publisher, true);
    network.run(PROMPTLY);
    watch(reader);
    assertThat(publisher.engine().drainChecks()).isEmpty();
    doubt(publisher);
    // A process that dies may still take connections.
    check(publisher, true);
    for (long pause : new long[] {250, 500, 1_000}) {
      network.run(Duration.ofMillis(pause - 10));
      assertThat(publisher.engine().drainChecks()).as("before " + pause).isEmpty();
      network.run(Duration.ofMillis(20));
      assertThat(watched(reader)).isEqualTo(1);
      check(publisher, pause < 1_000);
    }
    network.run(PROMPTLY);
    assertThat(watched(reader)).isZero();
    assertThat(events)
        .contains(new Event.Unpublished(ORDERS, AT, Event.Unpublished.Cause.LEASE_OVER));
    assertThat(publisher.engine().services().registration(ORDERS, AT)).isEmpty();
  }

  @Test
  void aCallerThatIsBack_endsTheDoubt() {
    List<VirtualPeer> peers = grow(5);
    VirtualPeer publisher = peers.get(0);
    register(publisher, true, false);
    check(publisher, true);
    network.run(PROMPTLY);
    doubt(publisher);
    check(publisher, true);
    register(publisher, true, false);
    network.run(Duration.ofSeconds(5));
    assertThat(publisher.engine().drainChecks()).isEmpty();
    network.run(TTL);
    check(publisher, false);
    assertThat(publisher.engine().services().registration(ORDERS, AT)).isPresent();
  }

  @Test
  void whatWasWithdrawn_takesNoPlaceForLong() {
    List<VirtualPeer> peers = grow(5);
    Services services = peers.get(0).engine().services();
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < Publisher.MAX_INSTANCES; i++) {
        Endpoint at = new Endpoint("10.1.0.1", 1_000 * (1 + round) + i);
        assertThat(services.register(ORDERS, at, Map.of(), TTL, LEASE, network.nowNanos()))
            .as(round + "/" + i)
            .isTrue();
      }
      network.settle(peers.get(0));
      network.run(PROMPTLY);
      for (Services.Registration each : services.registrations()) {
        services.deregister(ORDERS, each.endpoint(), network.nowNanos());
      }
      network.settle(peers.get(0));
      network.run(PROMPTLY);
      assertThat(services.registrations()).isEmpty();
    }
  }
}
