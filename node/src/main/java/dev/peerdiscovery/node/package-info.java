/**
 * The node to embed: it drives the engine of {@code core} with real time and real calls, serves the
 * protocol, remembers its contacts across restarts, and leaves the network politely when closed.
 */
@NullMarked
package dev.peerdiscovery.node;

import org.jspecify.annotations.NullMarked;
