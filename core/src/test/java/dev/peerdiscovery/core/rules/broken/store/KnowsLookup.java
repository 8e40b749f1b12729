package dev.peerdiscovery.core.rules.broken.store;

import dev.peerdiscovery.core.rules.broken.lookup.KnowsEngine;

/** A store that knows lookups. */
public record KnowsLookup(KnowsEngine sideways) {}
