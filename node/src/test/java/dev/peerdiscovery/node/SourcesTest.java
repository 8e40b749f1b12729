package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who is told from whom, and that no number of addresses makes a node remember without bound. */
class SourcesTest {
  private static final long SECOND = 1_000_000_000;
  private static final Limits LIMITS =
      Limits.defaults().toBuilder()
          .connections(100)
          .connectionsPerAddress(3)
          .callsPerSecondPerPeer(10)
          .callsPerSecondPerSubnet(25)
          .callsInFlightPerPeer(2)
          .callsInFlightPerSubnet(3)
          .quarantine(Duration.ofMinutes(1))
          .remembered(50)
          .build();

  private final Sources sources = new Sources(LIMITS, ThisMachine.LOOPBACK, false);

  private Sources.Connection open(String host) throws UnknownHostException {
    return sources
        .opened(
            new InetSocketAddress(InetAddress.getByName(host), 1),
            Optional.empty(),
            Optional.empty())
        .orElseThrow();
  }

  @Test
  void connectionsOfOneAddress_shareItsBudget_alsoOneAfterTheOther() throws Exception {
    Sources.Connection first = open("10.0.0.1");
    Sources.Connection second = open("10.0.0.1");
    for (int i = 0; i < 5; i++) {
      assertThat(first.source().share().rate().take(0)).isTrue();
      assertThat(second.source().share().rate().take(0)).isTrue();
    }
    assertThat(second.source().share().rate().take(0)).isFalse();
    sources.closed(first);
    sources.closed(second);
    assertThat(open("10.0.0.1").source().share().rate().take(0)).isFalse();
    assertThat(open("10.0.0.2").source().share().rate().take(0)).isTrue();
  }

  @Test
  void callsAtOnce_areCountedOverTheConnectionsOfAnAddress_andOfItsSubnet() throws Exception {
    Sources.Connection first = open("8.8.8.1");
    Sources.Connection second = open("8.8.8.1");
    Sources.Connection neighbour = open("8.8.8.2");
    Sources.Connection stranger = open("9.9.9.9");
    first.began();
    second.began();
    assertThat(second.source().share().open().isOver()).isFalse();
    second.began();
    assertThat(first.source().share().open().isOver()).isTrue();
    assertThat(neighbour.source().share().open().isOver()).isFalse();
    assertThat(neighbour.subnet().orElseThrow().open().isOver()).isFalse();
    neighbour.began();
    assertThat(first.subnet().orElseThrow().open().isOver()).isTrue();
    assertThat(stranger.source().share().open().isOver()).isFalse();
    assertThat(stranger.subnet().orElseThrow().open().isOver()).isFalse();
    second.ended();
    assertThat(first.source().share().open().isOver()).isFalse();
    assertThat(neighbour.subnet().orElseThrow().open().isOver()).isFalse();
  }

  @Test
  void moreThanTwiceAsManyCallsAsMayBe_areACrowd_ofAnAddressOrASubnet() throws Exception {
    Sources.Connection one = open("8.8.8.1");
    for (int i = 0; i < 5; i++) {
      assertThat(one.isCrowded()).isFalse();
      one.began();
    }
    assertThat(one.isCrowded()).isTrue();
    Sources.Connection neighbour = open("8.8.8.2");
    neighbour.began();
    assertThat(neighbour.isCrowded()).isFalse();
    open("8.8.8.3").began();
    assertThat(neighbour.isCrowded()).isTrue();
    one.ended();
    assertThat(neighbour.isCrowded()).isFalse();
  }

  @Test
  void connectionsFromThisMachine_eachHaveTheirOwn() throws Exception {
    for (String host : List.of("127.0.0.1", "::1")) {
      Sources.Connection first = open(host);
      Sources.Connection second = open(host);
      for (int i = 0; i < 10; i++) {
        assertThat(first.source().share().rate().take(0)).isTrue();
      }
      assertThat(first.source().share().rate().take(0)).isFalse();
      assertThat(second.source().share().rate().take(0)).isTrue();
    }
    assertThat(sources.known()).isZero();
    assertThat(sources.opened(null, Optional.empty(), Optional.empty())).isPresent();
  }

  @Test
  void nodesThatTlsProves_haveTheirBudgets_andTheirAddressABoundOfItsOwn() throws Exception {
    InetSocketAddress at = new InetSocketAddress(InetAddress.getByName("10.0.0.1"), 1);
    Optional<NodeId> one = Optional.of(NodeId.of(1));
    Sources.Connection first = sources.opened(at, one, Optional.empty()).orElseThrow();
    Sources.Connection elsewhere =
        sources
            .opened(
                new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 1), one, Optional.empty())
            .orElseThrow();
    Sources.Connection other =
        sources.opened(at, Optional.of(NodeId.of(2)), Optional.empty()).orElseThrow();
    assertThat(elsewhere.source()).isSameAs(first.source());
    assertThat(other.source()).isNotSameAs(first.source());
    assertThat(other.subnet().orElseThrow()).isSameAs(first.subnet().orElseThrow());
    assertThat(elsewhere.subnet()).isEmpty();
    assertThat(sources.opened(at, one, Optional.empty())).isPresent();
    assertThat(
            sources.opened(at, Optional.of(NodeId.of(3)), Optional.empty()).orElseThrow().mayCall())
        .isFalse();
    sources.closed(first);
    sources.closed(elsewhere);
    assertThat(sources.opened(null, one, Optional.empty()).orElseThrow().source())
        .isSameAs(first.source());
  }

  @Test
  void subnetsArePublicOnes() throws Exception {
    assertThat(open("10.0.0.1").subnet()).isEmpty();
    assertThat(open("fd00::1").subnet()).isEmpty();
    Optional<Share> subnet = open("8.8.8.1").subnet();
    assertThat(subnet).isPresent();
    assertThat(open("8.8.8.255").subnet().orElseThrow()).isSameAs(subnet.orElseThrow());
    assertThat(open("8.8.9.1").subnet().orElseThrow()).isNotSameAs(subnet.orElseThrow());
    Share six = open("2001:4860:4860::1").subnet().orElseThrow();
    assertThat(open("2001:4860:4860:ffff::1").subnet().orElseThrow()).isSameAs(six);
    assertThat(open("2001:4860:4861::1").subnet().orElseThrow()).isNotSameAs(six);
  }

  @Test
  void tooManyConnections_areSurplus_andThenNone() throws Exception {
    assertThat(open("10.0.0.1").mayCall()).isTrue();
    assertThat(open("10.0.0.1").mayCall()).isTrue();
    Sources.Connection third = open("10.0.0.1");
    assertThat(third.mayCall()).isTrue();
    assertThat(open("10.0.0.1").mayCall()).isFalse();
    sources.closed(third);
    for (int admitted = 2; admitted < 100; admitted++) {
      assertThat(open("127.0.0.1").mayCall()).isTrue();
    }
    while (sources.open() < 200) {
      assertThat(open("127.0.0.1").mayCall()).isFalse();
    }
    assertThat(
            sources.opened(
                new InetSocketAddress("127.0.0.1", 1), Optional.empty(), Optional.empty()))
        .isEmpty();
    assertThat(sources.open()).isEqualTo(200);
  }

  @Test
  void tooManyConnectionsOfOneAddress_areItsOwnLoss() throws Exception {
    for (int i = 0; i < 6; i++) {
      assertThat(open("10.0.0.1").mayCall()).isEqualTo(i < 3);
    }
    assertThat(
            sources.opened(
                new InetSocketAddress("10.0.0.1", 1), Optional.empty(), Optional.empty()))
        .isEmpty();
    for (int admitted = 3; admitted < 100; admitted++) {
      assertThat(open("127.0.0.1").mayCall()).isTrue();
    }
    assertThat(open("127.0.0.1").mayCall()).isFalse();
  }

  @Test
  void hundredThousandAddresses_takeNoMoreThanTheBound() throws Exception {
    List<Sources.Connection> open = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      byte[] address = {8, (byte) (i >> 16), (byte) (i >> 8), (byte) i};
      open.add(
          sources
              .opened(
                  new InetSocketAddress(InetAddress.getByAddress(address), 1),
                  Optional.empty(),
                  Optional.empty())
              .orElseThrow());
      if (open.size() > 20) {
        sources.closed(open.remove(0));
      }
      assertThat(sources.known()).isLessThanOrEqualTo(2 * (21 + 50));
    }
    open.forEach(sources::closed);
    assertThat(sources.open()).isZero();
    assertThat(sources.known()).isLessThanOrEqualTo(2 * 50);
  }

  @Test
  void threeViolationsWithinAMinute_areQuarantined_alsoOverConnections() throws Exception {
    Sources.Connection connection = open("10.0.0.1");
    Source source = connection.source();
    assertThat(source.violated(0)).isFalse();
    assertThat(source.violated(59 * SECOND)).isFalse();
    assertThat(source.violated(61 * SECOND)).isFalse();
    assertThat(source.violated(62 * SECOND)).isFalse();
    assertThat(source.isQuarantined(62 * SECOND)).isFalse();
    assertThat(source.violated(63 * SECOND)).isTrue();
    sources.closed(connection);
    Source again = open("10.0.0.1").source();
    assertThat(again.isQuarantined(122 * SECOND)).isTrue();
    assertThat(again.isQuarantined(123 * SECOND)).isFalse();
  }

  @Test
  void connectionThatWasOneTooManyOfItsAddress_mayCallOnceThereIsRoom() throws Exception {
    List<Sources.Connection> first = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      first.add(open("10.0.0.1"));
    }
    Sources.Connection fourth = open("10.0.0.1");
    Sources.Connection fifth = open("10.0.0.1");
    assertThat(fourth.mayCall()).isFalse();
    assertThat(fourth.isOneTooManyOfAddress()).isTrue();
    sources.closed(first.remove(0));
    assertThat(fourth.mayCall()).isTrue();
    assertThat(fourth.mayCall()).isTrue();
    assertThat(fifth.mayCall()).isFalse();
    // Those that never could call leave no room behind.
    sources.closed(fifth);
    Sources.Connection sixth = open("10.0.0.1");
    assertThat(sixth.mayCall()).isFalse();
    sources.closed(fourth);
    assertThat(sixth.mayCall()).isTrue();
    assertThat(open("10.0.0.1").mayCall()).isFalse();
    assertThat(open("10.0.0.2").mayCall()).isTrue();
  }

  @Test
  void connectionThatWasOneTooManyInAll_mayCallOnceThereIsRoom() throws Exception {
    List<Sources.Connection> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      all.add(open("127.0.0.1"));
    }
    Sources.Connection tooMany = open("10.0.0.1");
    assertThat(tooMany.mayCall()).isFalse();
    assertThat(tooMany.isOneTooManyOfAddress()).isFalse();
    sources.closed(all.remove(0));
    assertThat(tooMany.mayCall()).isTrue();
    assertThat(open("127.0.0.1").mayCall()).isFalse();
    sources.closed(tooMany);
    assertThat(open("127.0.0.1").mayCall()).isTrue();
  }

  /** Its last call may be told after its end; it must not hold a place for ever. */
  @Test
  void connectionThatIsClosed_takesNoPlace() throws Exception {
    List<Sources.Connection> first = List.of(open("10.0.0.1"), open("10.0.0.1"), open("10.0.0.1"));
    Sources.Connection tooMany = open("10.0.0.1");
    sources.closed(tooMany);
    first.forEach(sources::closed);
    assertThat(tooMany.mayCall()).isFalse();
    for (int i = 0; i < 3; i++) {
      assertThat(open("10.0.0.1").mayCall()).isTrue();
    }
  }

  @Test
  void callersOfThisMachine_andAllOfASecondListener_areApplications() throws Exception {
    assertThat(open("127.0.0.1").isOfApplication()).isTrue();
    assertThat(open("10.0.0.1").isOfApplication()).isFalse();
    Sources second = new Sources(LIMITS, ThisMachine.LOOPBACK, true);
    InetSocketAddress remote = new InetSocketAddress(InetAddress.getByName("10.0.0.1"), 1);
    Sources.Connection operator =
        second.opened(remote, Optional.empty(), Optional.empty()).orElseThrow();
    assertThat(operator.isOfApplication()).isTrue();
  }

  /** They would otherwise be one share, and a flood of health checks stop the calls of a peer. */
  @Test
  void healthChecks_haveAShareOfTheirOwn_ofAnAddressAndOfItsSubnet() throws Exception {
    Limits limits = LIMITS.toBuilder().healthPerSecondPerPeer(4).build();
    Sources few = new Sources(limits, ThisMachine.LOOPBACK, false);
    Sources.Connection connection =
        few.opened(
                new InetSocketAddress(InetAddress.getByName("8.8.8.1"), 1),
                Optional.empty(),
                Optional.empty())
            .orElseThrow();
    Share ofPeer = connection.source().share();
    Share ofSubnet = connection.subnet().orElseThrow();
    assertThat(taken(ofPeer.health())).isEqualTo(4);
    assertThat(taken(ofSubnet.health())).isEqualTo(40);
    assertThat(taken(ofPeer.rate())).isEqualTo(10);
    assertThat(taken(ofSubnet.rate())).isEqualTo(25);
  }

  private static int taken(Budget budget) {
    int taken = 0;
    while (budget.take(0)) {
      taken++;
    }
    return taken;
  }

  @Test
  void whatNoConnectionHas_isForgotten_whereNothingIsRemembered() throws Exception {
    Sources forgetful =
        new Sources(LIMITS.toBuilder().remembered(0).build(), ThisMachine.LOOPBACK, false);
    Sources.Connection connection =
        forgetful
            .opened(
                new InetSocketAddress(InetAddress.getByName("8.8.8.1"), 1),
                Optional.of(NodeId.of(1)),
                Optional.empty())
            .orElseThrow();
    assertThat(connection.peer()).contains(NodeId.of(1));
    assertThat(forgetful.known()).as("address, node and subnet").isEqualTo(3);
    forgetful.closed(connection);
    assertThat(forgetful.known()).isZero();
    assertThat(forgetful.open()).isZero();
  }
}
