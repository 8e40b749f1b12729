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
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one listener that are open, and what each may ask for. Its lock is taken when
 * one opens, when it closes, and when one of which there are too many finds room; what a call needs
 * is in its {@link Connection}. Thread-safe.
 */
final class Sources {
  /** One connection. Thread-safe. */
  static final class Connection {
    private static final Attributes.Key<Connection> KEY = Attributes.Key.create("connection");

    private final Sources sources;
    private final Source source;
    private final Optional<NodeId> peer;
    private final Optional<InetAddress> address;
    private final AtomicInteger admittedOfAddress;
    private final Optional<Share> subnet;
    private final boolean ofApplication;
    private final Optional<Resets> resets;

    /** Whether it counts among those that may call; written under the lock. */
    private volatile boolean admitted;

    /** Under the lock, so that a call which is overtaken by the end takes no place for ever. */
    private boolean closed;

    private Connection(
        Sources sources, Optional<OfAddress> at, Optional<NodeId> peer, Opening opening) {
      this.sources = sources;
      this.peer = peer;
      this.address = opening.address;
      // All on this machine have one address, as has every peer behind a sidecar.
      this.source =
          peer.map(sources.byPeer::take)
              .or(() -> at.map(OfAddress::source))
              .orElseGet(() -> new Source(sources.limits));
      this.admittedOfAddress = at.map(OfAddress::admitted).orElseGet(AtomicInteger::new);
      this.subnet = address.flatMap(of -> subnetOf(of, peer)).map(sources.bySubnet::take);
      this.ofApplication = sources.forApplications || sources.here.isAt(opening.remote);
      this.resets =
          ofApplication
              ? Optional.empty()
              : opening.accepted.map(it -> new Resets(sources.limits.resetsPerWindow(), it));
    }

    /** The one that calls with these attributes come over, if it was noted in them. */
    static @Nullable Connection of(Attributes attributes) {
      return attributes.get(KEY);
    }

    /** The attributes with this noted in them. */
    Attributes in(Attributes attributes) {
      return attributes.toBuilder().set(KEY, this).build();
    }

    /** Who is at the other end. */
    Source source() {
      return source;
    }

    /** The node that TLS proves to be there. */
    Optional<NodeId> peer() {
      return peer;
    }

    /** What the neighbourhood of its address may ask for together, if that is bounded. */
    Optional<Share> subnet() {
      return subnet;
    }

    /**
     * Whether applications or operators are at the other end: callers on this machine, and all at
     * the second listener.
     */
    boolean isOfApplication() {
      return ofApplication;
    }

    /**
     * Whether it may call. One that was opened when there were too many may do so as soon as there
     * is room, and finds that out when it calls.
     */
    boolean mayCall() {
      return admitted || sources.admit(this);
    }

    /** Whether it may not call because there are too many of its own address. */
    boolean isOneTooManyOfAddress() {
      return address.isPresent()
          && admittedOfAddress.get() >= sources.limits.connectionsPerAddress();
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

    /** A stream was reset, for which a stranger's connection may be closed. */
    void reset(long nowNanos) {
      resets.ifPresent(own -> own.add(nowNanos));
    }
  }

  /** What is known of a connection when it opens. */
  private record Opening(
      @Nullable SocketAddress remote, Optional<InetAddress> address, Optional<Accepted> accepted) {}

  /** An address, and how many of its connections may call; changed under the lock. */
  private record OfAddress(Source source, AtomicInteger admitted) {}

  private static final AddressPolicy PUBLIC = AddressPolicy.of(Scope.PUBLIC, false);

  private final Limits limits;
  private final ThisMachine here;
  private final boolean forApplications;
  private final Shared<InetAddress, OfAddress> byAddress;
  private final Shared<NodeId, Source> byPeer;
  private final Shared<ByteBuffer, Share> bySubnet;
  private int open;

  /**
   * Those of them that may call: what one address has too much is its own loss alone. Changed under
   * the lock.
   */
  private final AtomicInteger admitted = new AtomicInteger();

  /**
   * None yet.
   *
   * @param here which callers are on this machine
   * @param forApplications whether all callers are taken for applications and operators
   */
  Sources(Limits limits, ThisMachine here, boolean forApplications) {
    this.limits = limits;
    this.here = here;
    this.forApplications = forApplications;
    this.byAddress =
        new Shared<>(
            limits.remembered(), address -> new OfAddress(new Source(limits), new AtomicInteger()));
    this.byPeer = new Shared<>(limits.remembered(), peer -> new Source(limits));
    this.bySubnet = new Shared<>(limits.remembered(), subnet -> Share.ofSubnet(limits));
  }

  /**
   * Notes that a connection was opened; nothing when there are so many that it has to go.
   *
   * @param peer the node that TLS proves to be at the other end, whose calls are counted as its own
   *     from wherever it calls
   * @param accepted ends it, where that is for this node to do
   */
  synchronized Optional<Connection> opened(
      @Nullable SocketAddress remote, Optional<NodeId> peer, Optional<Accepted> accepted) {
    Optional<InetAddress> address = address(remote);
    if (open >= 2 * limits.connections()
        || address.map(byAddress::users).orElse(0) >= 2 * limits.connectionsPerAddress()) {
      return Optional.empty();
    }
    open++;
    Connection connection =
        new Connection(
            this, address.map(byAddress::take), peer, new Opening(remote, address, accepted));
    admit(connection);
    return Optional.of(connection);
  }

  /** Lets a connection call if there is room. Without the lock while there is none. */
  private boolean admit(Connection connection) {
    if (!hasRoom(connection)) {
      return false;
    }
    synchronized (this) {
      if (!connection.admitted && !connection.closed && hasRoom(connection)) {
        admitted.incrementAndGet();
        connection.admittedOfAddress.incrementAndGet();
        connection.admitted = true;
      }
      return connection.admitted;
    }
  }

  private boolean hasRoom(Connection connection) {
    return admitted.get() < limits.connections() && !connection.isOneTooManyOfAddress();
  }

  /** Notes that a connection was closed. To be called once. */
  synchronized void closed(Connection connection) {
    open--;
    connection.closed = true;
    if (connection.admitted) {
      admitted.decrementAndGet();
      connection.admittedOfAddress.decrementAndGet();
    }
    connection.peer.ifPresent(byPeer::giveBack);
    connection.address.ifPresent(
        address -> {
          byAddress.giveBack(address);
          subnetOf(address, connection.peer).ifPresent(bySubnet::giveBack);
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
  private Optional<InetAddress> address(@Nullable SocketAddress remote) {
    return remote instanceof InetSocketAddress internet
            && internet.getAddress() != null
            && !here.has(internet.getAddress())
        ? Optional.of(internet.getAddress())
        : Optional.empty();
  }

  /**
   * The neighbourhood whose calls are counted together. Private networks are one subnet often
   * enough, so only public ones are. Where nodes are counted by their ids, which anybody can make,
   * a private address is a neighbourhood of its own.
   */
  private static Optional<ByteBuffer> subnetOf(InetAddress address, Optional<NodeId> peer) {
    byte[] bytes = address.getAddress();
    if (PUBLIC.allows(address)) {
      int prefix = address instanceof Inet6Address ? 6 : 3;
      return Optional.of(ByteBuffer.wrap(Arrays.copyOf(bytes, prefix)));
    }
    return peer.map(id -> ByteBuffer.wrap(bytes));
  }
}
