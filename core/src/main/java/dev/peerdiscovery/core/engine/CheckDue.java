package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.ServiceName;

/**
 * An instance of which the engine wants to know whether it is there. Whoever drains it owes one
 * {@link Services#checked}.
 *
 * @param service what it provides
 * @param endpoint where
 */
public record CheckDue(ServiceName service, Endpoint endpoint) {}
