package dev.peerdiscovery.core.record;

import dev.peerdiscovery.core.id.NodeId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Turns records as they travel into {@linkplain Contact contacts}; there is no other way. Records
 * are verified late, when one is about to be dialled, stored or returned, because most of those
 * that arrive never are.
 *
 * <p>What is cheap comes first: lengths, the key, the id that it gives, the network, and only then
 * the signature and the addresses.
 *
 * <p>Not thread-safe where it keeps a cache; each engine owns one.
 */
public final class RecordVerifier {
  /** What came of verifying a record. */
  public sealed interface Verdict {}

  /** The record is good, and its peer can be dialled. */
  public record Verified(Contact contact) implements Verdict {}

  /** The record is good, and says that its peer has left. */
  public record Left(SignedPeerRecord record) implements Verdict {}

  /** The record is not to be used. */
  public record Refused(Reason reason) implements Verdict {}

  /** Why a record is not used. */
  public enum Reason {
    /** It belongs to another network. */
    OTHER_NETWORK,
    /** It carries a key or a signature where ids are assigned, or none where they are signed. */
    OTHER_IDENTITY,
    /** Its key has another length, is of small order, or not canonical. */
    BAD_KEY,
    /** Its id is not the one that its key gives. */
    OTHER_KEY,
    /** Its signature is not its key's over its bytes. */
    BAD_SIGNATURE,
    /** None of its endpoints may be dialled under the address policy. */
    ADDRESS_NOT_ALLOWED;

    /** Whether somebody made the record who does not have the key of its id. */
    public boolean isForgery() {
      return this == BAD_KEY || this == OTHER_KEY || this == BAD_SIGNATURE;
    }
  }

  private final String network;
  private final AddressPolicy policy;

  /** Null where ids are assigned. */
  private final @Nullable SignatureVerifier signatures;

  private final int maxRemembered;

  /** The good records that were verified last, by what they are serialised to. */
  private final Map<Bytes, Verified> remembered = new HashMap<>();

  private RecordVerifier(
      String network,
      AddressPolicy policy,
      @Nullable SignatureVerifier signatures,
      int maxRemembered) {
    this.network = network;
    this.policy = policy;
    this.signatures = signatures;
    this.maxRemembered = maxRemembered;
  }

  /** A verifier for {@link IdentityMode#ASSIGNED}: records are unsigned. */
  public static RecordVerifier assigned(String network, AddressPolicy policy) {
    return new RecordVerifier(network, policy, null, 0);
  }

  /** A verifier for {@link IdentityMode#SIGNED}: a record is what the key of its id has signed. */
  public static RecordVerifier signed(
      String network, AddressPolicy policy, SignatureVerifier signatures) {
    return new RecordVerifier(network, policy, signatures, 0);
  }

  /**
   * The same, for one owner at a time, that remembers good records, so that each is looked into
   * once and has one contact, however often it is verified and whoever holds it.
   *
   * @param max how many it remembers; at one more it forgets all and begins anew
   */
  public RecordVerifier remembering(int max) {
    return new RecordVerifier(network, policy, signatures, max);
  }

  /** What checks signatures; where ids are assigned, no signature is any good. */
  public SignatureVerifier signatures() {
    return signatures == null ? (key, message, signature) -> false : signatures;
  }

  /** Verifies a record; its contact is dialled at the first endpoint that the policy allows. */
  public Verdict verify(SignedPeerRecord record) {
    Verified known = known(record);
    return known != null ? known : remember(verifyAnew(record));
  }

  /**
   * Where a peer would be called first, as far as its record tells, which is not verified: the
   * first of its endpoints that the policy allows. Nothing when there is none.
   */
  public Optional<Endpoint> dialled(SignedPeerRecord record) {
    for (Endpoint endpoint : record.content().endpoints()) {
      if (policy.allows(endpoint)) {
        return Optional.of(endpoint);
      }
    }
    return Optional.empty();
  }

  /**
   * The same peer at the next of its endpoints that the policy allows, if there is another to be
   * tried. In {@link Scope#PUBLIC} there is none: see {@link #verify(SignedPeerRecord, Endpoint)}.
   */
  public Optional<Contact> next(Contact peer) {
    List<Endpoint> endpoints = peer.record().content().endpoints();
    if (policy.scope() == Scope.PUBLIC) {
      return Optional.empty();
    }
    for (int i = endpoints.indexOf(peer.endpoint()) + 1; i < endpoints.size(); i++) {
      if (policy.allows(endpoints.get(i))) {
        return Optional.of(new Contact(peer.record(), endpoints.get(i)));
      }
    }
    return Optional.empty();
  }

  /**
   * Verifies the record of a peer that answered at {@code dialled}; its contact stays there. A
   * record without that endpoint is refused as an address that is not allowed: a peer is only where
   * it says that it is.
   *
   * <p>In {@link Scope#PUBLIC} so is one that names another endpoint first. Records are handed on
   * whole, and whoever hears of one calls the first; proved at the second, a stranger's record
   * would have honest peers send a whole network to whoever is at the first.
   */
  public Verdict verify(SignedPeerRecord record, Endpoint dialled) {
    Verdict verdict = verify(record);
    if (!(verdict instanceof Verified verified) || verified.contact().endpoint().equals(dialled)) {
      return verdict;
    }
    return policy.scope() != Scope.PUBLIC
            && record.content().endpoints().contains(dialled)
            && policy.allows(dialled)
        ? new Verified(new Contact(verified.contact().record(), dialled))
        : new Refused(Reason.ADDRESS_NOT_ALLOWED);
  }

  /** Whether a record is this network's and its peer's own, wherever that may be. */
  public boolean isGenuine(SignedPeerRecord record) {
    return known(record) != null || flawOf(record).isEmpty();
  }

  /**
   * Verifies what is said about an instance of a service; nothing when it is not to be used.
   *
   * <p>A tombstone is held to the same rules: what could not be stored needs no withdrawing.
   */
  public Optional<Provider> verify(SignedProviderRecord record) {
    return refusalOf(record).isPresent() ? Optional.empty() : Optional.of(new Provider(record));
  }

  /** Why a record about an instance is not used, or nothing when it is. */
  public Optional<Reason> refusalOf(SignedProviderRecord record) {
    Bytes key = record.publicKey();
    Bytes signature = record.signature();
    Optional<Reason> flaw = keyFlaw(record.content().publisher(), key, signature);
    if (flaw.isPresent()) {
      return flaw;
    }
    if (!policy.allows(record.content().endpoint())) {
      return Optional.of(Reason.ADDRESS_NOT_ALLOWED);
    }
    boolean good =
        signatures == null
            || signatures.verify(key, Domain.PROVIDER_RECORD.bytesOf(record.encoded()), signature);
    return good ? Optional.empty() : Optional.of(Reason.BAD_SIGNATURE);
  }

  private @Nullable Verified known(SignedPeerRecord record) {
    if (maxRemembered == 0) {
      return null;
    }
    Verified known = remembered.get(record.encoded());
    return known != null && known.contact().record().equals(record) ? known : null;
  }

  private Verdict remember(Verdict verdict) {
    if (maxRemembered > 0 && verdict instanceof Verified verified) {
      if (remembered.size() >= maxRemembered) {
        remembered.clear();
      }
      remembered.put(verified.contact().record().encoded(), verified);
    }
    return verdict;
  }

  private Verdict verifyAnew(SignedPeerRecord record) {
    Optional<Reason> flaw = flawOf(record);
    if (flaw.isPresent()) {
      return new Refused(flaw.get());
    }
    if (record.hasLeft()) {
      return new Left(record);
    }
    Optional<Endpoint> dialled = dialled(record);
    return dialled.isPresent()
        ? new Verified(new Contact(record, dialled.get()))
        : new Refused(Reason.ADDRESS_NOT_ALLOWED);
  }

  /** What is wrong with a record but for its addresses. */
  private Optional<Reason> flawOf(SignedPeerRecord record) {
    Bytes key = record.publicKey();
    Bytes signature = record.signature();
    boolean isOtherNetwork = !record.content().network().equals(network);
    if (signatures == null && isOtherNetwork) {
      return Optional.of(Reason.OTHER_NETWORK);
    }
    Optional<Reason> flaw = keyFlaw(record.id(), key, signature);
    if (flaw.isPresent() || signatures == null) {
      return flaw;
    }
    if (isOtherNetwork) {
      return Optional.of(Reason.OTHER_NETWORK);
    }
    return signatures.verify(key, Domain.PEER_RECORD.bytesOf(record.encoded()), signature)
        ? Optional.empty()
        : Optional.of(Reason.BAD_SIGNATURE);
  }

  /** What is wrong with a key and a signature as far as their form tells, and with whose it is. */
  private Optional<Reason> keyFlaw(NodeId id, Bytes key, Bytes signature) {
    boolean isUnsigned = key.isEmpty() && signature.isEmpty();
    if (signatures == null || isUnsigned) {
      return isUnsigned == (signatures == null)
          ? Optional.empty()
          : Optional.of(Reason.OTHER_IDENTITY);
    }
    if (signature.size() != PublicKey.SIGNATURE_BYTES) {
      return Optional.of(Reason.BAD_SIGNATURE);
    }
    if (!PublicKey.isSound(key)) {
      return Optional.of(Reason.BAD_KEY);
    }
    return new PublicKey(key).id().equals(id) ? Optional.empty() : Optional.of(Reason.OTHER_KEY);
  }
}
