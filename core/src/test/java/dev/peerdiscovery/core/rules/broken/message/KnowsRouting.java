package dev.peerdiscovery.core.rules.broken.message;

import dev.peerdiscovery.core.rules.broken.routing.KnowsLookup;

/** A message that knows the routing table. */
public record KnowsRouting(KnowsLookup upwards) {}
