package dev.peerdiscovery.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.ToyKey;
import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The engine of all the other networks, where ids come from keys and nobody is believed. */
class SignedNetworkTest {
  private static final Network SIGNED = Network.of("test", IdentityMode.SIGNED, Scope.PRIVATE);
  private static final int PEERS = 40;

  /** Nobody has to wait for a place. */
  private static final EngineConfig CONFIG = EngineConfig.defaults().toBuilder().k(64).build();

  private final VirtualNetwork network = new VirtualNetwork(7, Addresses.DENSE, ToyKey::verify);
  private final List<VirtualPeer> peers = new ArrayList<>();
  private final List<Event> events = new ArrayList<>();

  private Newcomer newcomer(long key, Endpoint at, Endpoint... seeds) {
    return Newcomer.of(NodeId.ZERO, at, CONFIG, seeds).signedBy(new ToyKey(key), SIGNED);
  }

  private VirtualPeer join(long key, Endpoint... seeds) {
    VirtualPeer peer = network.start(newcomer(key, network.addressOf(network.places()), seeds));
    network.runUntil("join", Duration.ofMinutes(5), peer::isJoined);
    peers.add(peer);
    return peer;
  }

  private void grow() {
    for (int i = 0; i < PEERS; i++) {
      join(i, i == 0 ? new Endpoint[0] : new Endpoint[] {peers.get(i / 2).endpoint()});
    }
    network.run(Duration.ofMinutes(1));
  }

  /** Has a caller be heard of by a peer, and gives it time to be called. */
  private List<Event> tell(VirtualPeer peer, SignedPeerRecord caller) {
    Observer log =
        new Observer() {
          @Override
          public void told(VirtualPeer who, Event event) {
            if (who == peer) {
              events.add(event);
            }
          }
        };
    network.observe(log);
    PingRequest ping =
        new PingRequest(
            SIGNED, Optional.of(caller), Optional.empty(), peer.endpoint(), Bytes.EMPTY);
    network.receive(peer, ping, Optional.empty());
    network.run(Duration.ofSeconds(5));
    network.ignore(log);
    return events;
  }

  private static boolean knows(VirtualPeer peer, NodeId id) {
    return peer.engine().contacts().stream().anyMatch(entry -> entry.contact().id().equals(id));
  }

  @Test
  void peersFindEachOther_byTheIdsOfTheirKeys() {
    grow();
    for (VirtualPeer target : peers) {
      VirtualPeer from = peers.get((target.number() + 17) % PEERS);
      List<Contact> found = new ArrayList<>();
      Observer log =
          new Observer() {
            @Override
            public void told(VirtualPeer who, Event event) {
              if (who == from && event instanceof Event.LookupEnded ended) {
                found.addAll(ended.result());
              }
            }
          };
      network.observe(log);
      network.lookup(from, target.id());
      network.run(Duration.ofSeconds(10));
      network.ignore(log);
      assertThat(found).first().extracting(Contact::id).isEqualTo(target.id());
    }
    assertThat(peers).extracting(VirtualPeer::id).doesNotHaveDuplicates();
  }

  @Test
  void farewell_isBelieved_onlyFromItsPeer() {
    grow();
    VirtualPeer leaver = peers.get(3);
    VirtualPeer other =
        peers.stream().filter(p -> p != leaver && knows(p, leaver.id())).findFirst().orElseThrow();
    PeerRecord content = new PeerRecord(leaver.id(), List.of(), 1_000, "test");
    SignedPeerRecord real = Wire.sign(content, leaver.key().orElseThrow());
    SignedPeerRecord forged =
        new SignedPeerRecord(content, real.encoded(), real.publicKey(), Bytes.copyOf(new byte[64]));

    tell(other, forged);
    assertThat(knows(other, leaver.id())).isTrue();
    network.crash(leaver);
    tell(other, real);
    assertThat(knows(other, leaver.id())).isFalse();
  }

  @Test
  void forgedCopyOfARecord_doesNotKeepItsPeerOut() {
    grow();
    VirtualPeer peer = peers.get(5);
    ToyKey key = new ToyKey(600);
    Endpoint at = network.addressOf(network.places());
    PeerRecord content = new PeerRecord(key.id(), List.of(at), 2, "test");
    SignedPeerRecord real = Wire.sign(content, key);
    assertThat(
            tell(
                peer,
                new SignedPeerRecord(
                    content, real.encoded(), real.publicKey(), Bytes.copyOf(new byte[64]))))
        .contains(new Event.HintDropped(key.id(), Event.Drop.FORGED));
    network.start(newcomer(600, at));
    tell(peer, real);
    assertThat(knows(peer, key.id())).isTrue();
  }

  @Test
  void whoRelaysTheNonce_provesNothing() {
    grow();
    VirtualPeer victim = peers.get(1);
    Endpoint at = network.addressOf(network.places());
    // The man in the middle claims the victim's id and has the victim sign for him.
    VirtualPeer middle = network.start(newcomer(500, at, peers.get(0).endpoint()));
    PeerRecord claim = new PeerRecord(new ToyKey(500).id(), List.of(at), 900, "test");
    middle.behave(
        (peer, request, honest) -> {
          if (!(request instanceof PingRequest ping)) {
            return honest.answer(request, Optional.empty());
          }
          PingRequest relayed =
              new PingRequest(
                  SIGNED, ping.caller(), Optional.of(victim.id()), victim.endpoint(), ping.nonce());
          PingResponse answer = (PingResponse) network.receive(victim, relayed, Optional.empty());
          return new PingResponse(
              Wire.sign(claim, new ToyKey(500)), answer.proof(), Optional.empty());
        });
    List<Event> told = tell(peers.get(5), Wire.sign(claim, new ToyKey(500)));
    assertThat(told).contains(new Event.HintDropped(middle.id(), Event.Drop.NOT_PROVED));
    assertThat(knows(peers.get(5), middle.id())).isFalse();
  }

  @Test
  void forgedRecord_inOurOwnName_doesNotMoveOurSequence() {
    VirtualPeer peer = join(1);
    SignedPeerRecord own = peer.engine().self().orElseThrow();
    PeerRecord ahead = new PeerRecord(peer.id(), own.content().endpoints(), 1_000_000, "test");
    SignedPeerRecord forged =
        new SignedPeerRecord(ahead, Wire.sign(ahead).encoded(), own.publicKey(), own.signature());

    tell(peer, forged);
    assertThat(peer.engine().self()).contains(own);
    tell(peer, Wire.sign(ahead, new ToyKey(1)));
    assertThat(peer.engine().self().orElseThrow().content().sequence()).isEqualTo(1_000_001);
    assertThat(peer.engine().status().warnings()).isEmpty();
  }

  @Test
  void cloneOfAKey_isSaid_andIsOutbidOnceAMinute() {
    VirtualPeer peer = join(1);
    Endpoint elsewhere = Endpoint.parse("10.200.0.1:7400");
    for (long sequence : new long[] {1_000, 2_000}) {
      PeerRecord clone = new PeerRecord(peer.id(), List.of(elsewhere), sequence, "test");
      tell(peer, Wire.sign(clone, new ToyKey(1)));
      assertThat(peer.engine().self().orElseThrow().content().sequence()).isEqualTo(1_001);
    }
    assertThat(events).filteredOn(Event.IdentityCollision.class::isInstance).hasSize(1);
    assertThat(peer.engine().status().warnings())
        .singleElement()
        .asString()
        .contains("identity-collision", "10.200.0.1:7400", "key");
    network.run(Duration.ofMinutes(1));
    tell(
        peer,
        Wire.sign(new PeerRecord(peer.id(), List.of(elsewhere), 3_000, "test"), new ToyKey(1)));
    assertThat(peer.engine().self().orElseThrow().content().sequence()).isEqualTo(3_001);
    assertThat(peer.engine().contacts()).isEmpty();
  }

  @Test
  void seedThatClaimsOurId_withoutOurKey_isNotBelieved() {
    VirtualPeer liar = join(9);
    VirtualPeer peer =
        network.start(newcomer(1, network.addressOf(network.places()), liar.endpoint()));
    liar.behave(
        (who, request, honest) ->
            new PingResponse(
                Wire.sign(
                    new PeerRecord(peer.id(), List.of(liar.endpoint()), 1_000, "test"),
                    new ToyKey(9)),
                Bytes.EMPTY,
                Optional.empty()));
    network.run(Duration.ofMinutes(2));
    assertThat(peer.engine().status().seeds().get(0).lastResult()).contains("without its key");
    assertThat(peer.engine().status().warnings()).isEmpty();
    assertThat(peer.engine().self().orElseThrow().content().sequence()).isLessThan(1_000);
  }
}
