/**
 * The iterative {@linkplain dev.peerdiscovery.core.lookup.Lookup lookup} as a state machine.
 *
 * <p>Depends on {@code id} and {@code record}; knows neither tables nor messages, so the engine,
 * the client outside the network and the tests drive the same code.
 */
@NullMarked
package dev.peerdiscovery.core.lookup;

import org.jspecify.annotations.NullMarked;
