package dev.peerdiscovery.proto;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.PingProof;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.CertificateExtension;
import dev.peerdiscovery.core.record.Domain;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.PublicKey;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * How an id comes from a key, and what is signed: each file lists the inputs, the bytes that are
 * hashed or signed, and what comes of them. The keys are those of RFC 8032, section 7.1, tests 1
 * and 2.
 */
class GoldenIdentityTest {
  private static final Path FOLDER = Path.of("src/test/resources/golden");

  static final TestKey KEY =
      new TestKey("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  static final TestKey CALLER =
      new TestKey("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");

  /** A P-256 key as it stands in a certificate. */
  private static final Bytes SUBJECT_KEY =
      Bytes.copyOf(
          HexFormat.of()
              .parseHex(
                  "3059301306072a8648ce3d020106082a8648ce3d030107034200"
                      + "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                      + "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"));

  private record Vector(String name, String text) {
    Path file() {
      return FOLDER.resolve("identity-" + name + ".txt");
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Vector> vectors() {
    return Stream.of(
        nodeId(), record(), certificate(), proof(Optional.of(CALLER)), proof(Optional.empty()));
  }

  static PeerRecord content() {
    return new PeerRecord(
        KEY.id(),
        List.of(Endpoint.parse("10.0.0.13:7400"), Endpoint.parse("[2001:db8::13]:7400")),
        1_735_689_600_000L,
        "demo");
  }

  private static Vector nodeId() {
    return new Vector(
        "node-id",
        lines(
            "# The id is the SHA-256 of the domain and the public key, each after its length.",
            "private_key = " + KEY.seed(),
            "public_key = " + KEY.publicKey(),
            "hashed = " + Domain.NODE_ID.bytesOf(KEY.publicKey()),
            "id = " + KEY.id()));
  }

  private static Vector record() {
    SignedPeerRecord signed = RecordCodec.signed(KEY).sign(content());
    return new Vector(
        "record",
        lines(
            "# A record, signed. signed-peer-record-with-key.txt is how it travels.",
            "private_key = " + KEY.seed(),
            "record = " + signed.encoded(),
            "signed = " + Domain.PEER_RECORD.bytesOf(signed.encoded()),
            "public_key = " + signed.publicKey(),
            "signature = " + signed.signature()));
  }

  private static Vector certificate() {
    CertificateExtension extension = CertificateExtension.sign(KEY, SUBJECT_KEY);
    return new Vector(
        "certificate",
        lines(
            "# What a TLS certificate carries: the node's key, and its signature over the certificate's.",
            "# The certificate's key is the one of RFC 6979, appendix A.2.5.",
            "private_key = " + KEY.seed(),
            "subject_public_key_info = " + SUBJECT_KEY,
            "signed = " + Domain.TLS_CERTIFICATE.bytesOf(SUBJECT_KEY),
            "public_key = " + KEY.publicKey(),
            "signature = " + extension.signature(),
            "object_identifier = " + CertificateExtension.OID,
            "extension_value = " + extension.encoded(),
            "id = " + extension.id()));
  }

  private static Vector proof(Optional<TestKey> caller) {
    PingRequest request = request(caller);
    Bytes signed = PingProof.bytesOf(request, KEY.id());
    return new Vector(
        caller.isPresent() ? "proof" : "proof-for-no-peer",
        lines(
            caller.isPresent()
                ? "# A peer proves its id to another one that dialled it."
                : "# The same for a caller that is no peer: its id is empty.",
            "private_key = " + KEY.seed(),
            "network = demo",
            "nonce = " + request.nonce(),
            "caller_id = " + caller.map(key -> key.id().toString()).orElse(""),
            "responder_id = " + KEY.id(),
            "dialled = " + request.dialled(),
            "signed = " + signed,
            "proof = " + KEY.sign(signed)));
  }

  static PingRequest request(Optional<TestKey> caller) {
    byte[] nonce = new byte[32];
    for (int i = 0; i < nonce.length; i++) {
      nonce[i] = (byte) i;
    }
    return new PingRequest(
        Network.of("demo", IdentityMode.SIGNED, Scope.PRIVATE),
        caller.map(
            key ->
                RecordCodec.signed(key)
                    .sign(
                        new PeerRecord(
                            key.id(),
                            List.of(Endpoint.parse("10.0.0.5:7400")),
                            1_735_689_600_000L,
                            "demo"))),
        Optional.empty(),
        Endpoint.parse("[2001:db8::13]:7400"),
        Bytes.copyOf(nonce));
  }

  private static String lines(String... lines) {
    return String.join("\n", lines) + "\n";
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void theFileSaysWhatIsMade(Vector vector) throws Exception {
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(vector.file(), vector.text());
    }
    assertThat(vector.text()).isEqualTo(Files.readString(vector.file()));
  }

  /** The keys are derived in the test; the RFC says which they are. */
  @Test
  void keys_areThoseOfTheRfc() {
    assertThat(KEY.publicKey())
        .hasToString("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    assertThat(CALLER.publicKey())
        .hasToString("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  }

  @Test
  void signatures_areDeterministic() {
    Bytes some = Domain.PEER_RECORD.bytesOf(Bytes.EMPTY);
    assertThat(KEY.sign(some)).isEqualTo(KEY.sign(some));
    assertThat(new PublicKey(KEY.publicKey()).id()).isEqualTo(KEY.id());
    assertThat(KEY.privateKey()).isInstanceOf(PrivateKey.class);
  }
}
