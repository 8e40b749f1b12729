package dev.peerdiscovery.core.rules.broken.id;

import dev.peerdiscovery.core.rules.broken.record.KnowsMessage;

/** An id that knows a record. */
public record KnowsRecord(KnowsMessage upwards) {}
