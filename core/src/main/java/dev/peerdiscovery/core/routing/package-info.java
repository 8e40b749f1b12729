/**
 * The {@linkplain dev.peerdiscovery.core.routing.RoutingTable routing table}: k-buckets of contacts
 * that were earned, and the {@linkplain dev.peerdiscovery.core.routing.TableView immutable view} of
 * it that answers FindNode.
 *
 * <p>Depends on {@code id} and {@code record}.
 */
@NullMarked
package dev.peerdiscovery.core.routing;

import org.jspecify.annotations.NullMarked;
