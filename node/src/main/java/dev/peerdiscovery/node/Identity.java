package dev.peerdiscovery.node;

import dev.peerdiscovery.client.Ed25519;
import dev.peerdiscovery.client.tls.PeerTls;
import dev.peerdiscovery.client.tls.Tls;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.RecordSigner;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.proto.RecordCodec;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Who a node is, and how it knows who others are.
 *
 * @param id its id
 * @param key what the id comes from, where ids are signed
 */
record Identity(NodeId id, Optional<NodeKey> key) {
  /** Verified records that are kept at hand; more than a table holds, some 2 MiB at most. */
  private static final int MAX_VERIFIED = 4096;

  /**
   * The identity of a node.
   *
   * @param assigned its id, if that is given
   * @param directory where it is kept, if anywhere; without one it is new
   * @throws StartException when another one is kept there, or none can be
   */
  static Identity of(
      IdentityMode mode, Optional<NodeId> assigned, Optional<DataDirectory> directory)
      throws StartException {
    if (mode == IdentityMode.SIGNED) {
      NodeKey key = directory.isPresent() ? directory.get().key() : NodeKey.generate();
      return new Identity(key.id(), Optional.of(key));
    }
    NodeId drawn = NodeId.random(new SecureRandom());
    return new Identity(
        directory.isPresent() ? directory.get().id(assigned, drawn) : assigned.orElse(drawn),
        Optional.empty());
  }

  /**
   * What TLS comes to for this node.
   *
   * @param counters count the certificates that are refused
   * @throws StartException when the files that it needs cannot be used
   */
  PeerTls tls(Tls setting, Counters counters) throws StartException {
    if (setting.mode() == Tls.Mode.OFF) {
      return PeerTls.off();
    }
    try {
      return PeerTls.ofNode(
          setting,
          key.orElseThrow(),
          Ed25519::verify,
          InstantSource.system(),
          refused -> counters.count("tls.refused." + refused));
    } catch (IOException e) {
      throw new StartException(StartException.Reason.STORAGE, "tls: " + e.getMessage(), e);
    }
  }

  /** Makes the node's own records. */
  RecordSigner signer() {
    return key.isPresent() ? RecordCodec.signed(key.get()) : RecordCodec.unsigned();
  }

  /** Judges those of others, for one owner at a time. */
  RecordVerifier verifier(Network network, AddressPolicy policy) {
    return key.isPresent()
        ? RecordVerifier.signed(network.name(), policy, Ed25519::verify).remembering(MAX_VERIFIED)
        : RecordVerifier.assigned(network.name(), policy);
  }
}
