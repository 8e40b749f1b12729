package dev.peerdiscovery.core.record;

/**
 * Signs with a node's key. A port, because keys live outside core. The same bytes always get the
 * same signature, as Ed25519 has it. Safe for use by several threads.
 */
public interface MessageSigner {
  /** The key's public half, {@value PublicKey#BYTES} bytes. */
  Bytes publicKey();

  /**
   * Signs bytes, which come from {@link Domain#bytesOf} and so say what they are for.
   *
   * @return {@value PublicKey#SIGNATURE_BYTES} bytes
   */
  Bytes sign(Bytes message);
}
