package dev.peerdiscovery.client.tls;

import dev.peerdiscovery.client.tls.PeerTls.Refused;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.CertificateExtension;
import dev.peerdiscovery.core.record.SignatureVerifier;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Judges the certificates of others, callers and called alike: whether they hold now, whether they
 * are whose they say, and where there is an authority, whether it vouches for them. Which id it
 * should be is not for a handshake to know; the caller compares that. Names of hosts mean nothing.
 *
 * <p>What is cheap comes first. That a certificate and its extension are signed is remembered, so a
 * peer that connects again costs no signature.
 */
final class PeerTrust extends X509ExtendedTrustManager {
  private static final int P_256_BITS = 256;
  private static final int MAX_SUBJECT_KEY_BYTES = 4096;
  private static final int MAX_REMEMBERED = 1024;

  private final Optional<Supplier<X509TrustManager>> authority;
  private final SignatureVerifier signatures;
  private final InstantSource clock;
  private final Consumer<Refused> refusals;

  /** Certificates with good signatures, the one used longest ago first; guarded by itself. */
  private final Map<Bytes, Boolean> genuine =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Bytes, Boolean> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };

  /**
   * Judges certificates.
   *
   * @param authority what vouches for them, as it is at the moment; without it they sign themselves
   * @param refusals is told of each that is refused
   */
  PeerTrust(
      Optional<Supplier<X509TrustManager>> authority,
      SignatureVerifier signatures,
      InstantSource clock,
      Consumer<Refused> refusals) {
    this.authority = authority;
    this.signatures = signatures;
    this.clock = clock;
    this.refusals = refusals;
  }

  private void check(X509Certificate[] chain, String keyExchange, boolean isClient)
      throws CertificateException {
    try {
      X509Certificate own = chain[0];
      checkTime(own);
      CertificateExtension identity =
          identity(own)
              .orElseThrow(
                  () ->
                      new CertificateRefusedException(
                          Refused.NO_IDENTITY, "its certificate carries no node's identity"));
      if (authority.isPresent()) {
        checkChain(authority.get().get(), chain, keyExchange, isClient);
      } else {
        checkForm(chain);
      }
      checkSignatures(own, identity);
    } catch (CertificateRefusedException e) {
      refusals.accept(e.reason());
      throw e;
    }
  }

  private void checkTime(X509Certificate certificate) throws CertificateRefusedException {
    Instant now = clock.instant();
    Instant from = certificate.getNotBefore().toInstant();
    Instant to = certificate.getNotAfter().toInstant();
    if (now.isBefore(from)) {
      throw new CertificateRefusedException(
          Refused.NOT_YET_VALID,
          String.format(
              Locale.ROOT,
              "its certificate is not valid before %s, and it is %s here",
              from,
              seconds(now)));
    }
    if (now.isAfter(to)) {
      throw new CertificateRefusedException(
          Refused.EXPIRED,
          String.format(
              Locale.ROOT, "its certificate expired at %s, and it is %s here", to, seconds(now)));
    }
  }

  private static Instant seconds(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS);
  }

  /** What a certificate says of itself, checked or not. */
  static Optional<CertificateExtension> identity(X509Certificate certificate) {
    byte @Nullable [] value = certificate.getExtensionValue(CertificateExtension.OID);
    // It comes as the octet string that holds it: a tag and a length of one byte each.
    return value != null && value.length == CertificateExtension.BYTES + 2
        ? CertificateExtension.parse(Bytes.copyOf(value, 2, value.length))
        : Optional.empty();
  }

  /** A throw-away certificate is one, of the kind of key that is cheap to check, for a day. */
  private static void checkForm(X509Certificate[] chain) throws CertificateRefusedException {
    X509Certificate own = chain[0];
    Duration life = Duration.between(own.getNotBefore().toInstant(), own.getNotAfter().toInstant());
    boolean fits =
        chain.length == 1
            && own.getPublicKey() instanceof ECPublicKey key
            && key.getParams().getOrder().bitLength() == P_256_BITS
            && life.compareTo(ThrowAwayCertificates.LIFE) <= 0;
    if (!fits) {
      throw new CertificateRefusedException(
          Refused.UNFIT,
          String.format(
              Locale.ROOT,
              "its certificate is not one that a peer makes for itself: P-256, for at most %d hours",
              ThrowAwayCertificates.LIFE.toHours()));
    }
  }

  private static void checkChain(
      X509TrustManager authority, X509Certificate[] chain, String keyExchange, boolean isClient)
      throws CertificateRefusedException {
    try {
      if (isClient) {
        authority.checkClientTrusted(chain, keyExchange);
      } else {
        authority.checkServerTrusted(chain, keyExchange);
      }
    } catch (CertificateException e) {
      throw new CertificateRefusedException(
          Refused.OTHER_AUTHORITY,
          "its certificate does not come from the authority that is trusted here");
    }
  }

  private void checkSignatures(X509Certificate certificate, CertificateExtension identity)
      throws CertificateException {
    Bytes encoded = Bytes.copyOf(certificate.getEncoded());
    synchronized (genuine) {
      if (genuine.containsKey(encoded)) {
        return;
      }
    }
    byte[] subjectKey = certificate.getPublicKey().getEncoded();
    if (subjectKey.length > MAX_SUBJECT_KEY_BYTES
        || !identity.isOver(Bytes.copyOf(subjectKey), signatures)
        || (authority.isEmpty() && !signsItself(certificate))) {
      throw new CertificateRefusedException(
          Refused.FORGED, "its certificate is not signed by the node that it names");
    }
    synchronized (genuine) {
      genuine.put(encoded, true);
    }
  }

  private static boolean signsItself(X509Certificate certificate) {
    try {
      certificate.verify(certificate.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    check(chain, authType, true);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    check(chain, authType, false);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
      throws CertificateException {
    check(chain, authType, true);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
      throws CertificateException {
    check(chain, authType, false);
  }

  @Override
  public void checkClientTrusted(
      X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
      throws CertificateException {
    check(chain, authType, true);
  }

  @Override
  public void checkServerTrusted(
      X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
      throws CertificateException {
    check(chain, authType, false);
  }

  /** None is named: what counts is the identity. */
  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
