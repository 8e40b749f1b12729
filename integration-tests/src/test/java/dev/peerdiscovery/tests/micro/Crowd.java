package dev.peerdiscovery.tests.micro;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.routing.RoutingTable;
import dev.peerdiscovery.proto.RecordCodec;
import java.util.List;
import java.util.SplittableRandom;

/** Peers of random ids with records as they travel, the same ones for the same seed. */
final class Crowd {
  static final int K = 20;

  static final String NETWORK = "bench";
  static final RecordVerifier VERIFIER =
      RecordVerifier.assigned(NETWORK, AddressPolicy.of(Scope.PRIVATE, false));

  private final SplittableRandom random;

  Crowd(long seed) {
    this.random = new SplittableRandom(seed);
  }

  NodeId id() {
    return NodeId.random(random);
  }

  NodeId[] ids(int count) {
    NodeId[] ids = new NodeId[count];
    for (int i = 0; i < count; i++) {
      ids[i] = id();
    }
    return ids;
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  /** The contact of a peer somewhere in 10.0.0.0/8. */
  static Contact contact(NodeId id) {
    String host = "10.%d.%d.%d".formatted(id.w1() & 255, id.w2() & 255, id.w3() & 255);
    PeerRecord record = new PeerRecord(id, List.of(new Endpoint(host, 7400)), 1, NETWORK);
    return ((RecordVerifier.Verified) VERIFIER.verify(RecordCodec.unsigned().sign(record)))
        .contact();
  }

  /** The table of a peer that was offered so many others of random ids, one after the other. */
  RoutingTable table(NodeId self, int offered) {
    RoutingTable table = new RoutingTable(self, K);
    for (int i = 0; i < offered; i++) {
      NodeId id = id();
      if (table.room(self.bucketOf(id)) > 0) {
        table.insert(contact(id), 0);
      }
    }
    return table;
  }
}
