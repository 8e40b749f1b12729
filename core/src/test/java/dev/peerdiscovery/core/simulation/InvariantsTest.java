package dev.peerdiscovery.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peerdiscovery.core.Peers;
import dev.peerdiscovery.core.engine.Call;
import dev.peerdiscovery.core.engine.CallId;
import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.engine.LookupId;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.AddProviderRequest;
import dev.peerdiscovery.core.message.AddProviderResponse;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.GetProvidersRequest;
import dev.peerdiscovery.core.message.GetProvidersResponse;
import dev.peerdiscovery.core.message.HeldProvider;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.ProviderRecord;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.record.SignedProviderRecord;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Invariants notice what they are for; that engines keep them, the fault schedules show. */
class InvariantsTest {
  private static final LookupId LOOKUP = new LookupId(99);

  private final VirtualNetwork network = new VirtualNetwork(1);
  private final Invariants invariants = new Invariants(network, "this run");
  private VirtualPeer zero;
  private VirtualPeer one;

  @BeforeEach
  void twoPeers() {
    network.observe(invariants);
    EngineConfig config = EngineConfig.defaults().toBuilder().k(2).build();
    zero = network.join(NodeId.of(0), config);
    one = network.join(NodeId.of(1), config, zero.endpoint());
    network.run(Duration.ofSeconds(5));
  }

  private static void assertNoticed(String what, ThrowingCallable broken) {
    assertThatThrownBy(broken)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("this run: ", what, "@10.0.0.");
  }

  private void answers(Optional<SignedPeerRecord> caller, SignedPeerRecord... named) {
    FindNodeRequest request =
        new FindNodeRequest(Newcomer.NETWORK, caller, Optional.empty(), NodeId.of(5));
    invariants.answered(one, zero, request, new FindNodeResponse(List.of(named)));
  }

  private static SignedPeerRecord record(VirtualPeer peer) {
    return peer.engine().self().orElseThrow();
  }

  @Test
  void aSoundNetwork_breaksNone() {
    answers(Optional.empty(), record(one));

    assertThat(invariants.checks()).isGreaterThan(100);
  }

  @Test
  void contactThatProvedNothing() {
    VirtualPeer alone = network.start(NodeId.of(5), EngineConfig.defaults());
    alone.engine().resume(List.of(Peers.contact(NodeId.of(2))), network.nowNanos());

    assertNoticed("a contact that proved nothing: 5", () -> network.settle(alone));
  }

  @Test
  void contactThatIsLostWithoutAWord_orWithoutAReason() {
    assertNoticed(
        "lost somebody who did not miss as many calls",
        () ->
            invariants.told(
                zero,
                new Event.ContactLost(
                    zero.engine().contacts().get(0).contact(), Event.Loss.FAILED)));
    assertNoticed("a contact that came or went unsaid", () -> invariants.settled(zero));
  }

  @Test
  void contactThatIsLost_andWasNone() {
    assertNoticed(
        "lost somebody who was no contact",
        () ->
            invariants.told(
                zero, new Event.ContactLost(Peers.contact(NodeId.of(9)), Event.Loss.LEFT)));
  }

  @Test
  void recordThatIsServedForLonger_thanItWasStored() {
    ProviderRecord content =
        new ProviderRecord(
            Registry.name(0),
            NodeId.of(1),
            one.endpoint(),
            Map.of(),
            Duration.ofSeconds(30),
            false,
            1,
            1,
            Bytes.EMPTY);
    SignedProviderRecord record = Wire.sign(content);
    AddProviderRequest add =
        new AddProviderRequest(
            Newcomer.NETWORK, Optional.of(record(one)), Optional.empty(), record);
    invariants.answered(one, zero, add, new AddProviderResponse(Bytes.EMPTY));

    serves(record, Duration.ofSeconds(30));
    network.run(Duration.ofSeconds(1));
    assertNoticed("served past its TTL", () -> serves(record, Duration.ofSeconds(30)));
  }

  private void serves(SignedProviderRecord record, Duration remaining) {
    GetProvidersRequest get =
        new GetProvidersRequest(
            Newcomer.NETWORK, Optional.empty(), Optional.empty(), NodeId.of(5), 1);
    HeldProvider held = new HeldProvider(record, remaining);
    invariants.answered(
        one, zero, get, new GetProvidersResponse(List.of(held), 1, List.of(), Bytes.EMPTY));
  }

  @Test
  void callThatIsNeverCompleted() {
    // Of an id that was there: noticed, and counted.
    assertNoticed("two calls of one id", () -> invariants.called(one, firstCall()));

    assertNoticed(
        "a call without an outcome",
        () -> IntStream.range(0, 16).forEach(step -> invariants.settled(one)));
  }

  @Test
  void answerThatNamesWhomItMustNot() {
    SignedPeerRecord stranger = Peers.record(NodeId.of(7));

    assertNoticed("proved nothing to it", () -> answers(Optional.empty(), stranger));
    assertNoticed("names itself", () -> answers(Optional.empty(), record(zero)));
    assertNoticed("the caller", () -> answers(Optional.of(record(one)), record(one)));
    assertNoticed(
        "more than k", () -> answers(Optional.empty(), record(one), record(one), record(one)));
  }

  @Test
  void hostileAnswer_isNobodysFault() {
    zero.behave(Adversaries.SILENT);
    answers(Optional.empty(), record(zero));

    assertThat(zero.isHonest()).isFalse();
  }

  @Test
  void callOfAnIdThatWasThere_orWithTwoOutcomes() {
    Call again = firstCall();

    assertNoticed("two calls of one id", () -> invariants.called(one, again));
    assertNoticed(
        "completed twice", () -> invariants.completed(one, again, new FindNodeResponse(List.of())));
  }

  /** Of an id that every peer has used. */
  private Call firstCall() {
    FindNodeRequest request =
        new FindNodeRequest(Newcomer.NETWORK, Optional.empty(), Optional.empty(), NodeId.of(5));
    return new Call(new CallId(1), zero.endpoint(), request, Duration.ofSeconds(1));
  }

  private void begin() {
    invariants.told(one, new Event.LookupStarted(LOOKUP, NodeId.of(5), Event.Purpose.REQUESTED));
  }

  private void step(Contact from) {
    invariants.told(one, new Event.LookupStep(LOOKUP, from, 0, 0, 0));
  }

  private void end(Contact... result) {
    invariants.told(one, new Event.LookupEnded(LOOKUP, NodeId.of(5), List.of(result), 0));
  }

  @Test
  void lookupThatEndsTwice_orGoesOnAfterwards() {
    begin();
    end();

    assertNoticed("ends twice", this::end);
    assertNoticed("a step after", () -> step(Peers.contact(NodeId.of(4))));
  }

  @Test
  void resultWithoutAnAnswer_orOutOfOrder() {
    Contact four = Peers.contact(NodeId.of(4));
    Contact seven = Peers.contact(NodeId.of(7));
    begin();
    step(four);

    assertNoticed("did not answer", () -> end(seven));
    begin();
    step(four);
    step(seven);
    assertNoticed("out of order", () -> end(seven, four));
  }

  @Test
  void resultWithItself_orWithTooMany() {
    Contact itself = Peers.contact(NodeId.of(1));
    Contact[] three = {
      Peers.contact(NodeId.of(4)), Peers.contact(NodeId.of(7)), Peers.contact(NodeId.of(6))
    };
    begin();
    step(itself);

    assertNoticed("itself in a result", () -> end(itself));
    begin();
    assertNoticed("more than k in a result", () -> end(three));
  }

  @Test
  void lookupThatBeginsTwice() {
    begin();

    assertNoticed("two lookups of one id", this::begin);
  }

  @Test
  void lookupBeyondItsDeadline() {
    begin();
    network.run(Duration.ofSeconds(11));

    assertNoticed("beyond its deadline", this::end);
  }
}
