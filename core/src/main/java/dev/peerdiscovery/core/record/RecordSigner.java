package dev.peerdiscovery.core.record;

/**
 * Makes a node's own records ready to travel. A port, because the serialisation and the key live
 * outside core. Deterministic, quick, and called by the engine's owner only.
 */
public interface RecordSigner {
  /** Serialises a record, and signs it where the identity mode asks for it. */
  SignedPeerRecord sign(PeerRecord record);

  /** The same for what the node says about an instance of a service. */
  SignedProviderRecord sign(ProviderRecord record);
}
