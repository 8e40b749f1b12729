/**
 * The command line, {@code ./peer}: one small class for each command, over the same public builder
 * and client that everybody else uses.
 *
 * <p>Start with {@code Main}. A leaf: nothing imports it, and its libraries are optional to those
 * who embed a node.
 */
@NullMarked
package dev.peerdiscovery.node.cli;

import org.jspecify.annotations.NullMarked;
