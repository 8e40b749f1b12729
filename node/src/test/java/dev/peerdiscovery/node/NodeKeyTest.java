package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.peerdiscovery.client.Ed25519;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.PublicKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeKeyTest {
  private static final Bytes MESSAGE = Bytes.copyOf(new byte[] {7});

  @TempDir private Path directory;

  /** RFC 8032, section 7.1, test 1, in the PKCS #8 of RFC 8410. */
  @Test
  void keysOfOtherTools_areRead() throws Exception {
    NodeKey key =
        NodeKey.fromPkcs8(
            HexFormat.of()
                .parseHex(
                    "302e020100300506032b657004220420"
                        + "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
    assertThat(key.publicKey())
        .hasToString("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    assertThat(key.sign(Bytes.EMPTY))
        .hasToString(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
  }

  @Test
  void keptKey_isTheSame_andIsNeverReplaced() throws Exception {
    NodeKey made = NodeKey.create(directory);
    byte[] file = Files.readAllBytes(directory.resolve("identity.key"));
    try (DataDirectory open = DataDirectory.open(directory)) {
      NodeKey kept = open.key();
      assertThat(kept.id()).isEqualTo(made.id());
      assertThat(Ed25519.verify(made.publicKey(), MESSAGE, kept.sign(MESSAGE))).isTrue();
    }
    assertThatThrownBy(() -> NodeKey.create(directory))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("it is there already, and is not replaced");
    assertThat(directory.resolve("identity.key")).hasBinaryContent(file);
    assertThat(new String(file, java.nio.charset.StandardCharsets.US_ASCII))
        .startsWith("-----BEGIN PRIVATE KEY-----\n")
        .endsWith("\n-----END PRIVATE KEY-----\n");
    assertThat(made.toString()).doesNotContain(made.publicKey().toString());
  }

  @Test
  void aDirectory_isOfOneKindOfNode() throws Exception {
    Path signed = directory.resolve("signed");
    Path assigned = directory.resolve("assigned");
    NodeKey.create(signed);
    try (PeerNode node = builder(assigned).id(NodeId.of(3)).start()) {
      assertThat(node.id()).isEqualTo(NodeId.of(3));
    }
    assertThatThrownBy(() -> builder(assigned).start())
        .isInstanceOf(StartException.class)
        .hasMessageContaining("a node with an assigned id; set identity to assigned");
    assertThatThrownBy(() -> builder(signed).id(NodeId.of(3)).start())
        .isInstanceOf(StartException.class)
        .hasMessageContaining("a node with a key; set identity to signed");
  }

  @Test
  void anId_meansAssigned_andIsNotForSigned() throws Exception {
    assertThat(builder(directory).identity()).isEqualTo(IdentityMode.SIGNED);
    assertThat(builder(directory).id(NodeId.of(1)).identity()).isEqualTo(IdentityMode.ASSIGNED);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder(directory).id(NodeId.of(1)).identity(IdentityMode.SIGNED).start())
        .withMessageContaining("id: where identity is signed, an id comes from a key");
  }

  private static PeerNodeBuilder builder(Path directory) {
    return PeerNode.builder().listen("127.0.0.1:0").dataDirectory(directory);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "00", "302e020100300506032b65700422042000", "302a300506032b6570032100"})
  void otherContent_isNoKey(String hex) {
    assertThatThrownBy(() -> NodeKey.fromPkcs8(HexFormat.of().parseHex(hex)))
        .isInstanceOf(java.security.GeneralSecurityException.class);
  }

  @Test
  void verify_isFalseForWhateverIsWrong() {
    NodeKey key = NodeKey.generate();
    Bytes good = key.sign(MESSAGE);
    assertThat(Ed25519.verify(key.publicKey(), MESSAGE, good)).isTrue();
    assertThat(Ed25519.verify(key.publicKey(), Bytes.EMPTY, good)).isFalse();
    assertThat(Ed25519.verify(NodeKey.generate().publicKey(), MESSAGE, good)).isFalse();
    for (int length : new int[] {0, 1, 31, 33, 63, 65, 128}) {
      Bytes wrong = Bytes.copyOf(new byte[length]);
      assertThat(Ed25519.verify(key.publicKey(), MESSAGE, wrong)).isFalse();
      assertThat(Ed25519.verify(wrong, MESSAGE, good)).isFalse();
    }
    byte[] noPoint = new byte[32];
    noPoint[0] = 2;
    assertThat(Ed25519.verify(Bytes.copyOf(noPoint), MESSAGE, good)).isFalse();
    assertThat(Ed25519.verify(key.publicKey(), MESSAGE, Bytes.copyOf(new byte[64]))).isFalse();
  }

  /** Opened, it would wait for somebody who writes into it. */
  @Test
  void aPipe_isNoKeyFile_norAnythingElse() throws Exception {
    for (String name : new String[] {"identity.key", "lock"}) {
      Path with = Files.createDirectory(directory.resolve("with-" + name));
      Process made = new ProcessBuilder("mkfifo", with.resolve(name).toString()).start();
      assumeTrue(made.waitFor() == 0, "this system has no pipes by name");
      assertThatThrownBy(() -> NodeKey.keptIn(with))
          .isInstanceOf(StartException.class)
          .hasMessageContaining(name)
          .hasMessageContaining("is no file");
    }
  }

  @Test
  void keyFile_isForItsOwner_andAtMostForItsGroup() throws Exception {
    NodeKey made = NodeKey.create(directory);
    Path file = directory.resolve("identity.key");
    assumeTrue(file.getFileSystem().supportedFileAttributeViews().contains("posix"));
    for (String mode : new String[] {"rw----r--", "rw-----w-", "rw------x"}) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
      assertThatThrownBy(() -> NodeKey.keptIn(directory))
          .isInstanceOf(StartException.class)
          .hasMessageContaining("expected mode 0600");
    }
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertThat(NodeKey.keptIn(directory).id())
        .isEqualTo(made.id())
        .isEqualTo(new PublicKey(made.publicKey()).id());
    assertThat(made.toString()).contains(made.id().toShortString());
  }

  @Test
  void keyFile_hasASize() throws Exception {
    NodeKey made = NodeKey.create(directory);
    Path file = directory.resolve("identity.key");
    String pem = Files.readString(file);
    Files.writeString(file, pem + "\n".repeat(4096 - pem.length()));
    assertThat(NodeKey.keptIn(directory).id()).isEqualTo(made.id());
    Files.writeString(file, pem + "\n".repeat(4097 - pem.length()));
    assertThatThrownBy(() -> NodeKey.keptIn(directory)).hasMessageContaining("no private key");
    Files.writeString(file, "");
    assertThatThrownBy(() -> NodeKey.keptIn(directory)).hasMessageContaining("it is empty");
  }
}
