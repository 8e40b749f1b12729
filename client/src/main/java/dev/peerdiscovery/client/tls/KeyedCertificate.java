package dev.peerdiscovery.client.tls;

import dev.peerdiscovery.core.id.NodeId;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A certificate with its private key.
 *
 * @param chain the certificate first, then whoever vouches for it
 * @param key the first certificate's private key
 * @param id the node that the certificate is of
 */
record KeyedCertificate(List<X509Certificate> chain, PrivateKey key, NodeId id) {
  KeyedCertificate {
    chain = List.copyOf(chain);
  }

  /** Tells it from the one before and the one after. */
  String alias() {
    return chain.get(0).getSerialNumber().toString(16);
  }

  /** Says nothing of the key. */
  @Override
  public String toString() {
    return "certificate of " + id.toShortString();
  }
}
