package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.MessageSigner;
import dev.peerdiscovery.core.record.PublicKey;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.List;
import java.util.Optional;

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
 * @param key what it signs with; none where ids are assigned
 */
public record Newcomer(
    Network network,
    NodeId id,
    Endpoint at,
    EngineConfig config,
    long sequence,
    List<Endpoint> seeds,
    List<SignedPeerRecord> remembered,
    Optional<MessageSigner> key) {
  /** The network that peers belong to where nothing else is said. */
  public static final Network NETWORK =
      new Network("test", IdentityMode.ASSIGNED, Scope.PRIVATE, Network.PROTOCOL_VERSION);

  /**
   * Copies the lists.
   *
   * @throws IllegalArgumentException when it has a key where ids are assigned, or none where they
   *     are signed
   */
  public Newcomer {
    if (key.isPresent() != (network.identity() == IdentityMode.SIGNED)) {
      throw new IllegalArgumentException("key: must be there with identity signed, and only then");
    }
    seeds = List.copyOf(seeds);
    remembered = List.copyOf(remembered);
  }

  /** A peer that was never there before. */
  public static Newcomer of(NodeId id, Endpoint at, EngineConfig config, Endpoint... seeds) {
    return new Newcomer(NETWORK, id, at, config, 1, List.of(seeds), List.of(), Optional.empty());
  }

  /** The same, for another network. */
  public Newcomer in(Network other) {
    return new Newcomer(other, id, at, config, sequence, seeds, remembered, key);
  }

  /** The same, for a network whose ids come from keys; its id is the one of its key. */
  public Newcomer signedBy(MessageSigner signer, Network signed) {
    NodeId own = new PublicKey(signer.publicKey()).id();
    return new Newcomer(signed, own, at, config, sequence, seeds, remembered, Optional.of(signer));
  }

  /** The same, with records of its id that went before. */
  public Newcomer after(long highestSequence) {
    return new Newcomer(network, id, at, config, highestSequence, seeds, remembered, key);
  }

  /** The same, with records that it kept from before. */
  public Newcomer remembering(List<SignedPeerRecord> records) {
    return new Newcomer(network, id, at, config, sequence, seeds, records, key);
  }
}
