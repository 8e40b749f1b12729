package dev.peerdiscovery.core.record;

/** How the peers of a network come by their ids. All its nodes are set to the same one. */
public enum IdentityMode {
  /**
   * Ids are given by hand, records are unsigned. Answering Ping at the advertised endpoint with
   * that id and the echoed nonce is the proof. For trusted networks, tests, and the seed's example.
   */
  ASSIGNED,
  /** The id is derived from an Ed25519 key that signs the record. */
  SIGNED
}
