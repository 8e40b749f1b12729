package dev.peerdiscovery.core.engine;

/** Names one outgoing call of one engine; never used twice. */
public record CallId(long value) {}
