package dev.peerdiscovery.core.rules.broken.simulation;

/** The simulation, which may know all. */
public record Top(int value) {}
