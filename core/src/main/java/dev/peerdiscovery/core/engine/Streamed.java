package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.message.ProvidersUpdate;

/**
 * A message that the engine wants sent on a stream that it answers.
 *
 * @param stream which stream
 * @param update the message
 */
public record Streamed(StreamId stream, ProvidersUpdate update) {}
