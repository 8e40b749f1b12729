package dev.peerdiscovery.node;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file with a node's key: PKCS #8 in PEM (RFC 7468), unencrypted, for its owner alone. Once
 * there it is never written again. On file systems without POSIX permissions none are asked for.
 */
final class KeyFile {
  private static final int MAX_BYTES = 4096;

  private static final Pattern PEM =
      Pattern.compile(
          "-----BEGIN PRIVATE KEY-----\\s([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

  private static final Set<PosixFilePermission> WORLD =
      EnumSet.of(
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE,
          PosixFilePermission.OTHERS_EXECUTE);

  private static final Set<PosixFilePermission> GROUP =
      EnumSet.of(PosixFilePermission.GROUP_READ, PosixFilePermission.GROUP_WRITE);

  private static final Logger LOG = LoggerFactory.getLogger(KeyFile.class);

  private final Path file;

  KeyFile(Path file) {
    this.file = file;
  }

  /** Whether there is anything by that name, were it a link to nowhere. */
  boolean exists() {
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * Writes a key that was not kept before.
   *
   * @throws StartException when there is a file already, or none can be written
   */
  void write(NodeKey key) throws StartException {
    String text =
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.toPkcs8())
            + "\n-----END PRIVATE KEY-----\n";
    try {
      PrivateFile.write(file, text, false);
    } catch (IOException e) {
      throw new StartException(StartException.Reason.STORAGE, "identity: " + e.getMessage(), e);
    }
    forceDirectory();
  }

  /** So that the file is still there after a crash of the machine. */
  private void forceDirectory() {
    try (FileChannel directory =
        FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
      directory.force(true);
    } catch (IOException e) {
      LOG.debug("the directory of {} cannot be forced to disk", file, e);
    }
  }

  private boolean isPosix() {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  /**
   * Reads the key.
   *
   * @throws StartException when others may read the file, or there is no Ed25519 key in it
   */
  NodeKey read() throws StartException {
    try {
      if (!Files.isRegularFile(file)) {
        // Opened, a pipe would wait for whoever writes to it.
        throw wrong("it is no file", null);
      }
      checkPermissions();
      byte[] content;
      try (InputStream in = Files.newInputStream(file)) {
        content = in.readNBytes(MAX_BYTES + 1);
      }
      Matcher pem = PEM.matcher(new String(content, StandardCharsets.US_ASCII));
      if (content.length > MAX_BYTES || !pem.find()) {
        throw wrong(
            content.length == 0
                ? "it is empty; if it never held a key, delete it"
                : "it holds no private key in PEM",
            null);
      }
      return NodeKey.fromPkcs8(Base64.getMimeDecoder().decode(pem.group(1)));
    } catch (IOException e) {
      throw wrong("it cannot be read: " + e.getMessage(), e);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      // Not the cause's words, which might be about the key.
      throw wrong("it holds no Ed25519 key", e);
    }
  }

  private void checkPermissions() throws IOException, StartException {
    if (!isPosix()) {
      return;
    }
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
    String mode = PosixFilePermissions.toString(permissions);
    if (permissions.stream().anyMatch(WORLD::contains)) {
      throw wrong("everybody may use it, mode " + mode + " (expected mode 0600)", null);
    }
    if (permissions.stream().anyMatch(GROUP::contains)) {
      LOG.warn("identity: {}: its group may use it, mode {} (expected mode 0600)", file, mode);
    }
  }

  private StartException wrong(String why, @Nullable Throwable cause) {
    return new StartException(
        StartException.Reason.STORAGE, "identity: " + file + ": " + why, cause);
  }
}
