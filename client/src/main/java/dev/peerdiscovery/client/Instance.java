package dev.peerdiscovery.client;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.ProviderRecord;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An instance of a service that some node has published. Immutable.
 *
 * @param endpoint where it serves
 * @param metadata what callers should know about it, sorted by key
 * @param publisher the node that published it
 * @param remaining how long its record held when the node told of it; zero in a watch, where it
 *     holds until something else is told
 * @param registered orders the registrations of one endpoint, as an unsigned number: of two with
 *     the same endpoint the larger one is the later; 0 from a node that does not say. It is no time
 */
public record Instance(
    Endpoint endpoint,
    Map<String, String> metadata,
    NodeId publisher,
    Duration remaining,
    long registered) {
  /** The key of the metadata that overrides the authority which callers use. */
  public static final String AUTHORITY = "authority";

  private static final Pattern AUTHORITIES =
      Pattern.compile("([A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}])(:[0-9]{1,5})?");

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException when the metadata is none that can be published
   */
  public Instance {
    metadata = ProviderRecord.checkedMetadata(metadata);
  }

  /** One of which it is not known when it was registered. */
  Instance(Endpoint endpoint, Map<String, String> metadata, NodeId publisher, Duration remaining) {
    this(endpoint, metadata, publisher, remaining, 0);
  }

  /** Which instance it is, whatever is said about it. */
  record Name(NodeId publisher, Endpoint endpoint) {}

  Name name() {
    return new Name(publisher, endpoint);
  }

  /**
   * The authority that callers of this instance use, where it has one of its own. Any member of the
   * network can say one, so what is no host with or without a port is none.
   */
  public Optional<String> authority() {
    return Optional.ofNullable(metadata.get(AUTHORITY))
        .filter(it -> AUTHORITIES.matcher(it).matches());
  }

  /**
   * Whether it counts where the other names the same endpoint, too: it was registered later, or, if
   * that cannot be told, its publisher has the larger id. So all who know both agree.
   */
  boolean isLaterThan(Instance other) {
    int order = Long.compareUnsigned(registered, other.registered);
    return order == 0 ? publisher.compareTo(other.publisher) > 0 : order > 0;
  }

  /** Whether the same is said of the same instance, for whatever time. */
  boolean saysTheSame(Instance other) {
    return name().equals(other.name()) && metadata.equals(other.metadata);
  }
}
