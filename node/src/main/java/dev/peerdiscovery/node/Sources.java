package dev.peerdiscovery.node;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Scope;
import io.grpc.Attributes;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The connections that are open, and what each may ask for. Its lock is taken when one opens and
 * when it closes; what a call needs is in its {@link Connection}. Thread-safe.
 */
final class Sources {
  /**
   * One connection.
   *
   * @param source who is at the other end
   * @param peer the node that TLS proves to be there
   * @param address where it is, unless that is this machine
   * @param subnet what the neighbourhood of its address may ask for together, if that is bounded
   * @param surplus whether there were too many already
   */
  record Connection(
      Source source,
      Optional<NodeId> peer,
      Optional<InetAddress> address,
      Optional<Share> subnet,
      boolean surplus) {
    private static final Attributes.Key<Connection> KEY = Attributes.Key.create("connection");

    /** The one that calls with these attributes come over, if it was noted in them. */
    static @Nullable Connection of(Attributes attributes) {
      return attributes.get(KEY);
    }

    /** The attributes with this noted in them. */
    Attributes in(Attributes attributes) {
      return attributes.toBuilder().set(KEY, this).build();
    }

    /** Whether so many calls are open that the last of them is not even listened to. */
    boolean isCrowded() {
      return source.share().open().isCrowded()
          || subnet.map(Share::open).map(Places::isCrowded).orElse(false);
    }

    /** A call was begun; owed one {@link #ended}. */
    void began() {
      source.share().open().take();
      subnet.map(Share::open).ifPresent(Places::take);
    }

    void ended() {
      source.share().open().giveBack();
      subnet.map(Share::open).ifPresent(Places::giveBack);
    }
  }

  private static final AddressPolicy PUBLIC = AddressPolicy.of(Scope.PUBLIC, false);

  private final Limits limits;
  private final Shared<InetAddress, Source> byAddress;
  private final Shared<NodeId, Source> byPeer;
  private final Shared<ByteBuffer, Share> bySubnet;
  private int open;

  /** Those of them that were not too many: what one address has too much is nobody else's loss. */
  private int admitted;

  Sources(Limits limits) {
    this.limits = limits;
    this.byAddress = new Shared<>(limits.remembered(), address -> new Source(limits));
    this.byPeer = new Shared<>(limits.remembered(), peer -> new Source(limits));
    this.bySubnet =
        new Shared<>(
            limits.remembered(),
            subnet -> Share.of(limits.callsPerSecondPerSubnet(), limits.callsInFlightPerSubnet()));
  }

  /**
   * Notes that a connection was opened; nothing when there are so many that it has to go.
   *
   * @param peer the node that TLS proves to be at the other end, whose calls are counted as its own
   *     from wherever it calls
   */
  synchronized Optional<Connection> opened(@Nullable SocketAddress remote, Optional<NodeId> peer) {
    Optional<InetAddress> address = address(remote);
    if (open >= 2 * limits.connections()
        || address.map(byAddress::users).orElse(0) >= 2 * limits.connectionsPerAddress()) {
      return Optional.empty();
    }
    open++;
    Optional<Source> ofAddress = address.map(byAddress::take);
    // All on this machine have one address, as has everybody behind a sidecar.
    Source source = peer.map(byPeer::take).or(() -> ofAddress).orElseGet(() -> new Source(limits));
    boolean surplus =
        admitted >= limits.connections()
            || address.map(byAddress::users).orElse(0) > limits.connectionsPerAddress();
    admitted += surplus ? 0 : 1;
    Optional<Share> subnet = address.flatMap(at -> subnet(at, peer)).map(bySubnet::take);
    return Optional.of(new Connection(source, peer, address, subnet, surplus));
  }

  /** Notes that a connection was closed. */
  synchronized void closed(Connection connection) {
    open--;
    admitted -= connection.surplus() ? 0 : 1;
    connection.peer().ifPresent(byPeer::giveBack);
    connection
        .address()
        .ifPresent(
            address -> {
              byAddress.giveBack(address);
              subnet(address, connection.peer()).ifPresent(bySubnet::giveBack);
            });
  }

  /** How many connections are open. */
  synchronized int open() {
    return open;
  }

  /** How many addresses, nodes and subnets are known. */
  synchronized int known() {
    return byAddress.size() + byPeer.size() + bySubnet.size();
  }

  /** The address that tells callers apart; none where it does not. */
  private static Optional<InetAddress> address(@Nullable SocketAddress remote) {
    return remote instanceof InetSocketAddress internet
            && internet.getAddress() != null
            && !internet.getAddress().isLoopbackAddress()
        ? Optional.of(internet.getAddress())
        : Optional.empty();
  }

  /**
   * The neighbourhood whose calls are counted together. Private networks are one subnet often
   * enough, so only public ones are. Where nodes are counted by their ids, which anybody can make,
   * a private address is a neighbourhood of its own.
   */
  private static Optional<ByteBuffer> subnet(InetAddress address, Optional<NodeId> peer) {
    byte[] bytes = address.getAddress();
    if (PUBLIC.allows(address)) {
      int prefix = address instanceof Inet6Address ? 6 : 3;
      return Optional.of(ByteBuffer.wrap(Arrays.copyOf(bytes, prefix)));
    }
    return peer.map(id -> ByteBuffer.wrap(bytes));
  }
}
