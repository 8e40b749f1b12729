package dev.peerdiscovery.node;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.peerdiscovery.proto.snapshot.v1.Snapshot;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A snapshot in a file: a line that names the format and its version, then the length and the
 * CRC-32C of what follows, the serialised message. It is replaced as a whole, so that a crash
 * leaves the old one.
 */
final class SnapshotFile {
  /** Far above what the contacts of a node take. */
  static final int MAX_BYTES = 16 << 20;

  private static final byte[] HEADER =
      "peer-discovery snapshot 1\n".getBytes(StandardCharsets.US_ASCII);
  private static final int PREFIX = HEADER.length + Integer.BYTES + Long.BYTES;

  private static final Logger LOG = LoggerFactory.getLogger(SnapshotFile.class);

  private final Path file;

  SnapshotFile(Path file) {
    this.file = file;
  }

  /** A file that holds no snapshot, or none that this version can read; the message says why. */
  static final class UnreadableException extends Exception {
    private static final long serialVersionUID = 1;

    UnreadableException(String message) {
      super(message);
    }
  }

  /**
   * Reads the snapshot.
   *
   * @throws UnreadableException when the content is no good
   * @throws IOException when the file cannot be read, or is not there
   */
  Snapshot read() throws IOException, UnreadableException {
    if (Files.size(file) > MAX_BYTES) {
      throw new UnreadableException("it is larger than " + MAX_BYTES + " bytes");
    }
    if (!Files.isRegularFile(file)) {
      // Opened, a pipe would wait for whoever writes to it.
      throw new UnreadableException("it is no file");
    }
    ByteBuffer bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = ByteBuffer.wrap(in.readNBytes(MAX_BYTES));
    }
    byte[] header = new byte[Math.min(HEADER.length, bytes.remaining())];
    bytes.get(header);
    if (header.length == HEADER.length && !Arrays.equals(header, HEADER)) {
      throw new UnreadableException("it is of another version, or no snapshot");
    }
    if (bytes.limit() < PREFIX) {
      throw new UnreadableException("it is cut short");
    }
    int length = bytes.getInt();
    long checksum = bytes.getLong();
    if (length != bytes.remaining()) {
      throw new UnreadableException("it is cut short");
    }
    if (checksum(bytes.slice()) != checksum) {
      throw new UnreadableException("its checksum is wrong");
    }
    try {
      return Snapshot.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new UnreadableException("its content is none");
    }
  }

  /**
   * Replaces the snapshot.
   *
   * @throws IOException when it cannot be written; the old one is untouched then
   */
  void write(Snapshot snapshot) throws IOException {
    byte[] content = snapshot.toByteArray();
    ByteBuffer bytes =
        ByteBuffer.allocate(PREFIX + content.length)
            .put(HEADER)
            .putInt(content.length)
            .putLong(checksum(ByteBuffer.wrap(content)))
            .put(content)
            .flip();
    Path unfinished = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel out =
        FileChannel.open(
            unfinished,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      // Or a crash of the machine could leave the new name with nothing behind it.
      out.force(true);
    }
    try {
      Files.move(
          unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(unfinished, file, StandardCopyOption.REPLACE_EXISTING);
    }
    forceNames(file);
  }

  /** Has the file's new name outlive a crash of the machine, where the system can be asked to. */
  static void forceNames(Path file) {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null) {
      return;
    }
    try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
      names.force(true);
    } catch (IOException e) {
      // Windows opens no directories, and some file systems do not write them out on demand.
      LOG.debug("the directory is not written out: {}", e.toString());
    }
  }

  private static long checksum(ByteBuffer content) {
    CRC32C crc = new CRC32C();
    crc.update(content);
    return crc.getValue();
  }
}
