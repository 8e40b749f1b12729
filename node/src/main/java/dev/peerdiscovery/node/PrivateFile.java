package dev.peerdiscovery.node;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;

/**
 * Writes files that are for their owner alone (mode 0600) as a whole or not at all. On file systems
 * without POSIX permissions none are asked for.
 */
public final class PrivateFile {
  private PrivateFile() {}

  /**
   * Writes a file, on disk when this returns.
   *
   * @param replace whether one that is there is replaced
   * @throws IOException when one is there and is not to be replaced, or it cannot be written; the
   *     message says which file
   */
  public static void write(Path file, String content, boolean replace) throws IOException {
    if (!replace) {
      create(file, content);
      return;
    }
    Path unfinished = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(unfinished);
    create(unfinished, content);
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void create(Path file, String content) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            mode(file))) {
      ByteBuffer bytes = ByteBuffer.wrap(content.getBytes(StandardCharsets.US_ASCII));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    } catch (FileAlreadyExistsException e) {
      throw new IOException(file + ": it is there already, and is not replaced", e);
    } catch (IOException e) {
      throw new IOException(file + ": it cannot be written: " + e.getMessage(), e);
    }
  }

  private static FileAttribute<?>[] mode(Path file) {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }
}
