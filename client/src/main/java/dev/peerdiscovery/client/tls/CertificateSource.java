package dev.peerdiscovery.client.tls;

/**
 * The certificate that a process shows at the moment: asked anew at each handshake, so that another
 * one takes over without a restart, and connections that are open keep theirs. Thread-safe, and
 * quick enough for a transport thread.
 */
@FunctionalInterface
interface CertificateSource {
  KeyedCertificate current();
}
