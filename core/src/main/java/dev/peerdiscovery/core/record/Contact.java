package dev.peerdiscovery.core.record;

import dev.peerdiscovery.core.id.NodeId;

/**
 * A peer whose record was verified, and the endpoint at which it is dialled. Immutable. Only {@link
 * RecordVerifier} makes one, so whoever holds a contact may dial it; that it answers there with its
 * id is what the routing table asks for on top.
 */
public final class Contact {
  /** The record's, kept at hand: tables compare it some hundred times in an answer. */
  private final NodeId id;

  private final SignedPeerRecord record;
  private final Endpoint endpoint;

  Contact(SignedPeerRecord record, Endpoint endpoint) {
    this.id = record.id();
    this.record = record;
    this.endpoint = endpoint;
  }

  /** The peer's id. */
  public NodeId id() {
    return id;
  }

  /** Where to dial it: one of its endpoints, which the address policy allows. */
  public Endpoint endpoint() {
    return endpoint;
  }

  /** The record, to be handed on as it came. */
  public SignedPeerRecord record() {
    return record;
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || (other instanceof Contact contact
            && record.equals(contact.record)
            && endpoint.equals(contact.endpoint));
  }

  @Override
  public int hashCode() {
    return record.encoded().hashCode();
  }

  @Override
  public String toString() {
    return id().toShortString() + "@" + endpoint;
  }
}
