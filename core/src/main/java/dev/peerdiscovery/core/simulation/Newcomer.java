package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.List;

/**
 * A peer that is to be started.
 *
 * @param network the network that it means to belong to
 * @param id its id
 * @param at its address, and the only one that it advertises
 * @param config the numbers that it goes by
 * @param sequence the highest sequence that a record of its id had
 * @param seeds whom it asks for the way in
 * @param remembered records that it kept from before
 */
public record Newcomer(
    Network network,
    NodeId id,
    Endpoint at,
    EngineConfig config,
    long sequence,
    List<Endpoint> seeds,
    List<SignedPeerRecord> remembered) {
  /** The network that peers belong to where nothing else is said. */
  public static final Network NETWORK =
      new Network("test", IdentityMode.ASSIGNED, Scope.PRIVATE, Network.PROTOCOL_VERSION);

  /** Copies the lists. */
  public Newcomer {
    seeds = List.copyOf(seeds);
    remembered = List.copyOf(remembered);
  }

  /** A peer that was never there before. */
  public static Newcomer of(NodeId id, Endpoint at, EngineConfig config, Endpoint... seeds) {
    return new Newcomer(NETWORK, id, at, config, 1, List.of(seeds), List.of());
  }

  /** The same, for another network. */
  public Newcomer in(Network other) {
    return new Newcomer(other, id, at, config, sequence, seeds, remembered);
  }

  /** The same, with records of its id that went before. */
  public Newcomer after(long highestSequence) {
    return new Newcomer(network, id, at, config, highestSequence, seeds, remembered);
  }

  /** The same, with records that it kept from before. */
  public Newcomer remembering(List<SignedPeerRecord> records) {
    return new Newcomer(network, id, at, config, sequence, seeds, records);
  }
}
