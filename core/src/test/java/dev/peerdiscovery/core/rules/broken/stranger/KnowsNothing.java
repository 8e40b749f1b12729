package dev.peerdiscovery.core.rules.broken.stranger;

/** Lies in a package that nobody has given a direction, and that has no package-info. */
public record KnowsNothing(int value) {}
