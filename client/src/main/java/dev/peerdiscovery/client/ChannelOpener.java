package dev.peerdiscovery.client;

import dev.peerdiscovery.core.record.Endpoint;
import io.grpc.ManagedChannelBuilder;

/**
 * Opens channels to endpoints in another way than over TCP: in process, for tests with many nodes,
 * or over whatever transport a host has. Thread-safe.
 */
@FunctionalInterface
public interface ChannelOpener {
  /** A builder for a channel to an endpoint; limits and timeouts are set on it afterwards. */
  ManagedChannelBuilder<?> open(Endpoint endpoint);
}
