package dev.peerdiscovery.client;

import com.google.common.base.Ticker;
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
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Tells a channel which instances a service has, from a watch at a node.
 *
 * <p>The last list stays for a while in three cases: for {@link #UNREACHABLE_HOLD} while no node
 * can be asked or none knows; for {@link #EMPTY_HOLD} when a node that is asked anew knows of no
 * instance, because it may have been started just now, and the applications have yet to come back
 * to it; and for {@link #MOVE_HOLD} when there is news that the last instance is gone, because an
 * application whose node leaves comes back at another node.
 *
 * <p>Without an instance the channel has an error status and {@link NoInstance no address that can
 * be dialled}; its service config is never touched. So what happens is the same whatever its
 * policy, its config and its options are, before the first instance and after the last.
 *
 * <p>Everything happens in the channel's {@link SynchronizationContext}.
 */
final class PeerNameResolver extends NameResolver {
  /** How long the last list is served while no node can be asked. */
  static final Duration UNREACHABLE_HOLD = Duration.ofMinutes(10);

  /** How long the last list is served when a node that is asked anew knows of no instance. */
  static final Duration EMPTY_HOLD = Duration.ofSeconds(15);

  /** How long the last list is served when all that was in it is gone. */
  static final Duration MOVE_HOLD = Duration.ofSeconds(1);

  /** How long calls wait for the first answer. */
  static final Duration FIRST_ANSWER = Duration.ofSeconds(10);

  /** Where a resolver has its watch from. */
  interface Source {
    /** Begins the one watch: of the instances that pass, one for each endpoint. */
    void watch(String service, Predicate<Instance> accepted, Watch.Listener listener);

    /** Ends the watch; does not block. */
    void closeNow();
  }

  private final PeerTarget target;
  private final Source source;
  private final SynchronizationContext context;
  private final ScheduledExecutorService timer;
  private final Ticker ticker;
  private final EquivalentAddressGroup nowhere;

  /** Puts instances into an order of this resolver's own, so that not all callers pick the same. */
  private final int order = ThreadLocalRandom.current().nextInt();

  /** What the node says. */
  private List<Instance> latest = List.of();

  /** What the channel has. */
  private List<Instance> served = List.of();

  /** What the channel was told instead of a list; empty while it has one, and at first. */
  private Optional<Status> none = Optional.empty();

  /** Whether the channel's policy has {@link #nowhere}, which it dials from time to time. */
  private boolean dialsNowhere;

  private boolean closed;

  /** Runs out when what is served is no longer to be served. */
  private Optional<ScheduledHandle> hold = Optional.empty();

  private long holdUntilNanos;

  /** Is set before anything is told. */
  private Optional<Listener2> channel = Optional.empty();

  PeerNameResolver(PeerTarget target, Source source, Args args) {
    this(target, source, args, Ticker.systemTicker());
  }

  PeerNameResolver(PeerTarget target, Source source, Args args, Ticker ticker) {
    this.target = target;
    this.source = source;
    this.context = args.getSynchronizationContext();
    this.timer = args.getScheduledExecutorService();
    this.ticker = ticker;
    this.nowhere = new EquivalentAddressGroup(new NoInstance(target.service()));
  }

  @Override
  public String getServiceAuthority() {
    return target.service();
  }

  @Override
  public void start(Listener2 listener) {
    channel = Optional.of(listener);
    hold(FIRST_ANSWER, unavailable("no node has answered yet"));
    try {
      source.watch(target.service(), this::isAccepted, new Follower());
    } catch (VirtualMachineError e) {
      throw e;
    } catch (Throwable e) {
      // The channel would wait for ever: gRPC only logs what is thrown here.
      tellNone(unavailable("watching it failed: " + e).withCause(e));
    }
  }

  /**
   * The channel asks for it when a connection failed. That to nowhere always fails, and what the
   * policy then says of it is not what callers should read.
   */
  @Override
  public void refresh() {
    if (dialsNowhere && !closed) {
      none.ifPresent(this::tellStatus);
    }
  }

  @Override
  public void shutdown() {
    closed = true;
    hold.ifPresent(ScheduledHandle::cancel);
    source.closeNow();
  }

  private boolean isAccepted(Instance instance) {
    return target.providers().isEmpty() || target.providers().contains(instance.publisher());
  }

  private Status unavailable(String why) {
    return Status.UNAVAILABLE.withDescription("service " + target.service() + ": " + why);
  }

  private Status noInstance() {
    return unavailable(
        target.providers().isEmpty()
            ? "no instance is registered"
            : "no instance is registered by the nodes that may provide it");
  }

  /** Ends what is served after a time, unless that is to end sooner anyway. */
  private void hold(Duration time, Status then) {
    long until = ticker.read() + time.toNanos();
    if (hold.isPresent() && holdUntilNanos - until <= 0) {
      return;
    }
    hold.ifPresent(ScheduledHandle::cancel);
    holdUntilNanos = until;
    hold =
        Optional.of(
            context.schedule(() -> tellNone(then), time.toNanos(), TimeUnit.NANOSECONDS, timer));
  }

  private void release() {
    hold.ifPresent(ScheduledHandle::cancel);
    hold = Optional.empty();
  }

  /** Takes in what the watch tells. */
  private final class Follower implements Watch.Listener {
    @Override
    public void changed(Change change) {
      inContext(
          () -> {
            latest = inOrder(change.instances());
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
              tellNone(status);
            } else {
              hold(UNREACHABLE_HOLD, status);
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
  }

  private void decide(boolean snapshot) {
    if (!latest.isEmpty()) {
      tell(latest);
    } else if (!served.isEmpty()) {
      hold(snapshot ? EMPTY_HOLD : MOVE_HOLD, noInstance());
    } else {
      tellNone(noInstance());
    }
  }

  private void tell(List<Instance> instances) {
    release();
    if (saySame(served, instances)) {
      return;
    }
    served = instances;
    none = Optional.empty();
    dialsNowhere = false;
    List<EquivalentAddressGroup> addresses = new ArrayList<>();
    instances.forEach(instance -> addresses.add(address(instance)));
    tell(StatusOr.fromValue(addresses));
  }

  /**
   * Has calls fail at once, or wait if they are to. A policy that has instances would go on with
   * them after an error alone, as round_robin does, and takes an empty list for an error. So it
   * gets an address at which nothing is, and then the error, which says why.
   */
  private void tellNone(Status status) {
    release();
    if (!served.isEmpty()) {
      served = List.of();
      dialsNowhere = true;
      tell(StatusOr.fromValue(List.of(nowhere)));
    } else if (none.isPresent() && saySame(none.get(), status)) {
      return;
    }
    none = Optional.of(status);
    tellStatus(status);
  }

  private void tellStatus(Status status) {
    tell(StatusOr.fromStatus(status));
  }

  private void tell(StatusOr<List<EquivalentAddressGroup>> addresses) {
    channel
        .orElseThrow()
        .onResult2(ResolutionResult.newBuilder().setAddressesOrError(addresses).build());
  }

  private List<Instance> inOrder(List<Instance> instances) {
    return instances.stream()
        .sorted(Comparator.comparingInt(instance -> Objects.hash(order, instance.endpoint())))
        .toList();
  }

  private static boolean saySame(Status one, Status other) {
    return one.getCode() == other.getCode()
        && Objects.equals(one.getDescription(), other.getDescription());
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
