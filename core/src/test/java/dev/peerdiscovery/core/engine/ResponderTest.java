package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.PingProof;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.message.Reply;
import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.simulation.Newcomer;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResponderTest {
  private static final NodeId TARGET = NodeId.of(11);
  private static final Bytes NONCE = Bytes.copyOf(new byte[PingRequest.NONCE_BYTES]);

  /** Peer 0 with the contacts 1 to 40. */
  private final Rig rig = new Rig(EngineConfig.defaults().toBuilder().k(8).build());

  private Responder responder() {
    return new Responder(
        Rig.ID, Newcomer.NETWORK, rig.self.record(), rig.table.view(), rig.config.k());
  }

  private void knowMany() {
    LongStream.rangeClosed(1, 40).forEach(id -> rig.earn(0, NodeId.of(id)));
  }

  private static FindNodeRequest findNode(Optional<SignedPeerRecord> caller) {
    return new FindNodeRequest(Newcomer.NETWORK, caller, Optional.of(Rig.ID), TARGET);
  }

  private static PingRequest ping(Optional<NodeId> wanted, Endpoint dialled) {
    return new PingRequest(Newcomer.NETWORK, Optional.empty(), wanted, dialled, NONCE);
  }

  private static List<NodeId> ids(Reply reply) {
    return ((FindNodeResponse) reply).peers().stream().map(SignedPeerRecord::id).toList();
  }

  private static Refusal.Reason reason(Reply reply) {
    return ((Refusal) reply).reason();
  }

  @Test
  void findNode_namesTheKNearest_neverItself() {
    knowMany();
    List<NodeId> known = rig.table.entries().stream().map(e -> e.contact().id()).toList();

    assertThat(ids(responder().answer(findNode(Optional.empty()), Optional.empty())))
        .isEqualTo(
            known.stream()
                .sorted(Comparator.comparing(TARGET::distanceTo))
                .limit(rig.config.k())
                .toList());
  }

  @Test
  void findNode_neverNamesTheCaller_andStillNamesK() {
    knowMany();
    NodeId caller = NodeId.of(11);
    List<NodeId> named =
        ids(responder().answer(findNode(Optional.of(Rig.record(caller))), Optional.empty()));

    assertThat(rig.table.contact(caller)).isPresent();
    assertThat(named).hasSize(rig.config.k()).doesNotContain(caller, Rig.ID);
  }

  @Test
  void findNode_neverNamesASuspect_orAReplacement() {
    knowMany();
    rig.table.failed(NodeId.of(11), 1);
    rig.table.park(Rig.record(NodeId.of(63)));

    assertThat(ids(responder().answer(findNode(Optional.empty()), Optional.empty())))
        .doesNotContain(NodeId.of(11), NodeId.of(63));
  }

  @Test
  void ping_provesOnlyWhereItSaysThatItIs() {
    PingResponse here =
        (PingResponse)
            responder().answer(ping(Optional.of(Rig.ID), Rig.ENDPOINT), Optional.empty());
    PingResponse elsewhere =
        (PingResponse)
            responder()
                .answer(ping(Optional.empty(), new Endpoint("some.name", 7400)), Optional.empty());

    assertThat(here.proof()).isEqualTo(NONCE);
    assertThat(elsewhere.proof()).isEqualTo(Bytes.EMPTY);
    assertThat(elsewhere.responder()).isEqualTo(rig.self.record().orElseThrow());
  }

  @Test
  void ping_saysWhereTheCallWasSeenToComeFrom() {
    Endpoint from = new Endpoint("10.3.3.3", 51_234);
    PingResponse response =
        (PingResponse)
            responder().answer(ping(Optional.of(Rig.ID), Rig.ENDPOINT), Optional.of(from));

    assertThat(response.observed()).contains(from);
  }

  @Test
  void requestForAnotherPeer_isRefused() {
    Optional<NodeId> other = Optional.of(NodeId.of(5));
    Request find = new FindNodeRequest(Newcomer.NETWORK, Optional.empty(), other, TARGET);

    assertThat(reason(responder().answer(ping(other, Rig.ENDPOINT), Optional.empty())))
        .isEqualTo(Refusal.Reason.OTHER_PEER);
    assertThat(reason(responder().answer(find, Optional.empty())))
        .isEqualTo(Refusal.Reason.OTHER_PEER);
  }

  @Test
  void beforeItsAddressIsKnown_itServesNobody() {
    Responder starting =
        new Responder(Rig.ID, Newcomer.NETWORK, Optional.empty(), rig.table.view(), rig.config.k());

    assertThat(reason(starting.answer(findNode(Optional.empty()), Optional.empty())))
        .isEqualTo(Refusal.Reason.NOT_SERVING);
  }

  @ParameterizedTest
  @CsvSource({
    "blue, ASSIGNED, PRIVATE, 1, OTHER_NETWORK",
    "test, SIGNED, PRIVATE, 1, OTHER_IDENTITY",
    "test, ASSIGNED, PUBLIC, 1, OTHER_SCOPE",
    "test, ASSIGNED, PRIVATE, 3, OTHER_VERSION"
  })
  void otherNetwork_isRefused_withTheReason(
      String name, IdentityMode identity, Scope scope, int version, Refusal.Reason reason) {
    Request request =
        new FindNodeRequest(
            new Network(name, identity, scope, version),
            Optional.empty(),
            Optional.of(Rig.ID),
            TARGET);

    assertThat(reason(responder().answer(request, Optional.empty()))).isEqualTo(reason);
  }

  @Test
  void isNews_ofStrangersAndNewerRecords() {
    rig.contacts.earned(Rig.contact(Rig.record(NodeId.of(3), 5, Rig.endpointOf(NodeId.of(3)))), 0);

    assertThat(responder().isNews(Rig.record(NodeId.of(4)))).isTrue();
    assertThat(responder().isNews(Rig.record(NodeId.of(3), 4))).isFalse();
    assertThat(responder().isNews(Rig.record(NodeId.of(3), 5))).isFalse();
    assertThat(responder().isNews(Rig.record(NodeId.of(3), 6))).isTrue();
  }

  @Test
  void signOfLife_isARequestOfAnotherPeerElsewhere() {
    NodeId other = NodeId.of(4);
    assertThat(isSignOfLife(Rig.record(other))).isTrue();
    assertThat(isSignOfLife(rig.self.record().orElseThrow())).as("the node itself").isFalse();
    assertThat(responder().isSignOfLife(findNode(Optional.empty()))).as("no peer").isFalse();
    Endpoint beside = new Endpoint(Rig.ENDPOINT.host(), 1);
    assertThat(isSignOfLife(Rig.record(other, 1, Rig.endpointOf(other), beside)))
        .as("on the same machine")
        .isFalse();
  }

  @Test
  void signOfLife_whereAllAreOnLoopback_isARequestOfAnyOtherPeer() {
    rig.self.advertise(List.of(new Endpoint("127.0.0.1", 7400)));
    assertThat(isSignOfLife(Rig.record(NodeId.of(4), 1, new Endpoint("127.0.0.1", 7401)))).isTrue();
    assertThat(isSignOfLife(rig.self.record().orElseThrow())).isFalse();
    assertThat(responder().isSignOfLife(findNode(Optional.empty()))).isFalse();
  }

  private boolean isSignOfLife(SignedPeerRecord caller) {
    return responder().isSignOfLife(findNode(Optional.of(caller)));
  }

  @Test
  void responder_answersAsTheNodeStoodThen() {
    Responder before = responder();
    knowMany();

    assertThat(ids(before.answer(findNode(Optional.empty()), Optional.empty()))).isEmpty();
  }

  private Responder signing() {
    Network signed = Network.of("test", IdentityMode.SIGNED, Scope.PRIVATE);
    return new Responder(Rig.ID, signed, rig.self.record(), rig.table.view(), rig.config.k());
  }

  @Test
  void whereIdsAreSigned_theProofIsLeftToTheOwner_whoIsToldWhatToSign() {
    Network signed = Network.of("test", IdentityMode.SIGNED, Scope.PRIVATE);
    Optional<NodeId> own = Optional.of(Rig.ID);
    PingRequest here = new PingRequest(signed, Optional.empty(), own, Rig.ENDPOINT, NONCE);
    PingRequest elsewhere =
        new PingRequest(signed, Optional.empty(), own, new Endpoint("some.name", 1), NONCE);
    PingRequest plain = new PingRequest(signed, Optional.empty(), own, Rig.ENDPOINT, Bytes.EMPTY);

    assertThat(signing().toSign(here)).contains(PingProof.bytesOf(here, Rig.ID));
    assertThat(signing().toSign(elsewhere)).isEmpty();
    assertThat(signing().toSign(plain)).as("no proof is asked for").isEmpty();
    PingResponse answer = (PingResponse) signing().answer(here, Optional.empty());
    assertThat(answer.proof()).isEqualTo(Bytes.EMPTY);
    assertThat(responder().toSign(ping(own, Rig.ENDPOINT))).as("ids are assigned").isEmpty();
  }

  @Test
  void refusalOf_isNothing_whereTheRequestIsForThisPeer() {
    assertThat(responder().refusalOf(ping(Optional.of(Rig.ID), Rig.ENDPOINT))).isEmpty();
    assertThat(responder().refusalOf(ping(Optional.empty(), Rig.ENDPOINT))).isEmpty();
    Responder starting =
        new Responder(Rig.ID, Newcomer.NETWORK, Optional.empty(), rig.table.view(), rig.config.k());
    assertThat(starting.refusalOf(ping(Optional.empty(), Rig.ENDPOINT)).orElseThrow().reason())
        .isEqualTo(Refusal.Reason.NOT_SERVING);
    assertThat(starting.isSignOfLife(findNode(Optional.of(Rig.record(NodeId.of(4)))))).isFalse();
  }

  @Test
  void findNode_ofACallerThatKnowsFewerThanK_namesAllOthers() {
    rig.earn(0, NodeId.of(1), NodeId.of(2), NodeId.of(3));

    assertThat(
            ids(
                responder()
                    .answer(findNode(Optional.of(Rig.record(NodeId.of(2)))), Optional.empty())))
        .containsExactlyInAnyOrder(NodeId.of(1), NodeId.of(3));
  }
}
