package dev.peerdiscovery.node;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerTransportFilter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one listener that were accepted and whose handshake is not over. They belong
 * to nobody yet, so {@link Sources} does not know of them. When there are too many, the one that
 * has waited for longest goes: a peer needs a few round trips, and whoever only holds a place has
 * had more. Of one address, new ones are turned away. Thread-safe.
 */
final class HalfOpen extends ServerTransportFilter {
  private final int most;
  private final int mostOfAddress;
  private final ThisMachine here;
  private final LongAdder closed;

  /** In the order in which they came; by the other end, which only it has. */
  private final Map<SocketAddress, Accepted> waiting = new LinkedHashMap<>();

  private final Map<InetAddress, Integer> ofAddress = new HashMap<>();

  /**
   * None yet.
   *
   * @param here which callers are on this machine
   * @param closed counts those that were closed
   */
  HalfOpen(Limits limits, ThisMachine here, LongAdder closed) {
    this.here = here;
    this.most = limits.halfOpen();
    this.mostOfAddress = limits.halfOpenPerAddress();
    this.closed = closed;
  }

  /**
   * A connection was accepted. This may close it, or another one.
   *
   * @return whether it may stay
   */
  boolean accepted(@Nullable SocketAddress remote, Accepted connection) {
    if (!(remote instanceof InetSocketAddress from) || from.getAddress() == null) {
      // Gone again already.
      connection.close();
      return false;
    }
    Accepted toClose = enter(from, connection);
    if (toClose != null) {
      closed.increment();
      toClose.close();
    }
    return toClose != connection;
  }

  /** Returns the connection that is too many, if one is. */
  private synchronized @Nullable Accepted enter(InetSocketAddress from, Accepted connection) {
    InetAddress address = from.getAddress();
    // All on this machine have one address, as has everybody behind a sidecar.
    if (!here.has(address) && ofAddress.getOrDefault(address, 0) >= mostOfAddress) {
      return connection;
    }
    Accepted eldest = waiting.size() < most ? null : removeEldest();
    if (waiting.put(from, connection) == null) {
      ofAddress.merge(address, 1, Integer::sum);
    }
    return eldest;
  }

  private Accepted removeEldest() {
    Iterator<Map.Entry<SocketAddress, Accepted>> each = waiting.entrySet().iterator();
    Map.Entry<SocketAddress, Accepted> eldest = each.next();
    each.remove();
    forget(eldest.getKey());
    return eldest.getValue();
  }

  /**
   * Its handshake is over, or the connection is. Doing so twice does nothing.
   *
   * @return the one that waited, if it did
   */
  synchronized @Nullable Accepted ended(@Nullable SocketAddress remote) {
    @Nullable Accepted connection = remote == null ? null : waiting.remove(remote);
    if (remote != null && connection != null) {
      forget(remote);
    }
    return connection;
  }

  private void forget(SocketAddress remote) {
    ofAddress.computeIfPresent(
        ((InetSocketAddress) remote).getAddress(),
        (address, count) -> count == 1 ? null : count - 1);
  }

  /** Closes them all: who stops waits for nobody's. */
  void close() {
    List<Accepted> all;
    synchronized (this) {
      all = List.copyOf(waiting.values());
      waiting.clear();
      ofAddress.clear();
    }
    all.forEach(Accepted::close);
  }

  /** How many there are. */
  synchronized int count() {
    return waiting.size();
  }

  /** How many addresses they come from. */
  synchronized int addresses() {
    return ofAddress.size();
  }

  /**
   * It has shown that it speaks HTTP/2, after TLS where that is on. Notes what ends it: gRPC itself
   * shows no connection to those who would.
   */
  @Override
  public Attributes transportReady(Attributes attributes) {
    @Nullable Accepted connection = ended(attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
    return connection == null
        ? attributes
        : attributes.toBuilder().set(Accepted.KEY, connection).build();
  }
}
