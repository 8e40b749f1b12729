package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.client.tls.PeerTls;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.proto.Refusals;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Asks a node one thing that is for operators. */
final class AdminClient {
  private static final int DEADLINE_SECONDS = 5;

  /** A table of all contacts is larger than what peers send one another. */
  private static final int MAX_ANSWER_BYTES = 16 * 1024 * 1024;

  private AdminClient() {}

  /**
   * Asks.
   *
   * @param question makes one blocking call on the channel, which has a deadline
   */
  static <A> A ask(Endpoint via, PeerTls tls, Function<Channel, A> question) {
    NettyChannelBuilder builder = NettyChannelBuilder.forAddress(via.host(), via.port());
    tls.secure(builder);
    ManagedChannel channel =
        builder
            .directExecutor()
            .disableRetry()
            .proxyDetector(target -> null)
            .maxInboundMessageSize(MAX_ANSWER_BYTES)
            .build();
    try {
      return question.apply(ClientInterceptors.intercept(channel, new Deadline()));
    } catch (StatusRuntimeException e) {
      throw failure(via, tls, e);
    } finally {
      channel.shutdownNow();
    }
  }

  /** A deadline for every call. */
  private static final class Deadline implements ClientInterceptor {
    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      return next.newCall(method, options.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS));
    }
  }

  private static CliException failure(Endpoint via, PeerTls tls, StatusRuntimeException error) {
    // One call on a connection of its own: it was answered, or there never was one.
    boolean connected = error.getStatus().getCode() != Status.Code.UNAVAILABLE;
    Optional<Outcome> byTls = tls.outcomeOf(error, connected);
    if (byTls.isPresent() && byTls.get() instanceof Failure failure) {
      return new CliException(ExitCode.REFUSED, via + ": TLS: " + failure.detail(), error);
    }
    Status status = error.getStatus();
    String detail = status.getDescription() == null ? "" : ": " + status.getDescription();
    return switch (status.getCode()) {
      case UNAVAILABLE, DEADLINE_EXCEEDED ->
          new CliException(
              ExitCode.UNREACHABLE,
              String.format(Locale.ROOT, "no node can be reached at %s: %s", via, cause(error)),
              error);
      case UNIMPLEMENTED ->
          new CliException(
              ExitCode.REFUSED,
              via + " does not answer operators; if its node has an --api address, ask there",
              error);
      default ->
          new CliException(ExitCode.REFUSED, via + " refused: " + status.getCode() + detail, error);
    };
  }

  private static String cause(StatusRuntimeException error) {
    return Refusals.outcomeOf(error) instanceof Failure failure
        ? failure.detail()
        : error.getStatus().getCode().name();
  }
}
