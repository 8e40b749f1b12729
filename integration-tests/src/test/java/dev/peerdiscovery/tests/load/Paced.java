package dev.peerdiscovery.tests.load;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Begins calls at a steady rate on one channel, whether the last ones were answered or not; so a
 * server that stalls delays the calls that came meanwhile, and that is counted: the time of a call
 * runs from when it was due. Only as many as one connection may have under way it does not exceed;
 * whoever falls behind by that gives up after the time, with fewer calls begun.
 */
final class Paced {
  private static final long BEAT_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

  private final MethodDescriptor<byte[], Integer> method;
  private final List<byte[]> requests;
  private final ManagedChannel channel;
  private final int perSecond;
  private final long[] latencies;
  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();
  private final Semaphore places = new Semaphore(64);
  private final Phaser underWay = new Phaser(1);
  private int started;

  Paced(
      MethodDescriptor<byte[], Integer> method,
      List<byte[]> requests,
      ManagedChannel channel,
      int perSecond,
      int seconds) {
    this.method = method;
    this.requests = requests;
    this.channel = channel;
    this.perSecond = perSecond;
    this.latencies = new long[Math.max(1, perSecond * seconds)];
  }

  /**
   * What it came to.
   *
   * @param answered calls that were
   * @param refused calls that ended as RESOURCE_EXHAUSTED
   * @param failed calls that ended in another way
   */
  record Sum(int started, int answered, int refused, int failed, long p50Nanos, long p99Nanos) {
    static Sum of(List<Paced> all) {
      int[] counts = new int[4];
      for (Paced one : all) {
        counts[0] += one.started;
        counts[1] += one.answered.get();
        counts[2] += one.refused.get();
        counts[3] += one.failed.get();
      }
      long[] latencies =
          all.stream()
              .flatMapToLong(one -> Arrays.stream(one.latencies, 0, one.answered.get()))
              .toArray();
      Slice slice = Slice.of(latencies, 1);
      return new Sum(
          counts[0], counts[1], counts[2], counts[3], slice.p50Nanos(), slice.p99Nanos());
    }

    String line() {
      return started + " " + answered + " " + refused + " " + failed + " " + p50Nanos + " "
          + p99Nanos;
    }

    static Sum parse(String line) {
      long[] n = Arrays.stream(line.split(" ", -1)).mapToLong(Long::parseLong).toArray();
      return new Sum((int) n[0], (int) n[1], (int) n[2], (int) n[3], n[4], n[5]);
    }
  }

  /** Begins all calls from a moment on; returns when they have ended. Blocks. */
  void run(long fromNanos) {
    long endNanos = fromNanos + TimeUnit.SECONDS.toNanos(latencies.length) / Math.max(1, perSecond);
    while (started < latencies.length && perSecond > 0 && System.nanoTime() < endNanos) {
      long dueNanos = fromNanos + started * TimeUnit.SECONDS.toNanos(1) / perSecond;
      long wait = dueNanos - System.nanoTime();
      if (wait > 0) {
        // Calls that are due within the same beat go together: timers are no finer.
        LockSupport.parkNanos(Math.max(wait, BEAT_NANOS));
      } else if (places.tryAcquire()) {
        begin(dueNanos);
      } else {
        LockSupport.parkNanos(BEAT_NANOS);
      }
    }
    underWay.arriveAndAwaitAdvance();
  }

  private void begin(long dueNanos) {
    underWay.register();
    byte[] request = requests.get(started++ % requests.size());
    ClientCall<byte[], Integer> call =
        channel.newCall(method, CallOptions.DEFAULT.withDeadlineAfter(5, TimeUnit.SECONDS));
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            if (status.isOk()) {
              latencies[answered.getAndIncrement()] = System.nanoTime() - dueNanos;
            } else if (status.getCode() == Status.Code.RESOURCE_EXHAUSTED) {
              refused.incrementAndGet();
            } else {
              failed.incrementAndGet();
            }
            places.release();
            underWay.arriveAndDeregister();
          }
        },
        new Metadata());
    call.request(2);
    call.sendMessage(request);
    call.halfClose();
  }
}
