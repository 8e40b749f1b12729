/**
 * What is known of a peer: {@linkplain dev.peerdiscovery.core.record.Endpoint endpoints}, the
 * {@linkplain dev.peerdiscovery.core.record.PeerRecord record} that a peer publishes about itself,
 * and the step from a {@linkplain dev.peerdiscovery.core.record.SignedPeerRecord record as it
 * travels} to a {@linkplain dev.peerdiscovery.core.record.Contact contact} that may be dialled.
 *
 * <p>Start with {@code RecordVerifier}: it is the only way to a contact. Depends on {@code id}.
 */
@NullMarked
package dev.peerdiscovery.core.record;

import org.jspecify.annotations.NullMarked;
