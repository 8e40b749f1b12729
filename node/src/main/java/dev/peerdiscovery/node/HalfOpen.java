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
  private final LongAdder closed;

  /** What closes each, in the order in which they came; by the other end, which only it has. */
  private final Map<SocketAddress, Runnable> waiting = new LinkedHashMap<>();

  private final Map<InetAddress, Integer> ofAddress = new HashMap<>();

  /**
   * None yet.
   *
   * @param closed counts those that were closed
   */
  HalfOpen(Limits limits, LongAdder closed) {
    this.most = limits.halfOpen();
    this.mostOfAddress = limits.halfOpenPerAddress();
    this.closed = closed;
  }

  /**
   * A connection was accepted. This may close it, or another one.
   *
   * @return whether it may stay
   */
  boolean accepted(@Nullable SocketAddress remote, Runnable close) {
    if (!(remote instanceof InetSocketAddress from) || from.getAddress() == null) {
      // Gone again already.
      close.run();
      return false;
    }
    Runnable toClose = enter(from, close);
    if (toClose != null) {
      closed.increment();
      toClose.run();
    }
    return toClose != close;
  }

  /** Returns what closes the connection that is too many, if one is. */
  private synchronized @Nullable Runnable enter(InetSocketAddress from, Runnable close) {
    InetAddress address = from.getAddress();
    // All on this machine have one address, as has everybody behind a sidecar.
    if (!address.isLoopbackAddress() && ofAddress.getOrDefault(address, 0) >= mostOfAddress) {
      return close;
    }
    Runnable eldest = waiting.size() < most ? null : removeEldest();
    if (waiting.put(from, close) == null) {
      ofAddress.merge(address, 1, Integer::sum);
    }
    return eldest;
  }

  private Runnable removeEldest() {
    Iterator<Map.Entry<SocketAddress, Runnable>> each = waiting.entrySet().iterator();
    Map.Entry<SocketAddress, Runnable> eldest = each.next();
    each.remove();
    forget(eldest.getKey());
    return eldest.getValue();
  }

  /** Its handshake is over, or the connection is. Doing so twice does nothing. */
  synchronized void ended(@Nullable SocketAddress remote) {
    if (remote != null && waiting.remove(remote) != null) {
      forget(remote);
    }
  }

  private void forget(SocketAddress remote) {
    ofAddress.computeIfPresent(
        ((InetSocketAddress) remote).getAddress(),
        (address, count) -> count == 1 ? null : count - 1);
  }

  /** Closes them all: who stops waits for nobody's. */
  void close() {
    List<Runnable> all;
    synchronized (this) {
      all = List.copyOf(waiting.values());
      waiting.clear();
      ofAddress.clear();
    }
    all.forEach(Runnable::run);
  }

  /** How many there are. */
  synchronized int count() {
    return waiting.size();
  }

  /** How many addresses they come from. */
  synchronized int addresses() {
    return ofAddress.size();
  }

  /** It has shown that it speaks HTTP/2, after TLS where that is on. */
  @Override
  public Attributes transportReady(Attributes attributes) {
    ended(attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
    return attributes;
  }
}
