package dev.peerdiscovery.client.tls;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The setting {@code tls}: what protects the connections between the peers of a network. All of
 * them have the same; others cannot connect. Immutable.
 *
 * @param mode which of them
 * @param files where the certificate comes from, with {@link Mode#CA} and only there
 */
public record Tls(Mode mode, Optional<Files> files) {
  /** What protects connections. */
  public enum Mode {
    /** Nothing: plaintext, for networks that are trusted, and for meshes, which encrypt below. */
    OFF,
    /**
     * TLS 1.3, with certificates that peers make for themselves. Each carries the signature of its
     * node's key, so a connection leads to the id that was wanted and to nobody else.
     */
    PEER,
    /**
     * The same with certificates that an authority signed, so that only whom it knows takes part.
     */
    CA
  }

  /**
   * Files in PEM. They are read again when they change.
   *
   * @param certificate the node's certificate, which carries its identity, and then any others up
   *     to the authority
   * @param key the certificate's private key, PKCS #8, unencrypted
   * @param authority the certificates of the authorities whose certificates are taken
   */
  public record Files(Path certificate, Path key, Path authority) {}

  /**
   * Checks that there are files where they are needed.
   *
   * @throws IllegalArgumentException when there are none, or they are not
   */
  public Tls {
    if ((mode == Mode.CA) != files.isPresent()) {
      throw new IllegalArgumentException(
          mode == Mode.CA
              ? "tls: ca needs a certificate, its key and the authority's certificate"
              : "tls: certificate files are for ca alone");
    }
  }

  /** No TLS. */
  public static Tls off() {
    return new Tls(Mode.OFF, Optional.empty());
  }

  /** TLS with certificates that peers make for themselves. */
  public static Tls peer() {
    return new Tls(Mode.PEER, Optional.empty());
  }

  /** TLS with certificates of an authority. */
  public static Tls ca(Path certificate, Path key, Path authority) {
    return new Tls(Mode.CA, Optional.of(new Files(certificate, key, authority)));
  }
}
