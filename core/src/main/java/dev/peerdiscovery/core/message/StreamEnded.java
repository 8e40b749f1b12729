package dev.peerdiscovery.core.message;

/** The responder ended a stream, as it may at any time; the caller opens another one. */
public record StreamEnded() implements Reply {}
