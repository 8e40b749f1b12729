/**
 * The id space: 256-bit {@linkplain dev.peerdiscovery.core.id.NodeId ids}, the one {@linkplain
 * dev.peerdiscovery.core.id.Distance distance} between them, and the {@linkplain
 * dev.peerdiscovery.core.id.Offsets offsets} by powers of two that the project started from.
 *
 * <p>Start with {@code NodeId}. Depends on nothing but the JDK.
 */
@NullMarked
package dev.peerdiscovery.core.id;

import org.jspecify.annotations.NullMarked;
