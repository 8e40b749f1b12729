package dev.peerdiscovery.core.store;

import java.time.Duration;

/**
 * An item that is kept, and for how long still.
 *
 * @param item the item
 * @param remaining above 0
 * @param <C> the kind of what is kept
 */
public record Held<C>(Item<C> item, Duration remaining) {}
