package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.core.record.Endpoint;
import java.time.Duration;

/**
 * A call that the engine wants made. Whoever drains it owes exactly one {@link Engine#completed}
 * for its id, at the latest when the deadline is over.
 *
 * @param id names the call
 * @param to where to dial
 * @param request what to ask
 * @param deadline how long it may take, a connection that has to be made included
 */
public record Call(CallId id, Endpoint to, Request request, Duration deadline) {}
