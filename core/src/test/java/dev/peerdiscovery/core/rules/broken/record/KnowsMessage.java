package dev.peerdiscovery.core.rules.broken.record;

import dev.peerdiscovery.core.rules.broken.message.KnowsRouting;

/** A record that knows a message. */
public record KnowsMessage(KnowsRouting upwards) {}
