package dev.peerdiscovery.tests.containers;

import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HealthCheck;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PortBinding;
import dev.peerdiscovery.client.DiscoveryClient;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.proto.MalformedMessageException;
import dev.peerdiscovery.proto.RecordCodec;
import dev.peerdiscovery.proto.admin.v1.AdminServiceGrpc;
import dev.peerdiscovery.proto.admin.v1.Contact;
import dev.peerdiscovery.proto.admin.v1.Counter;
import dev.peerdiscovery.proto.admin.v1.GetStatusRequest;
import dev.peerdiscovery.proto.admin.v1.GetStatusResponse;
import dev.peerdiscovery.proto.admin.v1.ListContactsRequest;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Container;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.utility.DockerImageName;

/**
 * One node in a container of its own. It keeps its container, and with it its data directory, over
 * {@link #kill}, {@link #terminate} and {@link #start}; and its ports on this machine, so that
 * whoever asks it by one finds it again.
 */
final class Member implements AutoCloseable {
  static final int PEERS = 7400;
  static final int API = 7401;

  /** What containers call the machine that the tests run on. */
  static final String THIS_MACHINE = "host.docker.internal";

  private static final String DATA = "/var/lib/peer";
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration POLL = Duration.ofMillis(50);

  private final String name;
  private final GenericContainer<?> container;
  private final Map<Integer, Integer> ports = new HashMap<>();
  private Optional<ManagedChannel> channel = Optional.empty();
  private Optional<DiscoveryClient> asking = Optional.empty();
  private Optional<SideContainer> side = Optional.empty();
  private Optional<NodeId> id = Optional.empty();

  /**
   * A container, not started yet.
   *
   * @param name what others on its network can call it, beside the alias {@link Cluster#SEED}
   */
  Member(String name, Network network, Map<String, String> environment) {
    this.name = name;
    expose(API, freePort());
    container =
        new GenericContainer<>(DockerImageName.parse(Images.ofNode()))
            .withImagePullPolicy(image -> false)
            .withNetwork(network)
            .withNetworkAliases(name, Cluster.SEED)
            .withEnv(environment)
            .withLabels(Labels.ofThisRun())
            .withExtraHost(THIS_MACHINE, "host-gateway")
            .waitingFor(new Nothing())
            .withCreateContainerCmdModifier(
                command -> {
                  HostConfig host = command.getHostConfig();
                  host.withPortBindings(bindings()).withMemory(256L << 20);
                  command.withExposedPorts(ports.keySet().stream().map(ExposedPort::tcp).toList());
                  // Scenarios ask themselves, and quicker.
                  command.withHealthcheck(new HealthCheck().withTest(List.of("NONE")));
                });
  }

  /** Has a port of its container reached at one of this machine, from its first start on. */
  void expose(int ofContainer, int ofThisMachine) {
    ports.put(ofContainer, ofThisMachine);
  }

  private List<PortBinding> bindings() {
    return ports.entrySet().stream()
        .map(port -> PortBinding.parse("127.0.0.1:" + port.getValue() + ":" + port.getKey()))
        .toList();
  }

  /** A port of this machine; asked for beforehand, so that it is the same after a restart. */
  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static DockerClient docker() {
    return DockerClientFactory.instance().client();
  }

  private String containerId() {
    return container.getContainerId();
  }

  // What one does to it

  /** Starts it, for the first time or again; it need not be ready yet. */
  Member start() {
    if (containerId() == null) {
      container.start();
    } else {
      docker().startContainerCmd(containerId()).exec();
    }
    disconnect();
    channel =
        Optional.of(
            NettyChannelBuilder.forAddress("127.0.0.1", port(API))
                .usePlaintext()
                .disableRetry()
                .build());
    asking = Optional.of(client());
    return this;
  }

  /** Waits until its gRPC health service says that it has joined. */
  Member awaitReady() {
    await(name + " is ready")
        .atMost(PATIENCE)
        .pollInterval(POLL)
        .failFast(
            () -> {
              if (!isRunning()) {
                throw new IllegalStateException(name + " has ended:\n" + logs());
              }
            })
        .until(this::isReady);
    id = Optional.of(NodeId.fromBytes(status().getId().toByteArray()));
    return this;
  }

  /** SIGKILL. */
  void kill() {
    docker().killContainerCmd(containerId()).exec();
    gone();
  }

  /**
   * SIGTERM, and waits for the end.
   *
   * @return the exit code
   */
  int terminate() {
    signal("TERM");
    return awaitExit();
  }

  /** Sends a signal. */
  void signal(String signal) {
    docker().killContainerCmd(containerId()).withSignal(signal).exec();
  }

  /** Waits for the end; returns the exit code. */
  int awaitExit() {
    await(name + " ends").atMost(PATIENCE).pollInterval(POLL).until(() -> !isRunning());
    gone();
    Long code = state().getExitCodeLong();
    return Math.toIntExact(code == null ? -1 : code);
  }

  /** Stops all of it where it is, without its noticing. */
  void pause() {
    docker().pauseContainerCmd(containerId()).exec();
  }

  /** Lets it go on. */
  void resume() {
    docker().unpauseContainerCmd(containerId()).exec();
  }

  /** Where packets can be lost for it. */
  SideContainer network() {
    if (side.isEmpty()) {
      side = Optional.of(new SideContainer(containerId()));
    }
    return side.get();
  }

  private void gone() {
    // It would stay in the network of a run that is over.
    side.ifPresent(SideContainer::close);
    side = Optional.empty();
    disconnect();
  }

  private void disconnect() {
    channel.ifPresent(ManagedChannel::shutdownNow);
    channel = Optional.empty();
    asking.ifPresent(DiscoveryClient::close);
    asking = Optional.empty();
  }

  // What one sees of it

  String name() {
    return name;
  }

  /** Its id, as it was when it was ready last. */
  NodeId id() {
    return id.orElseThrow(() -> new IllegalStateException(name + " was never ready"));
  }

  /** A port of its container, as this machine reaches it. */
  int port(int ofContainer) {
    return ports.get(ofContainer);
  }

  /** Where applications on this machine ask it. */
  String api() {
    return "127.0.0.1:" + port(API);
  }

  /** Its address in the network of the containers. */
  String ip() {
    return docker()
        .inspectContainerCmd(containerId())
        .exec()
        .getNetworkSettings()
        .getNetworks()
        .values()
        .iterator()
        .next()
        .getIpAddress();
  }

  boolean isRunning() {
    return Boolean.TRUE.equals(state().getRunning());
  }

  boolean isReady() {
    try {
      return HealthGrpc.newBlockingStub(channel.orElseThrow())
              .withDeadlineAfter(1, TimeUnit.SECONDS)
              .check(
                  HealthCheckRequest.newBuilder().setService(PeerServiceGrpc.SERVICE_NAME).build())
              .getStatus()
          == ServingStatus.SERVING;
    } catch (StatusRuntimeException e) {
      return false;
    }
  }

  /** What it has printed since its container was made, both streams. */
  String logs() {
    return container.getLogs();
  }

  /** When its process was started last, by the engine's clock. */
  Instant startedAt() {
    return Instant.parse(String.valueOf(state().getStartedAt()));
  }

  /** When its process ended last, by the same clock. */
  Instant endedAt() {
    return Instant.parse(String.valueOf(state().getFinishedAt()));
  }

  private InspectContainerResponse.ContainerState state() {
    return docker().inspectContainerCmd(containerId()).exec().getState();
  }

  /** What it has printed line by line, and when. */
  List<Said> said() {
    return Said.by(containerId());
  }

  GetStatusResponse status() {
    return admin().getStatus(GetStatusRequest.getDefaultInstance());
  }

  /** One of its totals since it started. */
  long counter(String counter) {
    return status().getCountersList().stream()
        .filter(each -> each.getName().equals(counter))
        .mapToLong(Counter::getValue)
        .sum();
  }

  /** The contacts that it has lost since it started, for whatever reason. */
  long lost() {
    return status().getCountersList().stream()
        .filter(each -> each.getName().startsWith("contacts.lost."))
        .mapToLong(Counter::getValue)
        .sum();
  }

  /** Its routing table: who, and where. */
  Map<NodeId, String> contacts() {
    Map<NodeId, String> contacts = new TreeMap<>();
    for (Contact contact :
        admin().listContacts(ListContactsRequest.getDefaultInstance()).getContactsList()) {
      try {
        SignedPeerRecord record = RecordCodec.decode(contact.getRecord());
        contacts.put(record.id(), record.content().endpoints().get(0).toString());
      } catch (MalformedMessageException e) {
        throw new IllegalStateException(e);
      }
    }
    return contacts;
  }

  /** Has it look up an id: who answered, nearest first. */
  List<NodeId> lookup(NodeId target) {
    return asking.orElseThrow().lookup(target).stream().map(DiscoveryClient.Peer::id).toList();
  }

  /** Has it find who provides a service: their endpoints. */
  List<String> resolve(String service) {
    return asking.orElseThrow().resolve(service).stream()
        .map(instance -> instance.endpoint().toString())
        .sorted()
        .toList();
  }

  /** Removes a file of its data directory. */
  void forget(String file) {
    exec("rm", "-f", DATA + "/" + file);
  }

  /** Whether there is a file in its data directory, whether it runs or not. */
  boolean has(String file) {
    try (InputStream tar =
        docker().copyArchiveFromContainerCmd(containerId(), DATA + "/" + file).exec()) {
      return tar.read() >= 0;
    } catch (NotFoundException e) {
      return false;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs a program in its container; returns what that prints. */
  String exec(String... command) {
    return exec(container, command);
  }

  /** Runs a program in a container; returns what that prints. */
  static String exec(Container<?> container, String... command) {
    try {
      Container.ExecResult result = container.execInContainer(command);
      if (result.getExitCode() != 0) {
        throw new IllegalStateException(String.join(" ", command) + ": " + result.getStderr());
      }
      return result.getStdout();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** What an application beside it has. */
  DiscoveryClient client() {
    return DiscoveryClient.builder().via(api()).build();
  }

  private AdminServiceGrpc.AdminServiceBlockingStub admin() {
    return AdminServiceGrpc.newBlockingStub(channel.orElseThrow())
        .withDeadlineAfter(10, TimeUnit.SECONDS);
  }

  GenericContainer<?> container() {
    return container;
  }

  @Override
  public String toString() {
    return name + id.map(each -> "=" + each.toShortString()).orElse("");
  }

  @Override
  public void close() {
    try {
      gone();
    } finally {
      if (containerId() != null) {
        container.stop();
      }
    }
  }
}
