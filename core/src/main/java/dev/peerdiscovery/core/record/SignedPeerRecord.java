package dev.peerdiscovery.core.record;

import dev.peerdiscovery.core.id.NodeId;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A peer's record as it travels: the exact bytes that were signed, with key and signature.
 * Unverified: what it says is a claim until {@link RecordVerifier} has made a {@link Contact} of
 * it. Immutable.
 */
public final class SignedPeerRecord {
  /** The most bytes that a record, its key and its signature take together. */
  public static final int MAX_BYTES = 1024;

  /** Those of the content, kept here because a lookup asks for them of all that it hears of. */
  private final NodeId id;

  private final boolean left;

  private final PeerRecord content;
  private final Bytes encoded;
  private final Bytes publicKey;
  private final Bytes signature;

  /** Made when it is first asked for; threads that do so at once make the same. */
  private @Nullable Bytes message;

  /**
   * A record of at most {@value #MAX_BYTES} bytes.
   *
   * @param content what the bytes say
   * @param encoded the serialised record, kept and relayed byte for byte
   * @param publicKey the signer's key; empty with {@link IdentityMode#ASSIGNED}
   * @param signature over {@code encoded}; empty with {@link IdentityMode#ASSIGNED}
   * @throws IllegalArgumentException when it is larger
   */
  public SignedPeerRecord(PeerRecord content, Bytes encoded, Bytes publicKey, Bytes signature) {
    if (encoded.size() + publicKey.size() + signature.size() > MAX_BYTES) {
      throw new IllegalArgumentException("record: larger than " + MAX_BYTES + " bytes");
    }
    this.id = content.id();
    this.left = content.hasLeft();
    this.content = content;
    this.encoded = encoded;
    this.publicKey = publicKey;
    this.signature = signature;
  }

  /** The id that the record claims. */
  public NodeId id() {
    return id;
  }

  /** Whether it says that its peer has left. */
  public boolean hasLeft() {
    return left;
  }

  /** What the bytes say. */
  public PeerRecord content() {
    return content;
  }

  /** Whether this record replaces {@code other} of the same peer. */
  @SuppressWarnings("ReferenceEquality") // Nearly always they are one, and not to be looked into.
  public boolean supersedes(SignedPeerRecord other) {
    return this != other && content.supersedes(other.content);
  }

  /** The serialised record, kept and relayed byte for byte. */
  public Bytes encoded() {
    return encoded;
  }

  /** The signer's key; empty with {@link IdentityMode#ASSIGNED}. */
  public Bytes publicKey() {
    return publicKey;
  }

  /** The signature over {@link #encoded}; empty with {@link IdentityMode#ASSIGNED}. */
  public Bytes signature() {
    return signature;
  }

  /**
   * All of it in one piece, as it is sent: made by the first who asks, and kept, because a node
   * sends the same few hundred records with every answer.
   *
   * @param encoding the only one there is; gives the same each time
   */
  public Bytes message(Function<SignedPeerRecord, Bytes> encoding) {
    Bytes made = message;
    if (made == null) {
      made = encoding.apply(this);
      message = made;
    }
    return made;
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || (other instanceof SignedPeerRecord record
            && encoded.equals(record.encoded)
            && publicKey.equals(record.publicKey)
            && signature.equals(record.signature)
            && content.equals(record.content));
  }

  @Override
  public int hashCode() {
    return encoded.hashCode();
  }

  @Override
  public String toString() {
    return content.toString();
  }
}
