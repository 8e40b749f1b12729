package dev.peerdiscovery.core.store;

import dev.peerdiscovery.core.id.NodeId;
import java.time.Duration;

/**
 * Something to be kept. Key, publisher and name are what it is; incarnation and sequence order what
 * was said about it.
 *
 * @param key where it is looked for
 * @param publisher who has it kept
 * @param name tells apart what one publisher keeps under one key
 * @param incarnation orders the runs of a publisher, as an unsigned number
 * @param sequence orders within a run, as an unsigned number
 * @param ttl for how long it is kept
 * @param withdrawn whether it takes back what is kept; such an item is remembered and never served
 * @param bytes what it counts in the store
 * @param content what is served
 * @param <C> the kind of what is kept: providers now, values later
 */
public record Item<C>(
    NodeId key,
    NodeId publisher,
    String name,
    long incarnation,
    long sequence,
    Duration ttl,
    boolean withdrawn,
    int bytes,
    C content) {}
