package dev.peerdiscovery.client;

import dev.peerdiscovery.core.id.NodeId;
import io.grpc.Attributes;
import java.util.Map;

/**
 * What the {@code peer} name resolver says of each address, for load balancers: the attributes of
 * an {@link io.grpc.EquivalentAddressGroup}.
 */
public final class PeerAttributes {
  /** The instance's metadata; cannot be changed. */
  public static final Attributes.Key<Map<String, String>> METADATA =
      Attributes.Key.create("dev.peerdiscovery.metadata");

  /** The node that published the instance. */
  public static final Attributes.Key<NodeId> PUBLISHER =
      Attributes.Key.create("dev.peerdiscovery.publisher");

  private PeerAttributes() {}
}
