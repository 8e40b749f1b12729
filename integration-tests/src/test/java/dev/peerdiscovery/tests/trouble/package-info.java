/**
 * Applications and nodes that misbehave at random for as long as they are told to, and what has to
 * hold all the same. It is run by {@code TroubleLoad}.
 */
@org.jspecify.annotations.NullMarked
package dev.peerdiscovery.tests.trouble;
