package dev.peerdiscovery.client;

import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.ProviderRecord;
import dev.peerdiscovery.core.record.ServiceName;
import java.time.Duration;
import java.util.Map;

/**
 * One instance of a service, as its application describes it. Immutable.
 *
 * @param service the name of the service: 1 to 128 letters, digits, dots, dashes and underscores,
 *     which begin with a letter or a digit
 * @param endpoint where the instance serves
 * @param metadata what callers should know about it, at most 1 KiB in all; {@value
 *     Instance#AUTHORITY} overrides the authority that callers use
 * @param ttl for how long others keep a record of it that is not renewed: 10 s to 24 h in whole
 *     seconds
 * @param check how the node finds out that the instance is there, before each time it publishes it
 */
public record Registration(
    String service, Endpoint endpoint, Map<String, String> metadata, Duration ttl, Check check) {
  /** How a node finds out that an instance is there. */
  public enum Check {
    /** It takes connections. */
    TCP,
    /** It answers {@code grpc.health.v1} for the service's name, or as a whole, with SERVING. */
    HEALTH,
    /** It is not checked. */
    NONE
  }

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException when name, metadata or TTL are out of them
   */
  public Registration {
    checkService(service);
    metadata = ProviderRecord.checkedMetadata(metadata);
    ProviderRecord.checkTtl(ttl);
  }

  /** An instance without metadata, with a TTL of 90 s, that is checked by {@link Check#TCP}. */
  public static Registration of(String service, Endpoint endpoint) {
    return new Registration(service, endpoint, Map.of(), ProviderRecord.DEFAULT_TTL, Check.TCP);
  }

  /**
   * An instance without metadata, with a TTL of 90 s, that is checked by {@link Check#TCP}.
   *
   * @param endpoint {@code HOST:PORT}
   * @throws IllegalArgumentException when it is no endpoint, or the service no name
   */
  public static Registration of(String service, String endpoint) {
    return of(service, Endpoint.parse(endpoint));
  }

  /** The same with other metadata. */
  public Registration withMetadata(Map<String, String> value) {
    return new Registration(service, endpoint, value, ttl, check);
  }

  /** The same with another TTL. */
  public Registration withTtl(Duration value) {
    return new Registration(service, endpoint, metadata, value, check);
  }

  /** The same with another check. */
  public Registration withCheck(Check value) {
    return new Registration(service, endpoint, metadata, ttl, value);
  }

  static void checkService(String service) {
    new ServiceName("default", service);
  }

  static void checkNamespace(String namespace) {
    new ServiceName(namespace, "any");
  }
}
