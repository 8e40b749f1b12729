package dev.peerdiscovery.core.record;

import dev.peerdiscovery.core.id.NodeId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a node says about one instance of a service that it stands for.
 *
 * @param service the service
 * @param publisher the node that says so
 * @param endpoint where the instance serves; with service and publisher it names the instance
 * @param metadata what callers should know about it; at most {@value #MAX_METADATA_ENTRIES} entries
 *     of at most {@value #MAX_METADATA_BYTES} bytes of UTF-8 in all, no empty key; sorted
 * @param ttl for how long it holds from when it is stored, in whole seconds, {@link #MIN_TTL} to
 *     {@link #MAX_TTL}
 * @param withdrawn whether the instance is gone; the record is then a tombstone, remembered for the
 *     same time
 * @param incarnation orders the runs of a publisher, as an unsigned number
 * @param sequence orders the records of one run, as an unsigned number
 * @param token what the node that it is stored at has handed out to the publisher, so that nobody
 *     else can bring it there, or bring it again later; at most {@value #MAX_TOKEN_BYTES} bytes
 */
public record ProviderRecord(
    ServiceName service,
    NodeId publisher,
    Endpoint endpoint,
    Map<String, String> metadata,
    Duration ttl,
    boolean withdrawn,
    long incarnation,
    long sequence,
    Bytes token) {
  /** The most bytes of all keys and values together. */
  public static final int MAX_METADATA_BYTES = 1024;

  /** The most entries of metadata. */
  public static final int MAX_METADATA_ENTRIES = 32;

  /** The most bytes of a token. */
  public static final int MAX_TOKEN_BYTES = 32;

  /** The shortest time for which a record holds. */
  public static final Duration MIN_TTL = Duration.ofSeconds(10);

  /** The longest. */
  public static final Duration MAX_TTL = Duration.ofHours(24);

  /** That of services that ask for nothing else. */
  public static final Duration DEFAULT_TTL = Duration.ofSeconds(90);

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException when metadata, TTL or token are out of them
   */
  public ProviderRecord {
    metadata = checkedMetadata(metadata);
    checkTtl(ttl);
    if (token.size() > MAX_TOKEN_BYTES) {
      throw new IllegalArgumentException("token: longer than " + MAX_TOKEN_BYTES + " bytes");
    }
  }

  /**
   * Checks a time to live.
   *
   * @throws IllegalArgumentException when it is not of whole seconds, or out of bounds
   */
  public static void checkTtl(Duration ttl) {
    boolean whole = ttl.equals(Duration.ofSeconds(ttl.toSeconds()));
    if (!whole || ttl.compareTo(MIN_TTL) < 0 || ttl.compareTo(MAX_TTL) > 0) {
      throw new IllegalArgumentException("ttl: must be 10 s to 24 h, in whole seconds");
    }
  }

  /**
   * Checks metadata.
   *
   * @return a sorted copy that cannot be changed
   * @throws IllegalArgumentException when it is too large, or has an empty key
   */
  public static Map<String, String> checkedMetadata(Map<String, String> metadata) {
    int bytes = 0;
    for (Map.Entry<String, String> entry : metadata.entrySet()) {
      if (entry.getKey().isEmpty()) {
        throw new IllegalArgumentException("metadata: an empty key");
      }
      bytes += utf8(entry.getKey()) + utf8(entry.getValue());
    }
    if (metadata.size() > MAX_METADATA_ENTRIES || bytes > MAX_METADATA_BYTES) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "metadata: more than %d entries or %d bytes",
              MAX_METADATA_ENTRIES,
              MAX_METADATA_BYTES));
    }
    return metadata.isEmpty() ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(metadata));
  }

  private static int utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /** Whether this record replaces {@code other} of the same instance. */
  public boolean supersedes(ProviderRecord other) {
    int order = Long.compareUnsigned(incarnation, other.incarnation);
    return order > 0 || (order == 0 && Long.compareUnsigned(sequence, other.sequence) > 0);
  }

  /** Whether it says the same as {@code other} of the same instance, only later or elsewhere. */
  public boolean saysTheSame(ProviderRecord other) {
    return withdrawn == other.withdrawn && metadata.equals(other.metadata);
  }
}
