/**
 * Calls peers over gRPC: the caller that a node uses for its own protocol, and the typed stub with
 * which other services ping peers, ask them, and look ids up from outside the network without
 * joining it.
 */
@NullMarked
package dev.peerdiscovery.client;

import org.jspecify.annotations.NullMarked;
