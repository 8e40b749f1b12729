package dev.peerdiscovery.client;

import io.grpc.Attributes;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.Status;
import io.grpc.StatusOr;
import io.grpc.SynchronizationContext;
import io.grpc.SynchronizationContext.ScheduledHandle;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Tells a channel who provides a service, from a watch at a node.
 *
 * <p>What was said last is kept for a while in three cases: while no node can be asked, for {@link
 * #UNREACHABLE_HOLD}; and when a node that is asked anew knows of nobody, for {@link #EMPTY_HOLD},
 * because it may have been started just now, and the applications have yet to come back to it. When
 * there is news that the last instance is gone, it has {@link #MOVE_HOLD} to come back: that of an
 * application whose node leaves does, at another node.
 *
 * <p>Everything happens in the channel's {@link SynchronizationContext}.
 */
final class PeerNameResolver extends NameResolver {
  /** How long the last list is served while no node can be asked. */
  static final Duration UNREACHABLE_HOLD = Duration.ofMinutes(10);

  /** How long the last list is served when a node that is asked anew knows of nobody. */
  static final Duration EMPTY_HOLD = Duration.ofSeconds(15);

  /** How long the last list is served when all that was in it is gone. */
  static final Duration MOVE_HOLD = Duration.ofSeconds(1);

  /** How long calls wait for the first answer. */
  static final Duration FIRST_ANSWER = Duration.ofSeconds(10);

  private static final Map<String, ?> NO_POLICY =
      Map.of("loadBalancingConfig", List.of(Map.of("pick_first", Map.of())));

  private final PeerTarget target;
  private final DiscoveryClient client;
  private final SynchronizationContext context;
  private final ScheduledExecutorService timer;
  private final ServiceConfigParser configParser;

  /** Puts instances into an order of this resolver's own, so that not all callers pick the same. */
  private final int order = ThreadLocalRandom.current().nextInt();

  /** What the node says, and of it what counts. */
  private List<Instance> latest = List.of();

  /** What the channel has. */
  private List<Instance> served = List.of();

  private boolean told;
  private boolean closed;

  /** Runs out when what is served is no longer to be served. */
  private Optional<ScheduledHandle> hold = Optional.empty();

  private long holdUntilNanos;

  PeerNameResolver(PeerTarget target, DiscoveryClient client, Args args) {
    this.target = target;
    this.client = client;
    this.context = args.getSynchronizationContext();
    this.timer = args.getScheduledExecutorService();
    this.configParser = args.getServiceConfigParser();
  }

  @Override
  public String getServiceAuthority() {
    return target.service();
  }

  @Override
  public void start(Listener2 listener) {
    Teller teller = new Teller(listener);
    hold(FIRST_ANSWER, teller, unavailable("no node has answered yet"));
    client.watchAlways(target.service(), teller);
  }

  @Override
  public void shutdown() {
    closed = true;
    hold.ifPresent(ScheduledHandle::cancel);
    client.closeNow();
  }

  private Status unavailable(String why) {
    return Status.UNAVAILABLE.withDescription("service " + target.service() + ": " + why);
  }

  private Status nobody() {
    return unavailable(
        target.providers().isEmpty()
            ? "nobody provides it"
            : "none of the nodes that may provide it does");
  }

  /** Ends what is served after a time, unless that is to end sooner anyway. */
  private void hold(Duration time, Teller teller, Status then) {
    long until = System.nanoTime() + time.toNanos();
    if (hold.isPresent() && holdUntilNanos - until <= 0) {
      return;
    }
    hold.ifPresent(ScheduledHandle::cancel);
    holdUntilNanos = until;
    hold =
        Optional.of(
            context.schedule(
                () -> teller.tellNobody(then), time.toNanos(), TimeUnit.NANOSECONDS, timer));
  }

  private void release() {
    hold.ifPresent(ScheduledHandle::cancel);
    hold = Optional.empty();
  }

  /** Tells the channel what the watch tells. */
  private final class Teller implements Watch.Listener {
    private final Listener2 listener;

    Teller(Listener2 listener) {
      this.listener = listener;
    }

    @Override
    public void changed(Change change) {
      inContext(
          () -> {
            latest = accepted(change.instances());
            decide(change.snapshot());
          });
    }

    @Override
    public void resumed() {
      inContext(() -> decide(true));
    }

    @Override
    public void interrupted(PeerException why) {
      inContext(
          () -> {
            Status status = unavailable(String.valueOf(why.getMessage()));
            if (served.isEmpty()) {
              tellNobody(status);
            } else {
              hold(UNREACHABLE_HOLD, this, status);
            }
          });
    }

    private void inContext(Runnable task) {
      context.execute(
          () -> {
            if (!closed) {
              task.run();
            }
          });
    }

    private void decide(boolean snapshot) {
      if (!latest.isEmpty()) {
        tell(latest);
      } else if (!served.isEmpty()) {
        hold(snapshot ? EMPTY_HOLD : MOVE_HOLD, this, nobody());
      } else {
        tellNobody(nobody());
      }
    }

    private void tell(List<Instance> instances) {
      release();
      if (told && saySame(served, instances)) {
        return;
      }
      told = true;
      served = instances;
      List<EquivalentAddressGroup> addresses = new ArrayList<>();
      instances.forEach(instance -> addresses.add(address(instance)));
      listener.onResult2(
          ResolutionResult.newBuilder().setAddressesOrError(StatusOr.fromValue(addresses)).build());
    }

    /**
     * Has calls fail at once. An error alone would not: round_robin goes on with the addresses that
     * it has, and an empty list it takes for an error. So the policy is changed for as long as
     * there is nobody to balance: pick_first lets go of what it has, and of what others had.
     */
    private void tellNobody(Status status) {
      release();
      if (!served.isEmpty()) {
        served = List.of();
        listener.onResult2(
            ResolutionResult.newBuilder()
                .setAddressesOrError(StatusOr.fromValue(List.of()))
                .setServiceConfig(configParser.parseServiceConfig(NO_POLICY))
                .build());
      }
      told = true;
      listener.onResult2(
          ResolutionResult.newBuilder().setAddressesOrError(StatusOr.fromStatus(status)).build());
    }
  }

  /** Those that may provide it, each endpoint once, in this resolver's order. */
  private List<Instance> accepted(List<Instance> instances) {
    Set<Object> endpoints = new HashSet<>();
    return instances.stream()
        .filter(
            instance ->
                target.providers().isEmpty() || target.providers().contains(instance.publisher()))
        .sorted(Comparator.comparingInt(instance -> Objects.hash(order, instance.endpoint())))
        .filter(instance -> endpoints.add(instance.endpoint()))
        .toList();
  }

  private static boolean saySame(List<Instance> one, List<Instance> other) {
    boolean same = one.size() == other.size();
    for (int i = 0; same && i < one.size(); i++) {
      same = one.get(i).saysTheSame(other.get(i));
    }
    return same;
  }

  private static EquivalentAddressGroup address(Instance instance) {
    int port = instance.endpoint().port();
    SocketAddress address =
        instance
            .endpoint()
            .literal()
            .map(literal -> new InetSocketAddress(literal, port))
            .orElseGet(() -> InetSocketAddress.createUnresolved(instance.endpoint().host(), port));
    Attributes.Builder attributes =
        Attributes.newBuilder()
            .set(PeerAttributes.METADATA, instance.metadata())
            .set(PeerAttributes.PUBLISHER, instance.publisher());
    instance
        .authority()
        .ifPresent(
            authority -> attributes.set(EquivalentAddressGroup.ATTR_AUTHORITY_OVERRIDE, authority));
    return new EquivalentAddressGroup(address, attributes.build());
  }
}
