/**
 * What a node keeps for others: signed items that expire, found by key. Start with {@link
 * dev.peerdiscovery.core.store.Store}. Depends on {@code id} and {@code record}.
 */
@NullMarked
package dev.peerdiscovery.core.store;

import org.jspecify.annotations.NullMarked;
