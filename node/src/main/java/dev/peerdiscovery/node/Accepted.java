package dev.peerdiscovery.node;

import io.grpc.Attributes;
import org.jspecify.annotations.Nullable;

/** A connection as the listener accepted it, for those who have to end it. Thread-safe. */
@FunctionalInterface
interface Accepted {
  /** Notes it among what gRPC knows of a connection. */
  Attributes.Key<Accepted> KEY = Attributes.Key.create("accepted");

  /** Closes it: at once before its handshake is over, and after that by and by. */
  void close();

  /**
   * Closes it at once, with all calls on it.
   *
   * @param why what its other end is told: which limit was passed
   */
  default void cutOff(String why) {
    close();
  }

  /** The one of these attributes; none where the listener is a host's. */
  static @Nullable Accepted of(Attributes attributes) {
    return attributes.get(KEY);
  }
}
