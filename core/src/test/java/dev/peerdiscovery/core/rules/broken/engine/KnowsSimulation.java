package dev.peerdiscovery.core.rules.broken.engine;

import dev.peerdiscovery.core.rules.broken.simulation.Top;

/** An engine that knows the simulation. */
public record KnowsSimulation(Top upwards) {}
