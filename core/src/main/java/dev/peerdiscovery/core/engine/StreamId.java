package dev.peerdiscovery.core.engine;

/**
 * Names one stream of updates that this node answers; its owner draws the numbers and uses none
 * twice.
 */
public record StreamId(long value) {}
