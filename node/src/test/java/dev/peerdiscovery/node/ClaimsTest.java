package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.ServiceName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Which of several claims to one instance has it. */
class ClaimsTest {
  private static final Registrations.Instance ORDERS =
      new Registrations.Instance(
          new ServiceName("test", "orders"),
          new Endpoint("10.0.0.1", 80),
          Map.of(),
          Duration.ofSeconds(90),
          InstanceCheck.NONE);

  /** A call, and everything that it is told. */
  private static final class Call implements Registrations.Holder {
    final List<String> told = new ArrayList<>();

    @Override
    public void published(int keepers) {
      told.add("published " + keepers);
    }

    @Override
    public void unpublished(String why) {
      told.add(why);
    }

    @Override
    public void ended(Refusal why) {
      told.add("ended " + why.reason());
    }

    @Override
    public boolean mayMove() {
      return true;
    }
  }

  private final Claims claims = new Claims();

  private Claim open(String lease) {
    Claim claim = Claim.of(ORDERS, ByteString.copyFromUtf8(lease), new Call());
    claims.add(claim);
    return claim;
  }

  private Claim until(long nanos) {
    Claim claim = Claim.until(ORDERS, nanos);
    claims.add(claim);
    return claim;
  }

  @Test
  void openCallsComeFirst_thenLeasesByTime_thenLostCalls_theLastOfEach() {
    Claim lost = open("a");
    lost.lost(100);
    assertThat(claims.first()).isSameAs(lost);
    Claim later = open("b");
    later.lost(100);
    assertThat(claims.first()).isSameAs(later);
    Claim timed = until(50);
    assertThat(claims.first()).isSameAs(timed);
    Claim call = open("c");
    assertThat(claims.first()).isSameAs(call);
    Claim last = open("d");
    assertThat(claims.first()).isSameAs(last);
    claims.remove(last);
    claims.remove(call);
    assertThat(claims.first()).isSameAs(timed);
    claims.expire(49);
    assertThat(claims.first()).isSameAs(timed);
    claims.expire(50);
    assertThat(claims.first()).isSameAs(later);
    claims.expire(100);
    assertThat(claims.first()).isNull();
    assertThat(claims.isEmpty()).isTrue();
  }

  @Test
  void aCallThatIsTakenUpAgain_keepsItsRank() {
    Claim first = open("a");
    Claim second = open("b");
    claims.own(second);
    assertThat(claims.isBeforeOwner(first)).isFalse();
    assertThat(claims.isBeforeOwner(second)).isTrue();
    first.lost(100);
    first.takenUp(ORDERS, new Call());
    assertThat(claims.isBeforeOwner(first)).isFalse();
    assertThat(claims.first()).isSameAs(second);
    // The other way round it comes back to what it had.
    second.lost(100);
    claims.own(first);
    second.takenUp(ORDERS, new Call());
    assertThat(claims.isBeforeOwner(second)).isTrue();
  }

  @Test
  void whatNoOpenCallHas_isTakenByTheNextThatComes() {
    Claim lost = open("a");
    claims.own(lost);
    assertThat(claims.isHeld()).isTrue();
    lost.lost(100);
    assertThat(claims.isHeld()).isFalse();
    assertThat(claims.isBeforeOwner(open("b"))).isTrue();
    claims.expire(100);
    assertThat(claims.owner()).as("it is over").isNull();
  }

  @Test
  void aLease_isFoundByItsName_andNoneByNoName() {
    Claim named = open("a");
    Claim nameless = open("");
    assertThat(claims.ofLease(ByteString.copyFromUtf8("a"))).isSameAs(named);
    assertThat(claims.ofLease(ByteString.copyFromUtf8("b"))).isNull();
    assertThat(claims.ofLease(ByteString.EMPTY)).isNull();
    assertThat(claims.of(nameless.holder)).isSameAs(nameless);
    assertThat(claims.of(new Call())).isNull();
    assertThat(claims.byTime()).isNull();
    Claim timed = until(7);
    assertThat(claims.byTime()).isSameAs(timed);
  }

  @Test
  void theyHaveABound() {
    for (int i = 0; i < Claims.MAX; i++) {
      assertThat(claims.isFull()).isFalse();
      open("" + i);
    }
    assertThat(claims.isFull()).isTrue();
  }

  @Test
  void theEnd_isToldToCallsAndToThoseWhoWait_once() {
    Claim open = open("a");
    Call call = (Call) open.holder;
    Claim lost = open("b");
    Call gone = (Call) lost.holder;
    lost.lost(100);
    CompletableFuture<Integer> waiting = new CompletableFuture<>();
    claims.await(waiting);
    claims.end(new Refusal(Refusal.Reason.WITHDRAWN, "as the test wants"));
    assertThat(call.told).containsExactly("ended WITHDRAWN");
    assertThat(gone.told).isEmpty();
    assertThat(waiting).isCompletedExceptionally();
    assertThat(claims.isEmpty()).isTrue();
    claims.end(new Refusal(Refusal.Reason.WITHDRAWN, "again"));
    assertThat(call.told).hasSize(1);
  }

  @Test
  void thoseWhoWait_areToldHowManyKeepTheRecord() {
    CompletableFuture<Integer> waiting = new CompletableFuture<>();
    claims.await(waiting);
    claims.kept(3);
    assertThat(waiting).isCompletedWithValue(3);
  }

  @Test
  void aCallIsToldNothingTwice_butItsNextCallIs() {
    Claim claim = open("a");
    Call call = (Call) claim.holder;
    claim.published(2);
    claim.published(2);
    claim.unpublished("why");
    claim.unpublished("why");
    claim.published(2);
    assertThat(call.told).containsExactly("published 2", "why", "published 2");
    Call next = new Call();
    claim.takenUp(ORDERS, next);
    claim.published(2);
    assertThat(next.told).containsExactly("published 2");
    claim.lost(100);
    claim.unpublished("no call hears it");
    assertThat(next.told).hasSize(1);
    assertThat(claim.remaining(40)).isEqualTo(Duration.ofNanos(60));
    assertThat(claim.remaining(400)).isZero();
  }
}
