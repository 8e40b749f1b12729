package dev.peerdiscovery.core.record;

import dev.peerdiscovery.core.id.NodeId;
import java.util.Map;

/**
 * An instance of a service whose record was verified. Immutable. Only {@link RecordVerifier} makes
 * one, so its publisher did say so, and its endpoint is one that the address policy allows; that
 * anybody serves there only a call tells.
 */
public final class Provider {
  private final SignedProviderRecord record;

  Provider(SignedProviderRecord record) {
    this.record = record;
  }

  /** The service. */
  public ServiceName service() {
    return content().service();
  }

  /** The node that stands for the instance. */
  public NodeId publisher() {
    return content().publisher();
  }

  /** Where the instance serves. */
  public Endpoint endpoint() {
    return content().endpoint();
  }

  /** What callers should know about it. */
  public Map<String, String> metadata() {
    return content().metadata();
  }

  /** All that the record says. */
  public ProviderRecord content() {
    return record.content();
  }

  /** The record, to be handed on as it came. */
  public SignedProviderRecord record() {
    return record;
  }

  @Override
  public boolean equals(Object other) {
    return this == other || (other instanceof Provider provider && record.equals(provider.record));
  }

  @Override
  public int hashCode() {
    return record.encoded().hashCode();
  }

  @Override
  public String toString() {
    return service() + "@" + endpoint() + " by " + publisher().toShortString();
  }
}
