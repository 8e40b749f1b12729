package dev.peerdiscovery.client.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Shows the certificate that is the current one when a handshake begins. The transport asks for a
 * name first and then for what stands behind it, so the one before the current is still known.
 */
final class CurrentKey extends X509ExtendedKeyManager {
  private final CertificateSource source;
  private @Nullable KeyedCertificate current;
  private @Nullable KeyedCertificate previous;

  CurrentKey(CertificateSource source) {
    this.source = source;
  }

  /** The current one's name, if its key is of a type that is asked for: EC, or EC_RSA and so on. */
  private synchronized @Nullable String alias(String... keyTypes) {
    KeyedCertificate now = source.current();
    String own = now.key().getAlgorithm();
    if (Stream.of(keyTypes).noneMatch(type -> type.equals(own) || type.startsWith(own + "_"))) {
      return null;
    }
    if (!now.equals(current)) {
      previous = current;
      current = now;
    }
    return now.alias();
  }

  private synchronized @Nullable KeyedCertificate known(String alias) {
    if (current != null && current.alias().equals(alias)) {
      return current;
    }
    return previous != null && previous.alias().equals(alias) ? previous : null;
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    KeyedCertificate known = known(alias);
    return known == null ? null : known.chain().toArray(X509Certificate[]::new);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    KeyedCertificate known = known(alias);
    return known == null ? null : known.key();
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return alias(keyTypes);
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return alias(keyType);
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return alias(keyTypes);
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return alias(keyType);
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return aliases(keyType);
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return aliases(keyType);
  }

  private String @Nullable [] aliases(String keyType) {
    String alias = alias(keyType);
    return alias == null ? null : new String[] {alias};
  }
}
