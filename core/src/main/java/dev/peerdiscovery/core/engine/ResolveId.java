package dev.peerdiscovery.core.engine;

/** Names one question for the providers of a service; never used twice. */
public record ResolveId(long value) {}
