package dev.peerdiscovery.tests.load;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Keeps so many calls in flight over some channels for a while; the end of one begins the next, on
 * the same thread.
 */
final class Flow {
  private final MethodDescriptor<byte[], Integer> method;
  private final List<byte[]> requests;
  private final List<ManagedChannel> channels;
  private final int answerBytes;
  private final int inFlight;
  private final CountDownLatch running;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final AtomicInteger nextChannel = new AtomicInteger();
  private long endNanos;

  private Flow(
      MethodDescriptor<byte[], Integer> method,
      List<byte[]> requests,
      List<ManagedChannel> channels,
      int answerBytes,
      int inFlight) {
    this.method = method;
    this.requests = requests;
    this.channels = channels;
    this.answerBytes = answerBytes;
    this.inFlight = inFlight;
    this.running = new CountDownLatch(inFlight);
  }

  /**
   * Runs one slice.
   *
   * @param answerBytes the size that every answer must have
   */
  static Slice run(
      MethodDescriptor<byte[], Integer> method,
      List<byte[]> requests,
      List<ManagedChannel> channels,
      int answerBytes,
      int inFlight,
      long millis)
      throws InterruptedException {
    return new Flow(method, requests, channels, answerBytes, inFlight).run(millis);
  }

  private Slice run(long millis) throws InterruptedException {
    long startNanos = System.nanoTime();
    endNanos = startNanos + TimeUnit.MILLISECONDS.toNanos(millis);
    Lane[] lanes = new Lane[inFlight];
    for (int i = 0; i < inFlight; i++) {
      lanes[i] = new Lane(i);
      lanes[i].next();
    }
    running.await();
    long nanos = System.nanoTime() - startNanos;
    if (failure.get() != null) {
      throw new IllegalStateException(failure.get());
    }
    int calls = Arrays.stream(lanes).mapToInt(lane -> lane.calls).sum();
    long[] latencies = new long[calls];
    int at = 0;
    for (Lane lane : lanes) {
      System.arraycopy(lane.latencies, 0, latencies, at, lane.calls);
      at += lane.calls;
    }
    return Slice.of(latencies, nanos);
  }

  /** One call at a time. */
  private final class Lane extends ClientCall.Listener<Integer> {
    private final SplittableRandom random;
    private long[] latencies = new long[4096];
    private int calls;
    private long startedNanos;
    private int received;

    Lane(int number) {
      this.random = new SplittableRandom(number);
    }

    void next() {
      received = -1;
      // Goes round, so that as many are in flight on each.
      int channel = channels.size() == 1 ? 0 : nextChannel.getAndIncrement() % channels.size();
      startedNanos = System.nanoTime();
      ClientCall<byte[], Integer> call =
          channels
              .get(channel)
              .newCall(method, CallOptions.DEFAULT.withDeadlineAfter(5, TimeUnit.SECONDS));
      call.start(this, new Metadata());
      call.request(2);
      call.sendMessage(requests.get(random.nextInt(requests.size())));
      call.halfClose();
    }

    @Override
    public void onMessage(Integer size) {
      received = size;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      long now = System.nanoTime();
      if (!status.isOk() || received != answerBytes) {
        failure.compareAndSet(
            null,
            new IllegalStateException(
                status + ", " + received + " bytes instead of " + answerBytes));
        running.countDown();
        return;
      }
      if (calls == latencies.length) {
        latencies = Arrays.copyOf(latencies, 2 * calls);
      }
      latencies[calls++] = now - startedNanos;
      if (now < endNanos && failure.get() == null) {
        next();
      } else {
        running.countDown();
      }
    }
  }
}
