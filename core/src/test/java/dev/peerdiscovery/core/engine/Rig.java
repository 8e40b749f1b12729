package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.routing.RoutingTable;
import dev.peerdiscovery.core.simulation.Newcomer;
import dev.peerdiscovery.core.simulation.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** The parts of one engine, to be tried one at a time; the test plays the network. */
final class Rig {
  static final NodeId ID = NodeId.ZERO;
  static final Endpoint ENDPOINT = new Endpoint("10.9.9.9", 7400);

  static final Outcome TIMEOUT = new Failure(Failure.Kind.TIMEOUT, "no answer in time");
  static final Outcome CANCELLED = new Failure(Failure.Kind.CANCELLED, "given up");
  static final Outcome BUSY = new Refusal(Refusal.Reason.OVERLOADED, "too much to do");

  private static final RecordVerifier VERIFIER =
      RecordVerifier.assigned(
          Newcomer.NETWORK.name(), AddressPolicy.of(Newcomer.NETWORK.scope(), false));

  final EngineConfig config;
  final SplittableRandom random = new SplittableRandom(1);
  final Events events = new Events();
  final Calls calls = new Calls();
  final Self self;
  final RoutingTable table;
  final Departed departed;
  final Contacts contacts;
  final Prover prover;
  final Hints hints;
  final Lookups lookups;
  final Refresh refresh;

  Rig(EngineConfig config) {
    this(config, Newcomer.NETWORK, VERIFIER);
  }

  Rig(EngineConfig config, Network network, RecordVerifier verifier) {
    this.config = config;
    self = new Self(ID, network, Wire.signer(Optional.empty()), 1, events);
    table = new RoutingTable(ID, config.k());
    departed = new Departed(config);
    contacts = new Contacts(config, table, departed, events, 0);
    prover = new Prover(config, self, verifier, contacts, calls, random);
    hints = new Hints(self, verifier, contacts, prover, events);
    lookups = new Lookups(config, self, verifier, contacts, calls, events);
    refresh = new Refresh(config, self, hints, lookups, table, random);
    self.advertise(List.of(ENDPOINT));
  }

  Rig() {
    this(EngineConfig.defaults());
  }

  /** What those need that look at regions, of a node that has joined a network of others. */
  Lookers lookers() {
    return new Lookers(
        config, self, VERIFIER, contacts, lookups, calls, events, () -> true, () -> false, random);
  }

  static SignedPeerRecord record(NodeId id, long sequence, Endpoint... endpoints) {
    return Wire.sign(new PeerRecord(id, List.of(endpoints), sequence, Newcomer.NETWORK.name()));
  }

  /** A record at an endpoint of its own. */
  static SignedPeerRecord record(NodeId id) {
    return record(id, 1, endpointOf(id));
  }

  static Endpoint endpointOf(NodeId id) {
    int number = id.hashCode() & 0xffffff;
    return new Endpoint(
        "10." + (number >> 16) + "." + (number >> 8 & 0xff) + "." + (number & 0xff), 7400);
  }

  static Contact contact(SignedPeerRecord record) {
    return ((RecordVerifier.Verified) VERIFIER.verify(record)).contact();
  }

  static Contact contact(long id) {
    return contact(record(NodeId.of(id)));
  }

  /** Puts contacts into the table that have just proved their ids. */
  void earn(long nowNanos, NodeId... ids) {
    for (NodeId id : ids) {
      contacts.earned(contact(record(id)), nowNanos);
    }
  }

  /** Answers a call as a peer would that is there and knows nobody. */
  static Outcome answerOf(Call call) {
    if (call.request() instanceof PingRequest ping) {
      SignedPeerRecord own = record(ping.wantedId().orElseThrow(), 1, call.to());
      return new PingResponse(own, ping.nonce(), Optional.empty());
    }
    return new FindNodeResponse(List.of());
  }

  /** The ids that the calls made since the last time were meant for. */
  List<NodeId> called() {
    List<NodeId> called = new ArrayList<>();
    calls.drain().forEach(call -> called.add(call.request().wantedId().orElseThrow()));
    return called;
  }

  /** Begins a lookup that a peer is known for, and that nobody waits for. */
  void lookup(NodeId target, SignedPeerRecord from) {
    Lookups.Companion companion =
        new Lookups.Companion() {
          @Override
          public boolean answered(Contact by, List<SignedPeerRecord> named, long nowNanos) {
            return false;
          }

          @Override
          public void ended(long nowNanos) {}
        };
    lookups.start(target, List.of(from), Event.Purpose.REQUESTED, true, companion, 0);
    lookups.advance(0);
  }
}
