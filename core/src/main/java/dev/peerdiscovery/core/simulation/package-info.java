/**
 * Networks of virtual time, in which the same engines run as in a node: {@link
 * dev.peerdiscovery.core.simulation.VirtualNetwork}.
 *
 * <p>One thread, one agenda, one seed: the same seed gives the same run on any machine, to the last
 * call, and {@link dev.peerdiscovery.core.simulation.TraceHash} shows that it did. So nothing in
 * here draws from anything but a {@code SplittableRandom}, computes transcendental functions by
 * anything but {@code StrictMath}, or walks through a collection whose order hangs on identity
 * hashes; the hash codes of enums, and so those of records that hold one, are such hashes.
 *
 * <p>What differs from a node is the transport, the clock, the random source and the signer;
 * engine, responder, messages with their bounds, and the checks of records are the same. May use
 * all other packages of core; nothing in core uses it.
 */
@NullMarked
package dev.peerdiscovery.core.simulation;

import org.jspecify.annotations.NullMarked;
