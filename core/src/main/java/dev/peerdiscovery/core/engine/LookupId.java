package dev.peerdiscovery.core.engine;

/** Names one lookup of one engine; never used twice. */
public record LookupId(long value) {}
