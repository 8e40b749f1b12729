package dev.peerdiscovery.core.record;

import dev.peerdiscovery.core.id.NodeId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The name of a service, in a namespace of its own. Names are not owned: any member of the network
 * can provide any service. They are compared as they are, upper and lower case apart.
 *
 * @param namespace 1 to 64 characters of {@code a-z A-Z 0-9 . _ -}; the network's name where
 *     nothing else is said
 * @param name 1 to 128 characters of the same, which begin with a letter or a digit
 */
public record ServiceName(String namespace, String name) {
  /** The most characters of a name. */
  public static final int MAX_NAME = 128;

  private static final String DOMAIN = "peer-discovery/v1/provider-key";

  /**
   * Checks both parts.
   *
   * @throws IllegalArgumentException when one is empty, too long, or holds other characters
   */
  public ServiceName {
    if (!isValid(namespace, 64)) {
      throw new IllegalArgumentException(
          "namespace: must be 1 to 64 letters, digits, dots, dashes and underscores");
    }
    if (!isValid(name, MAX_NAME) || !isLetterOrDigit(name.charAt(0))) {
      throw new IllegalArgumentException(
          "service: the name must be 1 to 128 letters, digits, dots, dashes and underscores, and"
              + " begin with a letter or a digit");
    }
  }

  private static boolean isValid(String text, int max) {
    boolean valid = !text.isEmpty() && text.length() <= max;
    for (int i = 0; valid && i < text.length(); i++) {
      char c = text.charAt(i);
      valid = isLetterOrDigit(c) || c == '.' || c == '_' || c == '-';
    }
    return valid;
  }

  private static boolean isLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }

  /**
   * Where the service's records are kept: the SHA-256 of a domain tag, the namespace and the name,
   * each after one byte that tells its length. Computed anew at each call.
   */
  public NodeId key() {
    MessageDigest digest = sha256();
    for (String part : new String[] {DOMAIN, namespace, name}) {
      byte[] bytes = part.getBytes(StandardCharsets.US_ASCII);
      digest.update((byte) bytes.length);
      digest.update(bytes);
    }
    return NodeId.fromBytes(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** {@code namespace/name}. */
  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
