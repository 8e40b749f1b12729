package dev.peerdiscovery.node;

import dev.peerdiscovery.client.Caller;
import dev.peerdiscovery.client.ChannelOpener;
import dev.peerdiscovery.core.engine.Engine;
import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.engine.EngineStatus;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.engine.LookupId;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.proto.RecordCodec;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * A peer of the network, to embed into a process.
 *
 * <pre>{@code
 * PeerNode node =
 *     PeerNode.builder()
 *         .listen("0.0.0.0:7400")
 *         .bootstrap("seed.example.com:7400")
 *         .dataDirectory(Path.of("/var/lib/orders/peer"))
 *         .start();
 * node.ready().join();
 * List<Contact> nearest = node.lookup(NodeId.parse("13")).join();
 * node.close();
 * }</pre>
 *
 * <p>It owns a server, as above, or hands its services to the host's own with {@link
 * Builder#attachTo}. Thread-safe.
 */
public final class PeerNode implements AutoCloseable {
  private static final Duration FAREWELL = Duration.ofSeconds(2);
  private static final long DRAIN_MILLIS = 10_000;

  private final NodeId id;
  private final Network network;
  private final Optional<ListenAddress> listen;
  private final boolean requirePeer;
  private final Engine engine;
  private final Driver driver;
  private final Caller caller;
  private final Clock clock = new Clock();
  private final Counters counters = new Counters();
  private final Admin admin;
  private final ServerServiceDefinition peerService;
  private final HealthStatusManager health = new HealthStatusManager();
  private final ScheduledExecutorService pool;
  private final boolean ownsPool;
  private final Optional<DataDirectory> directory;
  private final Optional<Saver> saver;
  private final List<SignedPeerRecord> remembered;
  private final boolean advertisesByItself;
  private final CompletableFuture<EngineStatus> ready = new CompletableFuture<>();
  private final CompletableFuture<Void> left = new CompletableFuture<>();
  private final Map<LookupId, CompletableFuture<List<Contact>>> lookups = new HashMap<>();

  private volatile Optional<NodeServer> server = Optional.empty();
  private volatile List<Endpoint> advertised;
  private volatile int port;
  private boolean addressIsGuessed;
  private boolean closed;
}
