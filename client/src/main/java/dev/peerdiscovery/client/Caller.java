package dev.peerdiscovery.client;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import dev.peerdiscovery.client.tls.PeerTls;
import dev.peerdiscovery.core.message.AddProviderRequest;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.message.GetProvidersRequest;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.core.message.WatchProvidersRequest;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.proto.PeerMethods;
import dev.peerdiscovery.proto.Refusals;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Performs calls to peers: checks the address, finds or opens the channel, keeps the deadline, and
 * turns whatever happens into one {@link Outcome}. A node's engine and a {@link PeerClient} are its
 * two users.
 *
 * <p>Thread-safe. Never blocks the calling thread.
 */
public final class Caller implements AutoCloseable {
  private final PeerMethods methods;
  private final Resolver resolver;
  private final @Nullable ChannelOpener opener;
  private final AddressPolicy policy;
  private final ChannelLimits limits;
  private final PeerTls tls;
  private final ChannelPool channels;

  private Caller(
      PeerMethods methods,
      AddressPolicy policy,
      @Nullable ChannelOpener opener,
      ChannelLimits limits,
      PeerTls tls) {
    this.limits = limits;
    this.tls = tls;
    this.methods = methods;
    this.policy = policy;
    this.opener = opener;
    this.resolver = new Resolver(policy);
    this.channels = new ChannelPool(limits.channels(), this::open);
  }

  /**
   * A caller over TCP.
   *
   * @param methods what it calls
   * @param policy which addresses it may dial
   * @param limits what its channels may cost
   * @param tls what its channels speak
   */
  public static Caller overTcp(
      PeerMethods methods, AddressPolicy policy, ChannelLimits limits, PeerTls tls) {
    return new Caller(methods, policy, null, limits, tls);
  }

  /** A caller over channels that somebody else opens; the policy still holds. */
  public static Caller over(
      ChannelOpener opener, PeerMethods methods, AddressPolicy policy, ChannelLimits limits) {
    return new Caller(methods, policy, opener, limits, PeerTls.off());
  }

  /**
   * What came of a call.
   *
   * @param outcome the answer, the refusal or the failure
   * @param localAddress the address that the call left from, when a connection was made over TCP
   * @param cause what was thrown here, when the call could not be opened because of that
   */
  public record Result(
      Outcome outcome, Optional<InetAddress> localAddress, Optional<Throwable> cause) {
    /** What came of a call for which nothing was thrown. */
    public Result(Outcome outcome, Optional<InetAddress> localAddress) {
      this(outcome, localAddress, Optional.empty());
    }
  }

  /**
   * Calls a peer for one answer.
   *
   * @param to where to dial
   * @param request what to ask
   * @param deadline the time for everything, from resolving a name to the answer
   * @return never fails; completes on a transport thread, which the receiver must not block
   */
  public CompletableFuture<Result> call(Endpoint to, Request request, Duration deadline) {
    long startedNanos = System.nanoTime();
    CompletableFuture<ManagedChannel> channel = channels.channel(to);
    if (channel.isDone()) {
      return callOn(channel, to, request, deadline);
    }
    // A name is being resolved. The copy may time out; the channel is for others, too.
    return channel
        .copy()
        .orTimeout(deadline.toNanos(), TimeUnit.NANOSECONDS)
        .handle((opened, error) -> deadline.minusNanos(System.nanoTime() - startedNanos))
        .thenCompose(
            left ->
                channel.isDone() && !left.isNegative()
                    ? callOn(channel, to, request, left)
                    : failed(
                        new Failure(Failure.Kind.TIMEOUT, "the name was not resolved in time")));
  }

  /**
   * Calls everybody behind a name at once, each on a connection of its own that ends with the
   * answer: the name is resolved anew, and leads to whoever is there now. An endpoint that is no
   * name is called as {@link #call} does.
   *
   * @param most of so many at most, drawn by chance
   * @param each takes what came of each call, one or more, on any thread
   * @return completes when all were told
   */
  public CompletableFuture<Void> callEverybody(
      Endpoint to, int most, Request request, Duration deadline, Consumer<Result> each) {
    if (opener != null || to.literal().isPresent()) {
      return call(to, request, deadline).thenAccept(each);
    }
    long startedNanos = System.nanoTime();
    return resolver
        .resolveAll(to)
        .orTimeout(deadline.toNanos(), TimeUnit.NANOSECONDS)
        .thenCompose(
            addresses -> {
              Duration left = deadline.minusNanos(System.nanoTime() - startedNanos);
              return CompletableFuture.allOf(
                  addresses.stream()
                      .limit(most)
                      .map(address -> callOnce(to, address, request, left).thenAccept(each))
                      .toArray(CompletableFuture<?>[]::new));
            })
        .exceptionally(
            error -> {
              each.accept(new Result(notOpened(unwrapped(error)), Optional.empty()));
              return null;
            });
  }

  private CompletableFuture<Result> callOnce(
      Endpoint to, InetAddress address, Request request, Duration deadline) {
    ManagedChannel channel = openTcp(to, address);
    return begin(channel, request, deadline).whenComplete((done, error) -> channel.shutdownNow());
  }

  /**
   * Asks a peer for a stream.
   *
   * @param to where to dial
   * @param deadline how long the stream may last; that it is over then is no failure
   * @param receiver takes the updates
   */
  public PeerStream watch(
      Endpoint to, WatchProvidersRequest request, Duration deadline, PeerStream.Receiver receiver) {
    PeerStream stream = new PeerStream(receiver, this::outcomeOf, PeerStream.FIRST_UPDATE);
    CompletableFuture<ManagedChannel> channel = channels.channel(to);
    CallOptions options = options(request, deadline);
    channel.whenComplete(
        (opened, error) -> {
          if (error == null) {
            begin(stream, opened, options, request);
          } else {
            channels.drop(to, channel);
            stream.end(notOpened(unwrapped(error)));
          }
        });
    stream
        .outcome()
        .thenAccept(
            outcome -> {
              if (isUnreachable(outcome)) {
                channels.drop(to, channel);
              }
            });
    return stream;
  }

  /** The channel may be a host's, and throw what it likes. */
  private void begin(
      PeerStream stream,
      ManagedChannel channel,
      CallOptions options,
      WatchProvidersRequest request) {
    try {
      stream.begin(channel.newCall(methods.watchProviders(), options), request);
    } catch (Throwable thrown) {
      stream.end(notBegun(thrown));
      HostCode.passVirtualMachineErrors(thrown);
    }
  }

  private CompletableFuture<Result> begin(
      ManagedChannel channel, Request request, Duration deadline) {
    try {
      return perform(channel, request, options(request, deadline));
    } catch (Throwable thrown) {
      HostCode.passVirtualMachineErrors(thrown);
      return CompletableFuture.completedFuture(
          new Result(notBegun(thrown), Optional.empty(), Optional.of(thrown)));
    }
  }

  private static Failure notBegun(Throwable thrown) {
    return new Failure(
        Failure.Kind.NOT_DIALLED,
        "the call could not be opened here: " + thrown.getClass().getSimpleName());
  }

  /**
   * An address of an endpoint that may be dialled; resolves its name anew.
   *
   * @return fails when there is none, or none that the policy allows
   */
  public CompletableFuture<InetAddress> resolve(Endpoint endpoint) {
    return resolver.resolve(endpoint);
  }

  private static Throwable unwrapped(Throwable error) {
    return error instanceof CompletionException && error.getCause() != null
        ? error.getCause()
        : error;
  }

  private CompletableFuture<Result> callOn(
      CompletableFuture<ManagedChannel> channel, Endpoint to, Request request, Duration deadline) {
    ManagedChannel opened;
    try {
      opened = channel.join();
    } catch (CompletionException e) {
      channels.drop(to, channel);
      Throwable cause = unwrapped(e);
      return CompletableFuture.completedFuture(
          new Result(notOpened(cause), Optional.empty(), Optional.ofNullable(cause.getCause())));
    }
    return begin(opened, request, deadline)
        .whenComplete(
            (done, error) -> {
              if (isUnreachable(done.outcome())) {
                channels.drop(to, channel);
              }
            });
  }

  private CallOptions options(Request request, Duration deadline) {
    CallOptions withDeadline =
        CallOptions.DEFAULT.withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS);
    return request
        .wantedId()
        .map(wanted -> tls.expecting(wanted, withDeadline))
        .orElse(withDeadline);
  }

  private CompletableFuture<Result> perform(
      ManagedChannel channel, Request request, CallOptions options) {
    if (request instanceof PingRequest ping) {
      return perform(channel.newCall(methods.ping(), options), ping);
    }
    if (request instanceof FindNodeRequest findNode) {
      return perform(channel.newCall(methods.findNode(), options), findNode);
    }
    if (request instanceof GetProvidersRequest get) {
      return perform(channel.newCall(methods.getProviders(), options), get);
    }
    if (request instanceof AddProviderRequest add) {
      return perform(channel.newCall(methods.addProvider(), options), add);
    }
    throw new IllegalArgumentException("no call with one answer: " + request.getClass());
  }

  private static boolean isUnreachable(Outcome outcome) {
    return outcome instanceof Failure failure
        && (failure.kind() == Failure.Kind.UNREACHABLE || failure.kind() == Failure.Kind.TLS);
  }

  private <Q, A extends Outcome> CompletableFuture<Result> perform(
      ClientCall<Q, A> call, Q request) {
    CompletableFuture<Result> result = new CompletableFuture<>();
    ListenableFuture<A> answer = ClientCalls.futureUnaryCall(call, request);
    answer.addListener(() -> result.complete(result(call, answer)), MoreExecutors.directExecutor());
    return result;
  }

  private <A extends Outcome> Result result(ClientCall<?, A> call, ListenableFuture<A> answer) {
    Optional<InetAddress> local = localAddress(call);
    try {
      @Nullable A message = Futures.getDone(answer);
      return new Result(checked(Objects.requireNonNull(message), call), local);
    } catch (ExecutionException e) {
      return new Result(outcomeOf(e.getCause() == null ? e : e.getCause(), call), local);
    }
  }

  /** Where the id is taken from the certificate, the answer has to be of the same. */
  private Outcome checked(Outcome answer, ClientCall<?, ?> call) {
    return tls.isOn()
            && answer instanceof PingResponse pong
            && !tls.peer(call.getAttributes()).equals(Optional.of(pong.responder().id()))
        ? new Failure(
            Failure.Kind.INVALID_ANSWER, "the answer is of another id than the certificate")
        : answer;
  }

  /** What a call comes to that ended with an error and that we did not give up on. */
  private Outcome outcomeOf(Throwable error, ClientCall<?, ?> call) {
    return tls.outcomeOf(error, localAddress(call).isPresent()).orElseGet(() -> outcomeOf(error));
  }

  private static Outcome outcomeOf(Throwable error) {
    Outcome outcome = Refusals.outcomeOf(error);
    // So it was the peer that cancelled, which must not pass for our own doing.
    return outcome instanceof Failure failure
            && failure.kind() == Failure.Kind.CANCELLED
            && Status.fromThrowable(error).getCode() == Status.Code.CANCELLED
        ? new Failure(Failure.Kind.INVALID_ANSWER, "the peer cancelled the call")
        : outcome;
  }

  private static Optional<InetAddress> localAddress(ClientCall<?, ?> call) {
    SocketAddress local = call.getAttributes().get(Grpc.TRANSPORT_ATTR_LOCAL_ADDR);
    return local instanceof InetSocketAddress address
        ? Optional.ofNullable(address.getAddress())
        : Optional.empty();
  }

  private static Failure notOpened(Throwable cause) {
    if (cause instanceof TimeoutException) {
      return new Failure(Failure.Kind.TIMEOUT, "the name was not resolved in time");
    }
    if (cause instanceof UnknownHostException) {
      return new Failure(Failure.Kind.UNREACHABLE, "the name cannot be resolved");
    }
    if (cause instanceof Resolver.NotDialled) {
      return new Failure(Failure.Kind.NOT_DIALLED, String.valueOf(cause.getMessage()));
    }
    return cause instanceof ChannelPool.ClosedException
        ? new Failure(Failure.Kind.CANCELLED, "the caller is closed")
        : new Failure(
            Failure.Kind.NOT_DIALLED,
            "no channel could be opened: " + cause.getClass().getSimpleName());
  }

  private static CompletableFuture<Result> failed(Failure failure) {
    return CompletableFuture.completedFuture(new Result(failure, Optional.empty()));
  }

  private CompletableFuture<ManagedChannel> open(Endpoint endpoint) {
    if (opener == null) {
      return resolver.resolve(endpoint).thenApply(address -> openTcp(endpoint, address));
    }
    if (!policy.allows(endpoint)) {
      return CompletableFuture.failedFuture(
          new Resolver.NotDialled("the address is not allowed in scope " + policy.scope()));
    }
    try {
      return CompletableFuture.completedFuture(withLimits(opener.open(endpoint)).build());
    } catch (Throwable thrown) {
      HostCode.passVirtualMachineErrors(thrown);
      return CompletableFuture.failedFuture(
          new Resolver.NotDialled(
              "the host opens no channel: " + thrown.getClass().getSimpleName(), thrown));
    }
  }

  private ManagedChannel openTcp(Endpoint endpoint, InetAddress address) {
    InetSocketAddress resolved = new InetSocketAddress(address, endpoint.port());
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(resolved)
            // What the peer is called, not what the name happened to resolve to.
            .overrideAuthority(endpoint.toString())
            .proxyDetector(target -> null)
            .keepAliveTime(limits.keepAlive().toSeconds(), TimeUnit.SECONDS)
            .keepAliveTimeout(limits.keepAliveTimeout().toSeconds(), TimeUnit.SECONDS);
    tls.secure(builder);
    return withLimits(builder).build();
  }

  private ManagedChannelBuilder<?> withLimits(ManagedChannelBuilder<?> builder) {
    return builder
        .directExecutor()
        .disableRetry()
        .maxInboundMessageSize(limits.answerBytes())
        .idleTimeout(limits.idle().toSeconds(), TimeUnit.SECONDS);
  }

  /** How many channels are open. */
  public int openChannels() {
    return channels.size();
  }

  /** Closes all channels; calls under way end as cancelled. Waits up to a second in all. */
  @Override
  public void close() {
    channels.close();
    resolver.close();
  }
}
