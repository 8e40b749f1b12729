package dev.peerdiscovery.core.store;

import dev.peerdiscovery.core.id.NodeId;

/** What an item is. */
record Name(NodeId key, NodeId publisher, String name) {}
