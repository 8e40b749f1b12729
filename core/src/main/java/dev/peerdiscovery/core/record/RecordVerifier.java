package dev.peerdiscovery.core.record;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns records as they travel into {@linkplain Contact contacts}; there is no other way. Records
 * are verified late, when one is about to be dialled, stored or returned, because most of those
 * that arrive never are.
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
    /** None of its endpoints may be dialled under the address policy. */
    ADDRESS_NOT_ALLOWED
  }

  private final String network;
  private final AddressPolicy policy;
  private final int maxRemembered;

  /** The good records that were verified last, by what they are serialised to. */
  private final Map<Bytes, Verified> remembered = new HashMap<>();

  private RecordVerifier(String network, AddressPolicy policy, int maxRemembered) {
    this.network = network;
    this.policy = policy;
    this.maxRemembered = maxRemembered;
  }

  /** A verifier for {@link IdentityMode#ASSIGNED}: records are unsigned. */
  public static RecordVerifier assigned(String network, AddressPolicy policy) {
    return new RecordVerifier(network, policy, 0);
  }

  /**
   * The same, for one owner at a time, that remembers good records, so that each is looked into
   * once and has one contact, however often it is verified and whoever holds it.
   *
   * @param max how many it remembers; at one more it forgets all and begins anew
   */
  public RecordVerifier remembering(int max) {
    return new RecordVerifier(network, policy, max);
  }

  /** Verifies a record; its contact is dialled at the first endpoint that the policy allows. */
  public Verdict verify(SignedPeerRecord record) {
    Verified known = known(record);
    return known != null ? known : remember(verify(record, record.content().endpoints()));
  }

  /**
   * Verifies the record of a peer that answered at {@code dialled}; its contact stays there. A
   * record without that endpoint is refused as an address that is not allowed: a peer is only where
   * it says that it is.
   */
  public Verdict verify(SignedPeerRecord record, Endpoint dialled) {
    Verified known = known(record);
    if (known != null && known.contact().endpoint().equals(dialled)) {
      return known;
    }
    boolean advertised = record.content().endpoints().contains(dialled);
    return verify(record, advertised ? List.of(dialled) : List.of());
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

  private Verdict verify(SignedPeerRecord record, List<Endpoint> endpoints) {
    if (!record.content().network().equals(network)) {
      return new Refused(Reason.OTHER_NETWORK);
    }
    if (!record.publicKey().isEmpty() || !record.signature().isEmpty()) {
      return new Refused(Reason.OTHER_IDENTITY);
    }
    if (record.hasLeft()) {
      return new Left(record);
    }
    for (Endpoint endpoint : endpoints) {
      if (policy.allows(endpoint)) {
        return new Verified(new Contact(record, endpoint));
      }
    }
    return new Refused(Reason.ADDRESS_NOT_ALLOWED);
  }
}
