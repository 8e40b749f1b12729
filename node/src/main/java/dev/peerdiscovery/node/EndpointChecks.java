package dev.peerdiscovery.node;

import dev.peerdiscovery.client.Caller;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.ServiceName;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Finds out whether instances are there: a few at a time, each within a deadline, without a thread
 * that waits. What may be dialled is the {@link Caller}'s policy. Thread-safe.
 */
final class EndpointChecks {
  static final Duration DEADLINE = Duration.ofSeconds(2);
  private static final int MAX_UNDER_WAY = 64;

  /** All instances that a node can have, and as many again that applications ask for. */
  private static final int MAX_WAITING = 8_192;

  private record Waiting(
      Supplier<CompletableFuture<Optional<String>>> check,
      CompletableFuture<Optional<String>> result) {}

  private final Caller caller;
  private final Queue<Waiting> waiting = new ArrayDeque<>();
  private int underWay;

  EndpointChecks(Caller caller) {
    this.caller = caller;
  }

  /**
   * Checks an instance.
   *
   * @return never fails; nothing when it is there, else why it seems not to be
   */
  CompletableFuture<Optional<String>> check(
      ServiceName service, Endpoint endpoint, InstanceCheck kind) {
    if (kind == InstanceCheck.NONE) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    Waiting next = new Waiting(() -> perform(service, endpoint, kind), new CompletableFuture<>());
    synchronized (this) {
      if (underWay >= MAX_UNDER_WAY) {
        if (waiting.size() >= MAX_WAITING) {
          return CompletableFuture.completedFuture(Optional.of("too many checks are waiting"));
        }
        waiting.add(next);
        return next.result;
      }
      underWay++;
    }
    begin(next);
    return next.result;
  }

  private void begin(Waiting next) {
    next.check
        .get()
        .whenComplete(
            (outcome, error) -> {
              next.result.complete(
                  error == null ? outcome : Optional.of("its name cannot be resolved"));
              ended();
            });
  }

  private void ended() {
    Waiting next;
    synchronized (this) {
      next = waiting.poll();
      if (next == null) {
        underWay--;
      }
    }
    if (next != null) {
      begin(next);
    }
  }

  private CompletableFuture<Optional<String>> perform(
      ServiceName service, Endpoint endpoint, InstanceCheck kind) {
    return caller
        .resolve(endpoint)
        .orTimeout(DEADLINE.toNanos(), TimeUnit.NANOSECONDS)
        .thenCompose(
            address ->
                kind == InstanceCheck.TCP
                    ? connect(address, endpoint)
                    : askForHealth(address, endpoint, service.name()));
  }

  private static CompletableFuture<Optional<String>> connect(
      InetAddress address, Endpoint endpoint) {
    CompletableFuture<Optional<String>> result = new CompletableFuture<>();
    AsynchronousSocketChannel socket;
    try {
      socket = AsynchronousSocketChannel.open();
    } catch (IOException e) {
      return CompletableFuture.completedFuture(Optional.of("no connection could be opened"));
    }
    result
        .completeOnTimeout(
            Optional.of("no connection within " + DEADLINE.toSeconds() + " s"),
            DEADLINE.toNanos(),
            TimeUnit.NANOSECONDS)
        .thenAccept(outcome -> close(socket));
    socket.connect(
        new InetSocketAddress(address, endpoint.port()),
        result,
        new CompletionHandler<Void, CompletableFuture<Optional<String>>>() {
          @Override
          public void completed(Void nothing, CompletableFuture<Optional<String>> to) {
            to.complete(Optional.empty());
          }

          @Override
          public void failed(Throwable error, CompletableFuture<Optional<String>> to) {
            to.complete(Optional.of("nothing takes connections there"));
          }
        });
    return result;
  }

  private static void close(AsynchronousSocketChannel socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is gone all the same.
    }
  }

  private static CompletableFuture<Optional<String>> askForHealth(
      InetAddress address, Endpoint endpoint, String service) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(new InetSocketAddress(address, endpoint.port()))
            .overrideAuthority(endpoint.toString())
            .usePlaintext()
            .directExecutor()
            .disableRetry()
            .proxyDetector(target -> null)
            .maxInboundMessageSize(1 << 10)
            .build();
    CompletableFuture<Optional<String>> result = new CompletableFuture<>();
    HealthGrpc.HealthStub stub =
        HealthGrpc.newStub(channel).withDeadlineAfter(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    ask(stub, service, result);
    result.whenComplete((outcome, error) -> channel.shutdownNow());
    return result;
  }

  /** Where the service's name is unknown, the server as a whole is asked about. */
  private static void ask(
      HealthGrpc.HealthStub stub, String service, CompletableFuture<Optional<String>> result) {
    stub.check(
        HealthCheckRequest.newBuilder().setService(service).build(),
        new StreamObserver<>() {
          @Override
          public void onNext(HealthCheckResponse response) {
            result.complete(
                response.getStatus() == ServingStatus.SERVING
                    ? Optional.empty()
                    : Optional.of("its health is not SERVING"));
          }

          @Override
          public void onError(Throwable error) {
            Status.Code code = Status.fromThrowable(error).getCode();
            if (code == Status.Code.NOT_FOUND && !service.isEmpty()) {
              ask(stub, "", result);
            } else {
              result.complete(Optional.of("grpc.health.v1 is not answered: " + code));
            }
          }

          @Override
          public void onCompleted() {}
        });
  }
}
