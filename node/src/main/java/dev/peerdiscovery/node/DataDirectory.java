package dev.peerdiscovery.node;

import com.google.protobuf.ByteString;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.proto.MalformedMessageException;
import dev.peerdiscovery.proto.RecordCodec;
import dev.peerdiscovery.proto.snapshot.v1.Snapshot;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node keeps over a restart: its id or its key, and a snapshot of its contacts. Used by one
 * process at a time.
 *
 * <p>{@code node-id} holds an assigned id as text, or {@code identity.key} the {@linkplain KeyFile
 * key} of a signed one; {@code snapshot} what a {@link SnapshotFile} holds. A snapshot that cannot
 * be read is set aside, never deleted, and the node starts without.
 */
final class DataDirectory implements AutoCloseable {
  private static final int MAX_CONTACTS = 8192;
  private static final int MAX_ID_BYTES = 256;
  private static final int MAX_SET_ASIDE = 100;

  private static final Logger LOG = LoggerFactory.getLogger(DataDirectory.class);

  private final Path directory;
  private final FileChannel lockFile;

  private DataDirectory(Path directory, FileChannel lockFile) {
    this.directory = directory;
    this.lockFile = lockFile;
  }

  /**
   * What a node knew when it stopped.
   *
   * @param network the network that it belonged to
   * @param sequence the sequence of its last record
   * @param contacts its contacts, to be taken as hints
   */
  record Saved(String network, long sequence, List<SignedPeerRecord> contacts) {}

  /**
   * Opens a directory, made if need be, for this process alone.
   *
   * @throws StartException when it cannot be used
   */
  static DataDirectory open(Path directory) throws StartException {
    try {
      Files.createDirectories(directory);
      Path lock = directory.resolve("lock");
      checkIsFile(lock);
      FileChannel lockFile =
          FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!isLocked(lockFile)) {
        lockFile.close();
        throw unusable(directory, "another node is using it", null);
      }
      return new DataDirectory(directory, lockFile);
    } catch (IOException e) {
      throw unusable(directory, reason(e), e);
    }
  }

  /** The lock is the process's and goes with it, so a crash leaves none behind. */
  private static boolean isLocked(FileChannel lockFile) throws IOException {
    try {
      FileLock lock = lockFile.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private static StartException unusable(Path directory, String why, @Nullable Throwable cause) {
    return new StartException(
        StartException.Reason.STORAGE,
        "cannot use the data directory " + directory + ": " + why,
        cause);
  }

  static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied; whoever runs the node must be able to write to it";
    }
    if (e instanceof FileAlreadyExistsException) {
      return "it is a file";
    }
    if (e instanceof NoSuchFileException) {
      return "it cannot be made there";
    }
    if (e instanceof FileSystemException failed
        && "Read-only file system".equals(failed.getReason())) {
      return "it is on a read-only file system, and a node keeps a lock and its contacts there; mount"
          + " it writable, or leave the directory out";
    }
    if (e instanceof FileSystemException failed && failed.getReason() != null) {
      return failed.getReason().toLowerCase(Locale.ROOT);
    }
    return e.getClass().getSimpleName() + ": " + e.getMessage();
  }

  /**
   * The id that was kept, or the one that is to be from now on.
   *
   * @param wanted the id that the node is to have, if that is given
   * @param drawn the id that it gets if neither is there
   * @throws StartException when another id than the wanted one was kept
   */
  NodeId id(Optional<NodeId> wanted, NodeId drawn) throws StartException {
    if (keyFile().exists()) {
      throw unusable(
          directory,
          "it belongs to a node with a key; set identity to signed, or use another directory",
          null);
    }
    Path file = directory.resolve("node-id");
    try {
      NodeId kept = NodeId.parse(firstBytes(file).strip());
      if (wanted.isPresent() && !wanted.get().equals(kept)) {
        throw unusable(
            directory,
            "it belongs to node " + kept + ", not " + wanted.get() + "; use another directory",
            null);
      }
      return kept;
    } catch (NoSuchFileException e) {
      NodeId id = wanted.orElse(drawn);
      try {
        // As a whole or not at all: half an id would keep the node from ever starting again.
        Path unfinished = directory.resolve("node-id.new");
        Files.writeString(
            unfinished,
            id + "\n",
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE,
            StandardOpenOption.SYNC);
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        SnapshotFile.forceNames(file);
        return id;
      } catch (IOException failed) {
        throw unusable(directory, reason(failed), failed);
      }
    } catch (IOException | IllegalArgumentException e) {
      throw unusable(directory, "node-id cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * The key that was kept, or a new one that is to be from now on.
   *
   * @throws StartException when the file with it is not as it should be, or the directory belongs
   *     to a node without a key
   */
  NodeKey key() throws StartException {
    KeyFile file = keyFile();
    return file.exists() ? file.read() : createKey();
  }

  /**
   * A new key that is kept from now on.
   *
   * @throws StartException when there is one already, or the directory belongs to a node without
   */
  NodeKey createKey() throws StartException {
    if (Files.exists(directory.resolve("node-id"))) {
      throw unusable(
          directory,
          "it belongs to a node with an assigned id; set identity to assigned, or use another"
              + " directory",
          null);
    }
    NodeKey key = NodeKey.generate();
    keyFile().write(key);
    return key;
  }

  private KeyFile keyFile() {
    return keyFile(directory);
  }

  static KeyFile keyFile(Path directory) {
    return new KeyFile(directory.resolve("identity.key"));
  }

  /** Opened, a pipe would wait for whoever is at its other end. */
  private static void checkIsFile(Path file) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new FileSystemException(file.toString(), null, file.getFileName() + " is no file");
    }
  }

  private static String firstBytes(Path file) throws IOException {
    checkIsFile(file);
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(MAX_ID_BYTES), StandardCharsets.US_ASCII);
    }
  }

  /**
   * Reads the snapshot, if there is a good one.
   *
   * @throws StartException when it belongs to another node or network: then the directory is not
   *     the one that was meant
   */
  Optional<Saved> load(NodeId id, String network) throws StartException {
    Path file = snapshotFile();
    Snapshot snapshot;
    try {
      snapshot = new SnapshotFile(file).read();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (SnapshotFile.UnreadableException e) {
      setAside(file, String.valueOf(e.getMessage()));
      return Optional.empty();
    } catch (IOException e) {
      throw unusable(directory, "its snapshot cannot be read: " + reason(e), e);
    }
    if (!Arrays.equals(snapshot.getId().toByteArray(), id.toBytes())) {
      throw unusable(directory, "its snapshot belongs to another node", null);
    }
    if (!snapshot.getNetwork().equals(network)) {
      throw unusable(
          directory,
          "it belongs to network " + snapshot.getNetwork() + "; use another directory",
          null);
    }
    if (snapshot.getSequence() == -1L) {
      throw unusable(directory, "its sequence is used up; use another directory and id", null);
    }
    return Optional.of(new Saved(network, snapshot.getSequence(), contacts(snapshot)));
  }

  private static List<SignedPeerRecord> contacts(Snapshot snapshot) {
    List<SignedPeerRecord> contacts = new ArrayList<>();
    for (var message : snapshot.getContactsList()) {
      try {
        if (contacts.size() < MAX_CONTACTS) {
          contacts.add(RecordCodec.decode(message));
        }
      } catch (MalformedMessageException e) {
        LOG.warn("a contact in the snapshot is left out: {}", e.getMessage());
      }
    }
    return contacts;
  }

  private void setAside(Path file, String why) throws StartException {
    for (int n = 1; n <= MAX_SET_ASIDE; n++) {
      Path aside = directory.resolve("snapshot.corrupt-" + n);
      try {
        if (!Files.exists(aside)) {
          Files.move(file, aside);
          LOG.warn("the snapshot is set aside as {}: {}", aside, why);
          return;
        }
      } catch (IOException e) {
        throw unusable(directory, "its snapshot cannot be set aside: " + reason(e), e);
      }
    }
    throw unusable(directory, "it holds too many snapshots that could not be read", null);
  }

  /**
   * Replaces the snapshot.
   *
   * @throws IOException when it cannot be written; the old one is untouched then
   */
  void save(NodeId id, Saved saved) throws IOException {
    Snapshot.Builder snapshot =
        Snapshot.newBuilder()
            .setId(ByteString.copyFrom(id.toBytes()))
            .setNetwork(saved.network())
            .setSequence(saved.sequence());
    saved.contacts().stream()
        .limit(MAX_CONTACTS)
        .forEach(record -> snapshot.addContacts(RecordCodec.encode(record)));
    new SnapshotFile(snapshotFile()).write(snapshot.build());
  }

  private Path snapshotFile() {
    return directory.resolve("snapshot");
  }

  /** Lets others use the directory. */
  @Override
  public void close() {
    try {
      lockFile.close();
    } catch (IOException e) {
      LOG.warn("the lock of {} was not given back: {}", directory, e.toString());
    }
  }
}
