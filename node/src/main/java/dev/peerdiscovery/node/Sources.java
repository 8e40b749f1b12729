package dev.peerdiscovery.node;

import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Scope;
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
   * @param subnet what the neighbourhood of its address may ask for together, if that is bounded
   * @param surplus whether there were too many already
   */
  record Connection(Source source, Optional<Budget> subnet, boolean surplus) {}

  private static final AddressPolicy PUBLIC = AddressPolicy.of(Scope.PUBLIC, false);

  private final Limits limits;
  private final Shared<InetAddress, Source> byAddress;
  private final Shared<ByteBuffer, Budget> bySubnet;
  private int open;

  Sources(Limits limits) {
    this.limits = limits;
    this.byAddress =
        new Shared<>(limits.remembered(), address -> new Source(Optional.of(address), limits));
    this.bySubnet =
        new Shared<>(limits.remembered(), subnet -> new Budget(limits.callsPerSecondPerSubnet()));
  }

  /** Notes that a connection was opened; nothing when there are so many that it has to go. */
  synchronized Optional<Connection> opened(@Nullable SocketAddress remote) {
    if (open >= 2 * limits.connections()) {
      return Optional.empty();
    }
    open++;
    Optional<InetAddress> address = address(remote);
    if (address.isEmpty()) {
      // All on this machine have one address, as has everybody behind a sidecar.
      Source own = new Source(Optional.empty(), limits);
      return Optional.of(new Connection(own, Optional.empty(), open > limits.connections()));
    }
    Source source = byAddress.take(address.get());
    boolean surplus =
        open > limits.connections()
            || byAddress.users(address.get()) > limits.connectionsPerAddress();
    return Optional.of(new Connection(source, subnet(address.get()).map(bySubnet::take), surplus));
  }

  /** Notes that a connection was closed. */
  synchronized void closed(Connection connection) {
    open--;
    connection
        .source()
        .address()
        .ifPresent(
            address -> {
              byAddress.giveBack(address);
              subnet(address).ifPresent(bySubnet::giveBack);
            });
  }

  /** How many connections are open. */
  synchronized int open() {
    return open;
  }

  /** How many addresses and subnets are known. */
  synchronized int known() {
    return byAddress.size() + bySubnet.size();
  }

  /** The address that tells callers apart; none where it does not. */
  private static Optional<InetAddress> address(@Nullable SocketAddress remote) {
    return remote instanceof InetSocketAddress internet
            && internet.getAddress() != null
            && !internet.getAddress().isLoopbackAddress()
        ? Optional.of(internet.getAddress())
        : Optional.empty();
  }

  /** Private networks are one subnet often enough, so only public ones are bounded. */
  private static Optional<ByteBuffer> subnet(InetAddress address) {
    int prefix = address instanceof Inet6Address ? 6 : 3;
    return PUBLIC.allows(address)
        ? Optional.of(ByteBuffer.wrap(Arrays.copyOf(address.getAddress(), prefix)))
        : Optional.empty();
  }
}
