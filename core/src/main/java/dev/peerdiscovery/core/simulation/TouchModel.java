package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.lookup.DisjointLookup;
import dev.peerdiscovery.core.lookup.Lookup;
import dev.peerdiscovery.core.lookup.Patience;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The workload by which S/Kademlia was judged (section 5): a path ends as soon as it touches an
 * adversary, and the lookup of a peer succeeds when one of its paths reaches that peer. It drives
 * the {@link DisjointLookup} that ships over the tables of a network at rest; each path makes one
 * call at a time, all paths in step, and nobody is asked beyond the peer that is sought.
 *
 * <p>The paper gives each peer a list of its s siblings beside its k-buckets. Here it has its
 * buckets alone, which hold everybody of each range around it that has at most k, and what has to
 * be reached is the peer itself.
 */
final class TouchModel {
  private static final Patience FOREVER = new Patience(Long.MAX_VALUE / 4, Long.MAX_VALUE / 4);

  private final VirtualNetwork network;
  private final Oracle oracle;
  private final Lookup.Settings settings;

  TouchModel(VirtualNetwork network, Oracle oracle, int k) {
    this.network = network;
    this.oracle = oracle;
    this.settings = new Lookup.Settings(k, 1, false);
  }

  /**
   * A lookup of one peer by another.
   *
   * @param isBad who ends a path that touches it
   * @return how many were asked before the peer was reached; −1 when it was not
   */
  int asked(VirtualPeer asker, VirtualPeer sought, int paths, Predicate<VirtualPeer> isBad) {
    DisjointLookup lookup =
        new DisjointLookup(
            sought.id(),
            Optional.of(asker.id()),
            settings,
            paths,
            nearest(asker, sought.id()),
            id -> FOREVER);
    int asked = 0;
    while (true) {
      List<VirtualPeer> round = round(lookup);
      if (round.contains(sought)) {
        return asked;
      }
      if (round.isEmpty()) {
        return -1;
      }
      asked += round.size();
      for (VirtualPeer peer : round) {
        if (isBad.test(peer)) {
          lookup.stopPathOf(peer.id());
          lookup.failed(peer.id(), false);
        } else {
          lookup.answered(contactOf(peer), nearest(peer, sought.id()));
        }
      }
    }
  }

  /** Whom the paths would ask now. */
  private List<VirtualPeer> round(DisjointLookup lookup) {
    List<VirtualPeer> round = new ArrayList<>();
    Optional<SignedPeerRecord> next = lookup.next(0);
    while (next.isPresent()) {
      oracle.find(next.get().id()).ifPresent(round::add);
      next = lookup.next(0);
    }
    return round;
  }

  private List<SignedPeerRecord> nearest(VirtualPeer peer, NodeId target) {
    return peer.engine().closest(target, settings.k()).stream().map(Contact::record).toList();
  }

  private Contact contactOf(VirtualPeer peer) {
    EngineConfig config = peer.config();
    return network.contactOf(Newcomer.of(peer.id(), peer.endpoint(), config).in(peer.network()));
  }
}
