/**
 * A node's whole protocol behaviour as one deterministic machine: {@link
 * dev.peerdiscovery.core.engine.Engine}.
 *
 * <p>Inputs are methods, outputs are values: the owner feeds completed calls, heard-of records and
 * the time, and drains {@linkplain dev.peerdiscovery.core.engine.Call calls} to perform and
 * {@linkplain dev.peerdiscovery.core.engine.Event events} to tell. Inside, each concern is a {@code
 * Part} of its own: {@code Bootstrap}, {@code Join}, {@code Lookups}, {@code Hints}, {@code
 * Liveness}, {@code Refresh}, {@code Departed}, {@code Leave}. May use all other packages of core.
 */
@NullMarked
package dev.peerdiscovery.core.engine;

import org.jspecify.annotations.NullMarked;
