package dev.peerdiscovery.client;

import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.Channel;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The channel targets {@code peer:///orders}, {@code peer://host:port/orders} and {@code
 * peer:///orders?via=host:port,host:port}. gRPC finds it by itself when this library is there.
 *
 * <p>The nodes that are asked are those in the target; else those of the system property {@code
 * peer.node} or the environment variable {@code PEER_NODE}, {@code HOST:PORT,HOST:PORT}; else
 * 127.0.0.1:7400. A process that embeds a node registers it for targets that name no nodes:
 *
 * <pre>{@code
 * NameResolverRegistry.getDefaultRegistry().register(PeerNameResolverProvider.over(channel));
 * }</pre>
 *
 * <p>Only nodes whose ids are in the target's parameter {@code providers}, or else in {@code
 * peer.providers} or {@code PEER_PROVIDERS}, may provide the service; where that is not said, every
 * node may, and names are not owned. The target's parameter {@code namespace} says where the name
 * belongs. IPv6 addresses are in brackets: {@code peer://[::1]:7400/orders}. After the question
 * mark RFC 3986 has no brackets, and there they are written as {@code %5B} and {@code %5D}: {@code
 * peer:///orders?via=%5B::1%5D:7400}.
 *
 * <p>Every change is pushed to the channel. While no node can be asked, or none knows, the last
 * list is served for 10 minutes, for 15 seconds when a node that is asked anew knows of no
 * instance, and for a second when all of it is gone. Without an instance calls fail at once with
 * {@code UNAVAILABLE} and the name of the service, as they do after 10 seconds when no node answers
 * at first; calls that wait for ready wait for an instance. This is the same for every load
 * balancing policy and service config, before the first instance and after the last; the resolver
 * has no service config of its own, so the channel's default holds. Of several records that name
 * one endpoint the one that was registered last counts. The authority is the name of the service,
 * or the metadata {@code authority} of the instance, for connections that are made from then on.
 */
public final class PeerNameResolverProvider extends NameResolverProvider {
  /** The scheme. */
  public static final String SCHEME = "peer";

  private static final String DEFAULT_NODE = "127.0.0.1:7400";

  /** Below that of gRPC's own, or a target without a scheme would be one of ours. */
  private static final int PRIORITY = 3;

  private final Optional<Channel> embedded;

  /** As gRPC makes it. */
  public PeerNameResolverProvider() {
    this(Optional.empty());
  }

  private PeerNameResolverProvider(Optional<Channel> embedded) {
    this.embedded = embedded;
  }

  /**
   * A provider that goes before the one that gRPC has found, and asks an embedded node where a
   * target names none. Whoever registers it deregisters it.
   *
   * @param embedded a channel to the node, which nobody here closes
   */
  public static PeerNameResolverProvider over(Channel embedded) {
    return new PeerNameResolverProvider(Optional.of(embedded));
  }

  @Override
  protected boolean isAvailable() {
    return true;
  }

  @Override
  protected int priority() {
    return embedded.isPresent() ? PRIORITY + 1 : PRIORITY;
  }

  @Override
  public String getDefaultScheme() {
    return SCHEME;
  }

  @Override
  public Collection<Class<? extends SocketAddress>> getProducedSocketAddressTypes() {
    return Set.of(InetSocketAddress.class);
  }

  /**
   * A resolver for a target.
   *
   * @return null when the target is of another scheme
   * @throws IllegalArgumentException when it is of ours and makes no sense
   */
  @Override
  public @Nullable NameResolver newNameResolver(URI uri, NameResolver.Args args) {
    if (!SCHEME.equalsIgnoreCase(uri.getScheme())) {
      return null;
    }
    PeerTarget target = PeerTarget.parse(uri, this::ambient);
    DiscoveryClient.Builder client =
        DiscoveryClient.builder()
            .timer(args.getScheduledExecutorService())
            .executor(MoreExecutors.directExecutor());
    target.namespace().ifPresent(client::namespace);
    if (!target.nodes().isEmpty()) {
      target.nodes().forEach(client::via);
    } else if (embedded.isPresent()) {
      client.channel(embedded.get());
    } else {
      client.via(DEFAULT_NODE);
    }
    return new PeerNameResolver(target, watching(client.build()), args);
  }

  private static PeerNameResolver.Source watching(DiscoveryClient client) {
    return new PeerNameResolver.Source() {
      @Override
      public void watch(String service, Predicate<Instance> accepted, Watch.Listener listener) {
        client.watchAlways(service, accepted, listener);
      }

      @Override
      public void closeNow() {
        client.closeNow();
      }
    };
  }

  /** A setting of the process. An embedded node is nearer than what the environment names. */
  private Optional<String> ambient(String variable) {
    if (embedded.isPresent() && variable.equals("PEER_NODE")) {
      return Optional.empty();
    }
    String property = variable.toLowerCase(Locale.ROOT).replace('_', '.');
    return Optional.ofNullable(System.getProperty(property))
        .or(() -> Optional.ofNullable(System.getenv(variable)));
  }
}
