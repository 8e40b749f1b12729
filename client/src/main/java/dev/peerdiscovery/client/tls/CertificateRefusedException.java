package dev.peerdiscovery.client.tls;

import java.security.cert.CertificateException;

/**
 * The certificate of the other side is not taken. The message is a sentence for a person and holds
 * nothing that the other side sent but times. Carries no stack trace: a stranger decides how often
 * one is made.
 */
final class CertificateRefusedException extends CertificateException {
  private static final long serialVersionUID = 1;

  private final PeerTls.Refused reason;

  CertificateRefusedException(PeerTls.Refused reason, String message) {
    super(message);
    this.reason = reason;
  }

  PeerTls.Refused reason() {
    return reason;
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
