package dev.peerdiscovery.core.simulation;

import java.time.Duration;

/**
 * How lookups did that ended in one stretch of a run.
 *
 * @param until when the stretch ended, counted from where measuring began
 * @param lookups how many ended
 * @param found the share of them whose first contact is the nearest of all that have to be found
 * @param recall the mean share of the k nearest that they found
 */
public record Sample(Duration until, int lookups, double found, double recall) {}
