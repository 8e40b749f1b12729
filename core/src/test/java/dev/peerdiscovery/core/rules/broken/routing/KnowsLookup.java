package dev.peerdiscovery.core.rules.broken.routing;

import dev.peerdiscovery.core.rules.broken.lookup.KnowsEngine;

/** A routing table that knows the lookup. */
public record KnowsLookup(KnowsEngine upwards) {}
