package dev.peerdiscovery.tests;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientStreamTracer;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ClientCalls;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Callers that each make one call at a time, so many a second together, and keep what fails. */
final class Callers implements AutoCloseable {
  private final AtomicInteger calls = new AtomicInteger();
  private final List<Failed> failures = new CopyOnWriteArrayList<>();
  private final long startedNanos = System.nanoTime();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopped;
  private volatile long endedNanos;

  /** A call that failed, and the instance that it was on; nothing when it was on none. */
  record Failed(Status status, Optional<SocketAddress> on) {}

  /**
   * Begins to call.
   *
   * @param channels one for each caller
   */
  Callers(List<? extends Channel> channels, int perSecond) {
    long eachNanos = TimeUnit.SECONDS.toNanos(1) * channels.size() / perSecond;
    for (Channel channel : channels) {
      Thread thread = new Thread(() -> run(channel, eachNanos));
      threads.add(thread);
      thread.start();
    }
  }

  private void run(Channel channel, long eachNanos) {
    for (long dueNanos = startedNanos; !stopped; dueNanos += eachNanos) {
      LockSupport.parkNanos(Math.max(0, dueNanos - System.nanoTime()));
      Tracer tracer = new Tracer();
      try {
        ClientCalls.blockingUnaryCall(
            channel,
            HealthGrpc.getCheckMethod(),
            CallOptions.DEFAULT
                .withDeadlineAfter(10, TimeUnit.SECONDS)
                .withStreamTracerFactory(tracer),
            HealthCheckRequest.getDefaultInstance());
      } catch (StatusRuntimeException e) {
        failures.add(new Failed(e.getStatus(), Optional.ofNullable(tracer.on)));
      }
      calls.incrementAndGet();
    }
  }

  /** Finds out where a call was sent. */
  private static final class Tracer extends ClientStreamTracer.Factory {
    private volatile @Nullable SocketAddress on;

    @Override
    public ClientStreamTracer newClientStreamTracer(
        ClientStreamTracer.StreamInfo info, Metadata headers) {
      return new ClientStreamTracer() {
        @Override
        public void streamCreated(Attributes transport, Metadata sent) {
          on = transport.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        }
      };
    }
  }

  int calls() {
    return calls.get();
  }

  /** What has failed so far. */
  List<Failed> failures() {
    return failures;
  }

  /** For how long they call, or called. */
  Duration time() {
    return Duration.ofNanos((stopped ? endedNanos : System.nanoTime()) - startedNanos);
  }

  double perSecond() {
    return calls.get() / (time().toNanos() / 1e9);
  }

  /** Lets the calls that are under way end. */
  @Override
  public void close() throws InterruptedException {
    stopped = true;
    for (Thread thread : threads) {
      thread.join();
    }
    endedNanos = System.nanoTime();
  }
}
