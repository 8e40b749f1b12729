package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.engine.Engine;
import dev.peerdiscovery.core.record.Endpoint;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AdvertisedAddressTest {
  private static final List<Endpoint> TOLD = List.of(new Endpoint("10.0.0.5", 7400));

  private final TestEngine alone = TestEngine.starting(false);
  private final TestEngine seeded = TestEngine.starting(true);

  private static AdvertisedAddress listening(String at, Endpoint... configured) {
    AdvertisedAddress address =
        new AdvertisedAddress(List.of(configured), Optional.of(ListenAddress.parse(at)));
    address.listening(7777);
    return address;
  }

  private static List<Endpoint> said(TestEngine test) {
    return test.engine().self().map(self -> self.content().endpoints()).orElse(List.of());
  }

  private static void callLeft(AdvertisedAddress address, TestEngine test, String from)
      throws Exception {
    Engine engine = test.engine();
    address.callLeftFrom(InetAddress.getByName(from), engine, test.now());
  }

  @Test
  void whatItWasTold_holds_whateverCallsShow() throws Exception {
    AdvertisedAddress address = listening("0.0.0.0:0", TOLD.get(0));
    assertThat(address.known()).isEqualTo(TOLD);
    address.begin(seeded.engine(), seeded.now());
    assertThat(said(seeded)).isEqualTo(TOLD);
    callLeft(address, seeded, "10.0.0.8");
    address.alone(seeded.engine(), seeded.now());
    assertThat(said(seeded)).isEqualTo(TOLD);
  }

  @Test
  void anAddressThatItListensOn_isIt_withTheActualPort() throws Exception {
    AdvertisedAddress address = listening("10.0.0.6:0");
    List<Endpoint> expected = List.of(new Endpoint("10.0.0.6", 7777));
    assertThat(address.known()).isEqualTo(expected);
    address.begin(seeded.engine(), seeded.now());
    callLeft(address, seeded, "10.0.0.8");
    assertThat(said(seeded)).isEqualTo(expected);
  }

  @Test
  void whereItMeansAll_theFirstCallShowsIt_andNoLaterOne() throws Exception {
    AdvertisedAddress address = listening("0.0.0.0:0");
    assertThat(address.known()).isEmpty();
    address.begin(seeded.engine(), seeded.now());
    assertThat(said(seeded)).as("a seed will show it").isEmpty();
    callLeft(address, seeded, "10.0.0.8");
    assertThat(said(seeded)).containsExactly(new Endpoint("10.0.0.8", 7777));
    callLeft(address, seeded, "10.0.0.4");
    address.alone(seeded.engine(), seeded.now());
    assertThat(said(seeded)).containsExactly(new Endpoint("10.0.0.8", 7777));
  }

  @Test
  void withoutSeeds_itIsGuessed_untilACallShowsIt() throws Exception {
    AdvertisedAddress address = listening("0.0.0.0:0");
    address.begin(alone.engine(), alone.now());
    assertThat(said(alone)).containsExactly(Endpoint.of(HostAddress.guess(false), 7777));
    callLeft(address, alone, "10.0.0.8");
    assertThat(said(alone)).containsExactly(new Endpoint("10.0.0.8", 7777));
  }

  @Test
  void whereItMeansAllOfIpv6_oneOfThoseIsGuessed() {
    AdvertisedAddress address = listening("[::]:0");
    address.begin(alone.engine(), alone.now());
    assertThat(said(alone)).containsExactly(Endpoint.of(HostAddress.guess(true), 7777));
  }

  @Test
  void withSeedsThatSaidNothing_itIsGuessedWhenItKnowsThatItIsAlone() {
    AdvertisedAddress address = listening("0.0.0.0:0");
    address.begin(seeded.engine(), seeded.now());
    address.alone(seeded.engine(), seeded.now());
    assertThat(said(seeded)).containsExactly(Endpoint.of(HostAddress.guess(false), 7777));
  }
}
