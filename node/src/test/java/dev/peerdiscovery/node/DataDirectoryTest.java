package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.proto.RecordCodec;
import dev.peerdiscovery.proto.snapshot.v1.Snapshot;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
  private static final NodeId ID = NodeId.of(13);
  private static final DataDirectory.Saved SAVED =
      new DataDirectory.Saved("default", 42, List.of(contact(1), contact(2)));

  @TempDir Path temporary;

  private static SignedPeerRecord contact(int id) {
    return RecordCodec.unsigned()
        .sign(
            new PeerRecord(
                NodeId.of(id), List.of(new Endpoint("10.0.0." + id, 7400)), id, "default"));
  }

  private Path path() {
    return temporary.resolve("some/where");
  }

  private Path snapshot() {
    return path().resolve("snapshot");
  }

  /** What is loaded by a process of its own. */
  private Optional<DataDirectory.Saved> load() throws StartException {
    try (DataDirectory directory = DataDirectory.open(path())) {
      return directory.load(ID, "default");
    }
  }

  private void save() throws Exception {
    try (DataDirectory directory = DataDirectory.open(path())) {
      directory.save(ID, SAVED);
    }
  }

  private static void assertStorage(StartException error, String words) {
    assertThat(error.reason()).isEqualTo(StartException.Reason.STORAGE);
    assertThat(error).hasMessageContaining(words);
  }

  @Test
  void drawnId_isKept() throws Exception {
    try (DataDirectory directory = DataDirectory.open(path())) {
      assertThat(directory.id(Optional.empty(), ID)).isEqualTo(ID);
      assertThat(directory.id(Optional.empty(), NodeId.of(1))).isEqualTo(ID);
      assertThat(directory.id(Optional.of(ID), NodeId.of(1))).isEqualTo(ID);
      assertStorage(
          catchThrowableOfType(
              StartException.class, () -> directory.id(Optional.of(NodeId.of(2)), ID)),
          "it belongs to node 13, not 2");
    }
  }

  @Test
  void idThatWasNotWrittenToItsEnd_leavesNothingBehind() throws Exception {
    try (DataDirectory directory = DataDirectory.open(path())) {
      Files.writeString(path().resolve("node-id.new"), "a".repeat(64) + "\n");

      assertThat(directory.id(Optional.of(ID), ID)).isEqualTo(ID);

      assertThat(path().resolve("node-id")).hasContent(ID + "\n");
    }
  }

  @Test
  void idThatCannotBeRead_isNeverReplaced() throws Exception {
    try (DataDirectory directory = DataDirectory.open(path())) {
      Path file = path().resolve("node-id");
      for (String content : List.of("", "no id", "-1", "0x" + "f".repeat(65))) {
        Files.writeString(file, content);
        assertStorage(
            catchThrowableOfType(StartException.class, () -> directory.id(Optional.of(ID), ID)),
            "node-id cannot be read");
        assertThat(file).hasContent(content);
      }
    }
  }

  @Test
  void oneProcessAtATime() throws Exception {
    DataDirectory first = DataDirectory.open(path());
    assertStorage(
        catchThrowableOfType(StartException.class, () -> DataDirectory.open(path())),
        "another node is using it");
    first.close();
    DataDirectory.open(path()).close();
  }

  @Test
  void fileInTheWay_isSaid() throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), "");
    assertStorage(
        catchThrowableOfType(StartException.class, () -> DataDirectory.open(file)), "it is a file");
    assertThatThrownBy(() -> DataDirectory.open(file.resolve("below")))
        .isInstanceOf(StartException.class);
  }

  @Test
  void snapshot_comesBackAsItWas() throws Exception {
    assertThat(load()).isEmpty();
    save();
    assertThat(load()).contains(SAVED);
  }

  /** However much of it there is, and whatever comes behind. */
  @Test
  void snapshotOfAnotherLength_isSetAside() throws Exception {
    save();
    byte[] good = Files.readAllBytes(snapshot());
    for (int length = 0; length <= good.length + 1; length++) {
      Files.write(snapshot(), Arrays.copyOf(good, length));
      if (length == good.length) {
        assertThat(load()).contains(SAVED);
      } else {
        assertSetAside();
      }
    }
  }

  private void assertSetAside() throws Exception {
    byte[] bad = Files.readAllBytes(snapshot());
    assertThat(load()).isEmpty();
    assertThat(snapshot()).doesNotExist();
    Path aside = path().resolve("snapshot.corrupt-1");
    assertThat(aside).hasBinaryContent(bad);
    Files.delete(aside);
  }

  @Test
  void snapshotWithAFlippedBit_isSetAside() throws Exception {
    save();
    byte[] good = Files.readAllBytes(snapshot());
    for (int i = 0; i < good.length; i++) {
      byte[] flipped = good.clone();
      flipped[i] ^= 4;
      Files.write(snapshot(), flipped);
      assertSetAside();
    }
  }

  @Test
  void snapshotOfAnotherVersion_isSetAside() throws Exception {
    save();
    byte[] content = Files.readAllBytes(snapshot());
    String header = "peer-discovery snapshot 1";
    assertThat(new String(content, StandardCharsets.US_ASCII)).startsWith(header);
    content[header.length() - 1] = '2';
    Files.write(snapshot(), content);
    assertSetAside();
  }

  @Test
  void hugeSnapshot_isSetAsideUnread() throws Exception {
    save();
    try (RandomAccessFile file = new RandomAccessFile(snapshot().toFile(), "rw")) {
      file.setLength(1L << 30);
    }
    assertThat(load()).isEmpty();
    assertThat(path().resolve("snapshot.corrupt-1")).exists();
  }

  @Test
  void thoseSetAside_areNeverLost() throws Exception {
    save();
    for (int i = 1; i <= 100; i++) {
      Files.writeString(snapshot(), "bad " + i);
      assertThat(load()).isEmpty();
      assertThat(path().resolve("snapshot.corrupt-" + i)).hasContent("bad " + i);
    }
    Files.writeString(snapshot(), "bad 101");
    assertStorage(catchThrowableOfType(StartException.class, this::load), "too many snapshots");
    assertThat(snapshot()).hasContent("bad 101");
  }

  @Test
  void snapshotOfAnother_isNotTouched() throws Exception {
    save();
    byte[] content = Files.readAllBytes(snapshot());
    try (DataDirectory directory = DataDirectory.open(path())) {
      assertStorage(
          catchThrowableOfType(StartException.class, () -> directory.load(ID, "other")),
          "it belongs to network default");
      assertStorage(
          catchThrowableOfType(StartException.class, () -> directory.load(NodeId.of(1), "default")),
          "belongs to another node");
    }
    assertThat(snapshot()).hasBinaryContent(content);
  }

  @Test
  void sequenceThatIsUsedUp_isRefused() throws Exception {
    try (DataDirectory directory = DataDirectory.open(path())) {
      directory.save(ID, new DataDirectory.Saved("default", -1, List.of()));
      assertStorage(
          catchThrowableOfType(StartException.class, () -> directory.load(ID, "default")),
          "sequence is used up");
    }
  }

  @Test
  void contactThatIsNone_isLeftOut() throws Exception {
    try (DataDirectory directory = DataDirectory.open(path())) {
      new SnapshotFile(snapshot())
          .write(
              Snapshot.newBuilder()
                  .setId(ByteString.copyFrom(ID.toBytes()))
                  .setNetwork("default")
                  .setSequence(42)
                  .addContacts(RecordCodec.encode(contact(1)))
                  .addContacts(
                      dev.peerdiscovery.proto.peer.v1.SignedPeerRecord.newBuilder()
                          .setRecord(ByteString.copyFromUtf8("no record")))
                  .addContacts(RecordCodec.encode(contact(2)))
                  .build());
      assertThat(directory.load(ID, "default")).contains(SAVED);
    }
  }

  /** As after a crash in the middle of writing. */
  @Test
  void unfinishedSnapshot_costsNothing() throws Exception {
    save();
    Files.writeString(path().resolve("snapshot.new"), "half of");
    assertThat(load()).contains(SAVED);
    save();
    assertThat(load()).contains(SAVED);
  }

  @Test
  void snapshotThatCannotBeWritten_leavesTheOldOne() throws Exception {
    save();
    Files.createDirectory(path().resolve("snapshot.new"));
    try (DataDirectory directory = DataDirectory.open(path())) {
      assertThatThrownBy(
              () -> directory.save(ID, new DataDirectory.Saved("default", 43, List.of())))
          .isInstanceOf(IOException.class);
    }
    assertThat(load()).contains(SAVED);
  }

  @Test
  void directoryThatIsReadOnly_isSaidToBe() {
    assertThat(DataDirectory.reason(new FileSystemException("lock", null, "Read-only file system")))
        .contains("read-only", "mount it writable");
    assertThat(DataDirectory.reason(new AccessDeniedException("lock")))
        .contains("permission denied", "whoever runs the node");
  }
}
