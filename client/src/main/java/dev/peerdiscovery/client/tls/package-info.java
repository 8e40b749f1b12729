/**
 * TLS between peers: certificates that carry a node's identity, what makes them, and what judges
 * them. Begins at {@link dev.peerdiscovery.client.tls.Tls}, the setting, and {@link
 * dev.peerdiscovery.client.tls.PeerTls}, what comes of it. Uses core and the transport alone.
 */
@NullMarked
package dev.peerdiscovery.client.tls;

import org.jspecify.annotations.NullMarked;
