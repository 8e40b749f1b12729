package dev.peerdiscovery.client.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peerdiscovery.client.Ed25519;
import dev.peerdiscovery.client.tls.PeerTls.Refused;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.CertificateExtension;
import java.net.Socket;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509TrustManager;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.Test;

/** Certificates of strangers, each with one thing wrong. */
class PeerTrustTest {
  private static final Ed25519 NODE = Ed25519.generate();
  private static final Instant FROM = Instant.parse("2030-01-01T00:00:00Z");
  private static final Duration DAY = Duration.ofHours(24);
  private static final X500Principal NAME = new X500Principal("CN=somebody");

  private final List<Refused> refused = new ArrayList<>();
  private final AtomicInteger verified = new AtomicInteger();
  private Instant now = FROM.plusSeconds(60);

  private boolean verify(Bytes key, Bytes message, Bytes signature) {
    verified.incrementAndGet();
    return Ed25519.verify(key, message, signature);
  }

  private PeerTrust trust(Optional<X509TrustManager> authority) {
    return new PeerTrust(
        authority.map(judge -> () -> judge), this::verify, () -> now, refused::add);
  }

  private final PeerTrust trust = trust(Optional.empty());

  private static X509Certificate good() {
    return ThrowAwayCertificates.make(NODE, FROM, DAY).chain().get(0);
  }

  private static KeyPair newKey(String curve) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec(curve));
    return generator.generateKeyPair();
  }

  /** A certificate of a key, signed by another one or itself, with an extension over some key. */
  private static X509Certificate certificate(
      PublicKey subject, KeyPair issuer, byte[] over, Duration life) {
    byte[] identity = CertificateExtension.sign(NODE, Bytes.copyOf(over)).encoded().toArray();
    return certificate(subject, issuer, life, CertificateExtension.OID, identity);
  }

  private static X509Certificate certificate(
      PublicKey subject, KeyPair issuer, Duration life, String oid, byte[] value) {
    return new CertificateTemplate(
            NAME,
            NAME,
            FROM,
            life,
            subject,
            List.of(CertificateTemplate.extension(oid, false, value)))
        .sign(issuer.getPrivate());
  }

  private void assertRefused(Refused reason, String message, X509Certificate... chain) {
    assertRefused(trust, reason, message, chain);
  }

  private void assertRefused(
      PeerTrust judge, Refused reason, String message, X509Certificate... chain) {
    refused.clear();
    assertThatThrownBy(() -> judge.checkServerTrusted(chain, "EC"))
        .isInstanceOf(CertificateRefusedException.class)
        .hasMessageContaining(message);
    assertThat(refused).containsExactly(reason);
  }

  @Test
  void holdsFromItsFirstMomentToItsLast() throws Exception {
    X509Certificate[] chain = {good()};
    for (Instant moment : List.of(FROM, FROM.plus(DAY))) {
      now = moment;
      trust.checkServerTrusted(chain, "EC");
    }
    now = FROM.minusMillis(1);
    assertRefused(
        Refused.NOT_YET_VALID,
        "not valid before 2030-01-01T00:00:00Z, and it is 2029-12-31T23:59:59Z here",
        chain);
    now = FROM.plus(DAY).plusMillis(1);
    assertRefused(
        Refused.EXPIRED,
        "expired at 2030-01-02T00:00:00Z, and it is 2030-01-02T00:00:00Z here",
        chain);
  }

  @Test
  void everyWayToAsk_judges() throws Exception {
    X509Certificate[] chain = {good()};
    try (Socket socket = new Socket()) {
      SSLEngine none = null;
      List<Check> checks =
          List.of(
              () -> trust.checkServerTrusted(chain, "EC"),
              () -> trust.checkClientTrusted(chain, "EC"),
              () -> trust.checkServerTrusted(chain, "EC", socket),
              () -> trust.checkClientTrusted(chain, "EC", socket),
              () -> trust.checkServerTrusted(chain, "EC", none),
              () -> trust.checkClientTrusted(chain, "EC", none));
      for (Check check : checks) {
        now = FROM;
        check.run();
        now = FROM.minusSeconds(1);
        assertThatThrownBy(check::run).isInstanceOf(CertificateRefusedException.class);
      }
    }
    assertThat(refused).hasSize(6);
    assertThat(trust.getAcceptedIssuers()).isEmpty();
  }

  /** One of the ways to ask. */
  private interface Check {
    void run() throws CertificateException;
  }

  @Test
  void withoutAnIdentity_itIsNobodys() throws Exception {
    KeyPair key = newKey("secp256r1");
    byte[] identity =
        CertificateExtension.sign(NODE, Bytes.copyOf(key.getPublic().getEncoded()))
            .encoded()
            .toArray();
    String carriesNone = "carries no node's identity";
    assertRefused(
        Refused.NO_IDENTITY,
        carriesNone,
        certificate(key.getPublic(), key, DAY, "1.3.6.1.3.7400.2", identity));
    for (int length : List.of(0, identity.length - 1, identity.length + 1, 300)) {
      byte[] other = Arrays.copyOf(identity, length);
      assertRefused(
          Refused.NO_IDENTITY,
          carriesNone,
          certificate(key.getPublic(), key, DAY, CertificateExtension.OID, other));
    }
    X509Certificate whole =
        certificate(key.getPublic(), key, DAY, CertificateExtension.OID, identity);
    trust.checkServerTrusted(new X509Certificate[] {whole}, "EC");
    assertThat(PeerTrust.identity(whole).orElseThrow().id())
        .isEqualTo(new dev.peerdiscovery.core.record.PublicKey(NODE.publicKey()).id());
  }

  @Test
  void throwAways_areAlone_ofP256_andForADay() throws Exception {
    String notOne = "P-256, for at most 24 hours";
    assertRefused(Refused.UNFIT, notOne, good(), good());
    KeyPair key = newKey("secp256r1");
    byte[] own = key.getPublic().getEncoded();
    assertRefused(
        Refused.UNFIT, notOne, certificate(key.getPublic(), key, own, DAY.plusSeconds(1)));
    KeyPair large = newKey("secp384r1");
    assertRefused(
        Refused.UNFIT,
        notOne,
        certificate(large.getPublic(), large, large.getPublic().getEncoded(), DAY));
    KeyPair rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair();
    assertRefused(
        Refused.UNFIT,
        notOne,
        certificate(rsa.getPublic(), key, rsa.getPublic().getEncoded(), DAY));
  }

  @Test
  void forged_whenTheNodeSignedAnotherKey_orItDoesNotSignItself() throws Exception {
    KeyPair key = newKey("secp256r1");
    KeyPair other = newKey("secp256r1");
    byte[] own = key.getPublic().getEncoded();
    String forged = "not signed by the node that it names";
    assertRefused(
        Refused.FORGED,
        forged,
        certificate(key.getPublic(), key, other.getPublic().getEncoded(), DAY));
    X509Certificate borrowed = certificate(key.getPublic(), other, own, DAY);
    assertRefused(Refused.FORGED, forged, borrowed);
    // What is refused is not remembered as good.
    assertRefused(Refused.FORGED, forged, borrowed);
  }

  @Test
  void goodSignatures_areCheckedOnce() throws Exception {
    X509Certificate[] chain = {good()};
    for (int i = 0; i < 3; i++) {
      trust.checkClientTrusted(chain, "EC");
    }
    assertThat(verified.get()).isEqualTo(1);
    trust.checkClientTrusted(new X509Certificate[] {good()}, "EC");
    assertThat(verified.get()).isEqualTo(2);
  }

  /** Takes everything, or nothing, and says how it was asked. */
  private static final class Judge implements X509TrustManager {
    private final List<String> asked = new ArrayList<>();
    private boolean takesNothing;

    private void judge(String side, String keyExchange) throws CertificateException {
      asked.add(side + " " + keyExchange);
      if (takesNothing) {
        throw new CertificateException("not ours");
      }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      judge("client", authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      judge("server", authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  @Test
  void anAuthority_vouchesInsteadOfTheCertificateItself_butNotForTheIdentity() throws Exception {
    Judge authority = new Judge();
    PeerTrust judge = trust(Optional.of(authority));
    KeyPair key = newKey("secp384r1");
    KeyPair issuer = newKey("secp256r1");
    byte[] own = key.getPublic().getEncoded();
    X509Certificate issued = certificate(key.getPublic(), issuer, own, DAY.multipliedBy(30));
    judge.checkClientTrusted(new X509Certificate[] {issued, good()}, "EC");
    judge.checkServerTrusted(new X509Certificate[] {issued}, "RSA");
    assertThat(authority.asked).containsExactly("client EC", "server RSA");
    assertRefused(
        judge,
        Refused.FORGED,
        "not signed by the node",
        certificate(key.getPublic(), issuer, issuer.getPublic().getEncoded(), DAY));
    authority.takesNothing = true;
    assertRefused(judge, Refused.OTHER_AUTHORITY, "the authority that is trusted here", issued);
  }

  /** Its hash is what would be signed: nobody has to read as much as somebody likes to send. */
  @Test
  void vastKey_isRefused_beforeASignatureIsChecked() throws Exception {
    PeerTrust judge = trust(Optional.of(new Judge()));
    KeyPair issuer = newKey("secp256r1");
    PublicKey largest = new Unknown(4096);
    assertThat(largest.getEncoded()).hasSize(4096);
    X509Certificate fits = certificate(largest, issuer, largest.getEncoded(), DAY);
    assertThatCode(() -> judge.checkServerTrusted(new X509Certificate[] {fits}, "EC"))
        .doesNotThrowAnyException();
    verified.set(0);
    PublicKey vast = new Unknown(4097);
    assertRefused(
        judge,
        Refused.FORGED,
        "not signed by the node",
        certificate(vast, issuer, vast.getEncoded(), DAY));
    assertThat(verified.get()).isZero();
  }

  /** A key of an algorithm that nobody knows, of any length. */
  private static final class Unknown implements PublicKey {
    private static final long serialVersionUID = 1;

    private final int bytes;

    Unknown(int bytes) {
      this.bytes = bytes;
    }

    @Override
    public String getAlgorithm() {
      return "unknown";
    }

    @Override
    public String getFormat() {
      return "X.509";
    }

    @Override
    public byte[] getEncoded() {
      // The JDK writes the NULL where it was left out.
      byte[] algorithm = Der.sequence(Der.oid("1.3.6.1.3.7400.9"), new byte[] {5, 0});
      int rest = bytes - algorithm.length;
      // Two heads of a tag and a length in three bytes, and the byte for unused bits.
      return Der.sequence(algorithm, Der.bits(0, new byte[rest - 2 * 4 - 1]));
    }
  }
}
