package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.HeldProvider;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.Provider;
import dev.peerdiscovery.core.record.ProviderRecord;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.ServiceName;
import dev.peerdiscovery.core.simulation.Newcomer;
import dev.peerdiscovery.core.simulation.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is merged from several keepers: the newest record of each instance, and its tombstone. */
class SeenTest {
  private static final ServiceName ORDERS = new ServiceName("test", "orders");
  private static final Endpoint AT = new Endpoint("10.1.0.1", 8080);
  private static final Duration TTL = Duration.ofSeconds(90);
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final Seen seen =
      new Seen(
          ORDERS,
          RecordVerifier.assigned(
              Newcomer.NETWORK.name(), AddressPolicy.of(Newcomer.NETWORK.scope(), false)));
  private final List<Provider> present = new ArrayList<>();
  private final List<Provider> gone = new ArrayList<>();

  private static HeldProvider held(Endpoint at, long incarnation, long sequence, boolean gone) {
    ProviderRecord record =
        new ProviderRecord(
            ORDERS, NodeId.of(1), at, Map.of(), TTL, gone, incarnation, sequence, Bytes.EMPTY);
    return new HeldProvider(Wire.sign(record), gone ? Duration.ZERO : TTL);
  }

  private boolean changed() {
    present.clear();
    gone.clear();
    return seen.takeChanges(present, gone);
  }

  @Test
  void aRenewal_isNoChange_butALaterRegistrationIs() {
    seen.take(List.of(held(AT, 1, 1, false)), 0);
    assertThat(changed()).isTrue();
    seen.take(List.of(held(AT, 1, 2, false)), SECOND);
    assertThat(changed()).isFalse();
    seen.take(List.of(held(AT, 2, 1, false)), SECOND);
    assertThat(changed()).isTrue();
    assertThat(present).extracting(p -> p.content().incarnation()).containsExactly(2L);
  }

  @Test
  void aTombstone_isRememberedForItsTtl_soThatAnOlderRecordDoesNotBringItBack() {
    seen.take(List.of(held(AT, 1, 1, false)), 0);
    changed();
    seen.take(List.of(held(AT, 1, 3, true)), 0);
    assertThat(changed()).isTrue();
    assertThat(gone).hasSize(1);

    long before = TTL.toNanos() - 1;
    seen.expire(before);
    seen.take(List.of(held(AT, 1, 2, false)), before);
    assertThat(changed()).isFalse();
    assertThat(seen.all(before)).isEmpty();

    seen.expire(TTL.toNanos());
    seen.take(List.of(held(AT, 1, 2, false)), TTL.toNanos());
    assertThat(changed()).as("nothing is remembered for longer").isTrue();
  }

  @Test
  void truncated_isSaid_whileAKeeperHasMore_andClearedByTheNextLook() {
    seen.take(List.of(held(AT, 1, 1, false)), 2, 0);
    assertThat(seen.isTruncated()).isTrue();
    seen.take(List.of(held(new Endpoint("10.1.0.2", 8080), 1, 1, false)), 0);
    assertThat(seen.isTruncated()).as("both are known by now").isFalse();

    seen.take(List.of(held(AT, 1, 1, false)), 9, 0);
    assertThat(seen.isTruncated()).isTrue();
    seen.forgetSampled();
    assertThat(seen.isTruncated()).isFalse();
  }

  @Test
  void whatRanOut_isNotToldBeforeItIsConfirmed() {
    seen.take(List.of(held(AT, 1, 1, false)), 0);
    changed();
    assertThat(seen.nextExpiry()).isEqualTo(TTL.toNanos());
    seen.expire(TTL.toNanos() - 1);
    assertThat(seen.ttlOfLapsed()).isEmpty();
    assertThat(seen.isEmpty()).isFalse();
    assertThat(seen.all(TTL.toNanos() - 1).get(0).remaining()).isEqualTo(Duration.ofNanos(1));
    assertThat(seen.all(TTL.toNanos())).isEmpty();

    seen.expire(TTL.toNanos());
    assertThat(seen.ttlOfLapsed()).contains(TTL);
    assertThat(seen.isEmpty()).isTrue();
    assertThat(seen.nextExpiry()).isEqualTo(Long.MAX_VALUE);
    assertThat(changed()).isFalse();
    seen.confirmLapsed();
    assertThat(seen.ttlOfLapsed()).isEmpty();
    assertThat(changed()).isTrue();
    assertThat(gone).extracting(Provider::endpoint).containsExactly(AT);
    assertThat(changed()).as("once").isFalse();
  }

  @Test
  void whatRanOut_andIsRenewed_wasNeverGone() {
    seen.take(List.of(held(AT, 1, 1, false)), 0);
    changed();
    seen.expire(TTL.toNanos());
    seen.take(List.of(held(AT, 1, 2, false)), TTL.toNanos());
    assertThat(seen.ttlOfLapsed()).isEmpty();
    seen.confirmLapsed();
    assertThat(changed()).isFalse();
    assertThat(seen.all(TTL.toNanos())).hasSize(1);
  }

  @Test
  void whatWillRunOut_isSaidBefore_butNotOfTombstones() {
    Endpoint other = new Endpoint("10.1.0.2", 8080);
    assertThat(seen.ttlOfLapsing(Long.MAX_VALUE)).isEmpty();
    seen.take(List.of(held(AT, 1, 1, false)), SECOND);
    seen.take(List.of(held(other, 1, 1, true)), 0);
    assertThat(seen.nextLapse()).isEqualTo(TTL.toNanos() + SECOND);
    assertThat(seen.ttlOfLapsing(TTL.toNanos() + SECOND - 1)).isEmpty();
    assertThat(seen.ttlOfLapsing(TTL.toNanos() + SECOND)).contains(TTL);

    seen.take(List.of(held(AT, 1, 2, false)), 2 * SECOND);
    assertThat(seen.ttlOfLapsing(TTL.toNanos() + SECOND)).as("renewed").isEmpty();
    assertThat(seen.nextLapse()).isEqualTo(TTL.toNanos() + 2 * SECOND);
    seen.take(List.of(held(AT, 1, 3, true)), 3 * SECOND);
    assertThat(seen.ttlOfLapsing(TTL.toNanos() + 9 * SECOND)).as("withdrawn").isEmpty();
    assertThat(seen.nextLapse()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void instancesAndTombstones_haveABound_andThenThereAreMore() {
    for (int i = 0; i < Seen.MAX; i++) {
      assertThat(seen.isTruncated()).isFalse();
      seen.take(List.of(held(new Endpoint("10.1.0.2", 1 + i), 1, 1, i % 2 == 0)), 0);
    }
    assertThat(seen.isTruncated()).isTrue();
    seen.take(List.of(held(AT, 1, 1, false)), 0);
    assertThat(seen.all(0))
        .hasSize(Seen.MAX / 2)
        .noneMatch(f -> f.provider().endpoint().equals(AT));
    // Of those that are known it takes news.
    seen.take(List.of(held(new Endpoint("10.1.0.2", 2), 1, 2, true)), 0);
    assertThat(seen.all(0)).hasSize(Seen.MAX / 2 - 1);
  }
}
