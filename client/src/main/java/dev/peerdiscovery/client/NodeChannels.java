package dev.peerdiscovery.client;

import dev.peerdiscovery.client.tls.PeerTls;
import dev.peerdiscovery.core.record.Endpoint;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** The channels that a {@link DiscoveryClient} opens to its nodes, and closes with it. */
final class NodeChannels {
  /** A large service's snapshot: 4,096 instances with a KiB of metadata each. */
  private static final int MAX_ANSWER_BYTES = 16 << 20;

  /**
   * Nodes permit 30 s. A node that stopped without a word is noticed by it, and its instances are
   * with another one before their records run out: with the usual TTL of 90 s these hold for 54 s
   * at least.
   */
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(35);

  private static final Duration KEEP_ALIVE_TIMEOUT = Duration.ofSeconds(5);

  /** How long {@link #close} waits for all of them together. */
  private static final Duration CLOSING = Duration.ofSeconds(1);

  private final PeerTls tls;
  private final Optional<ChannelOpener> opener;
  private final Optional<Executor> executor;
  private final List<ManagedChannel> channels = new ArrayList<>();

  /**
   * None yet.
   *
   * @param tls what secures those over TCP
   * @param opener opens them in another way than over TCP
   * @param executor where answers are taken; gRPC's own threads unless given
   */
  NodeChannels(PeerTls tls, Optional<ChannelOpener> opener, Optional<Executor> executor) {
    this.tls = tls;
    this.opener = opener;
    this.executor = executor;
  }

  /** Opens one. It dials when there is something to ask. */
  ManagedChannel open(Endpoint endpoint) {
    ManagedChannelBuilder<?> builder =
        opener.isPresent() ? opener.get().open(endpoint) : overTcp(endpoint);
    executor.ifPresent(builder::executor);
    ManagedChannel channel =
        builder
            .disableRetry()
            .disableServiceConfigLookUp()
            .keepAliveTime(KEEP_ALIVE.toSeconds(), TimeUnit.SECONDS)
            .keepAliveTimeout(KEEP_ALIVE_TIMEOUT.toSeconds(), TimeUnit.SECONDS)
            .maxInboundMessageSize(MAX_ANSWER_BYTES)
            .build();
    channels.add(channel);
    return channel;
  }

  private ManagedChannelBuilder<?> overTcp(Endpoint endpoint) {
    NettyChannelBuilder channel =
        NettyChannelBuilder.forAddress(endpoint.host(), endpoint.port())
            .proxyDetector(target -> null);
    tls.secure(channel);
    return channel;
  }

  /** Closes all in order: what is said last, that leases have ended, is to go out. */
  void close() {
    channels.forEach(ManagedChannel::shutdown);
    long until = System.nanoTime() + CLOSING.toNanos();
    for (ManagedChannel channel : channels) {
      try {
        channel.awaitTermination(until - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
    }
    closeNow();
  }

  /** The same, without waiting for anything. */
  void closeNow() {
    channels.forEach(ManagedChannel::shutdownNow);
  }
}
