package dev.peerdiscovery.core.rules.broken.lookup;

import dev.peerdiscovery.core.rules.broken.engine.KnowsSimulation;

/** A lookup that knows the engine. */
public record KnowsEngine(KnowsSimulation upwards) {}
