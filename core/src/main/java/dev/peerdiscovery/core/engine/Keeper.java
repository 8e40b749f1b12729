package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Contact;

/**
 * A peer of a region that answered.
 *
 * @param contact the peer
 * @param token what it handed out to us for the region's key
 * @param named how many providers it named
 */
record Keeper(Contact contact, Bytes token, int named) {}
