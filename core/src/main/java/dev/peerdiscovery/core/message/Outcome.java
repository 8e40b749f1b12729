package dev.peerdiscovery.core.message;

/** What comes of a call; each call comes to exactly one. */
public sealed interface Outcome permits Reply, Failure {}
