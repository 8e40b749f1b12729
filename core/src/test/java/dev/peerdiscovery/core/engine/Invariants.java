package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.routing.RoutingTable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checks, after each step of each engine, what must hold whatever happens. */
final class Invariants implements VirtualNetwork.Observer {
  private record Proof(NodeId id, Endpoint at) {}

  /** What was seen of one engine. */
  private static final class Past {
    final Set<Proof> proved = new HashSet<>();
    final Set<CallId> completed = new HashSet<>();
    long sequence;
  }

  private final String name;
  private final int k;
  private final Map<VirtualNetwork.Peer, Past> pasts = new HashMap<>();
  private int answersChecked;

  Invariants(String name, int k) {
    this.name = name;
    this.k = k;
  }

  int answersChecked() {
    return answersChecked;
  }

  private Past of(VirtualNetwork.Peer peer) {
    return pasts.computeIfAbsent(peer, p -> new Past());
  }

  @Override
  public void completed(VirtualNetwork.Peer from, Call call, Outcome outcome) {
    Past past = of(from);
    assertThat(past.completed.add(call.id())).as(name).isTrue();
    if (call.request() instanceof PingRequest ping
        && outcome instanceof PingResponse response
        && !ping.nonce().isEmpty()
        && response.proof().equals(ping.nonce())
        && response.responder().content().endpoints().contains(ping.dialled())) {
      past.proved.add(new Proof(response.responder().id(), ping.dialled()));
    }
  }

  @Override
  public void answered(
      VirtualNetwork.Peer from, VirtualNetwork.Peer to, Request request, Outcome answer) {
    if (answer instanceof FindNodeResponse found) {
      assertThat(found.peers()).as(name).hasSizeLessThanOrEqualTo(k);
      for (SignedPeerRecord named : found.peers()) {
        answersChecked++;
        assertThat(named.id()).as(name).isNotEqualTo(to.id);
        assertThat(named.content().endpoints())
            .as("%s: %s names %s", name, to.id, named)
            .anyMatch(at -> of(to).proved.contains(new Proof(named.id(), at)));
      }
    }
  }

  @Override
  public void settled(VirtualNetwork.Peer peer) {
    Past past = of(peer);
    Map<Integer, Integer> buckets = new HashMap<>();
    List<RoutingTable.Entry> contacts = peer.engine.contacts();
    for (RoutingTable.Entry entry : contacts) {
      NodeId id = entry.contact().id();
      check(!id.equals(peer.id), "itself in its table", peer);
      check(buckets.merge(entry.bucket(), 1, Integer::sum) <= k, "bucket over k", peer);
      check(past.proved.contains(new Proof(id, entry.contact().endpoint())), "not earned", peer);
    }
    EngineStatus status = peer.engine.status();
    check(status.contacts() == contacts.size(), "contacts miscounted", peer);
    check(status.departed() <= Departed.MAX, "too many departed", peer);
    check(
        status.callsUnderWay() == status.calls() - past.completed.size(),
        "a call not completed exactly once",
        peer);
    long sequence = peer.engine.self().map(self -> self.content().sequence()).orElse(0L);
    check(Long.compareUnsigned(sequence, past.sequence) >= 0, "own sequence went back", peer);
    past.sequence = sequence;
  }

  /** Not an assertion of the library, which costs too much to be made a million times. */
  private void check(boolean holds, String what, VirtualNetwork.Peer peer) {
    if (!holds) {
      throw new AssertionError(name + ": " + what + ": " + peer.id);
    }
  }
}
