package dev.peerdiscovery.tests.load;

import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.node.PeerNodeBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/** Live nodes, all in this JVM and over TCP, the first of which looks up. */
final class LiveNetwork implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 120;

  private final ScheduledThreadPoolExecutor threads = new ScheduledThreadPoolExecutor(2);
  private final List<PeerNode> nodes = new ArrayList<>();
  private final SplittableRandom random = new SplittableRandom(1);
  private final LongAdder calls = new LongAdder();
  private final Consumer<PeerNodeBuilder> kind;

  /** Starts them, and waits until all have joined. */
  LiveNetwork(int count, Consumer<PeerNodeBuilder> kind) throws Exception {
    this.kind = kind;
    threads.setRemoveOnCancelPolicy(true);
    start();
    while (nodes.size() < count) {
      int batch = Math.min(Math.min(nodes.size(), 8), count - nodes.size());
      List<PeerNode> started = new ArrayList<>();
      for (int i = 0; i < batch; i++) {
        started.add(start());
      }
      for (PeerNode node : started) {
        node.ready().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
    }
  }

  private PeerNode start() throws Exception {
    PeerNodeBuilder builder =
        PeerNode.builder().listen("127.0.0.1:0").limits(LoadedServer.VAST).executor(threads);
    kind.accept(builder);
    if (nodes.isEmpty()) {
      builder.observeInTurn(this::count);
    } else {
      PeerNode seed = nodes.get(random.nextInt(nodes.size()));
      builder.bootstrap(new Endpoint("127.0.0.1", seed.port()));
    }
    PeerNode node = builder.start();
    nodes.add(node);
    return node;
  }

  private void count(Event event) {
    if (event instanceof Event.LookupEnded ended) {
      calls.add(ended.calls());
    }
  }

  /** Who looks up. */
  PeerNode asker() {
    return nodes.get(0);
  }

  /** How many calls the asker's lookups have made since this was last asked. */
  long takeCalls() {
    return calls.sumThenReset();
  }

  /** Keeps so many lookups of random targets in flight. */
  Slice lookups(int inFlight, long millis) throws InterruptedException {
    long startNanos = System.nanoTime();
    long endNanos = startNanos + TimeUnit.MILLISECONDS.toNanos(millis);
    Lane[] lanes = new Lane[inFlight];
    CountDownLatch running = new CountDownLatch(inFlight);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    for (int i = 0; i < inFlight; i++) {
      lanes[i] = new Lane(random.split(), endNanos, running, failure);
      lanes[i].next();
    }
    running.await();
    long nanos = System.nanoTime() - startNanos;
    if (failure.get() != null) {
      throw new IllegalStateException(failure.get());
    }
    return Slice.of(Arrays.stream(lanes).flatMapToLong(lane -> lane.latencies()).toArray(), nanos);
  }

  /** One lookup at a time. */
  private final class Lane {
    private final SplittableRandom targets;
    private final long endNanos;
    private final CountDownLatch running;
    private final AtomicReference<Throwable> failure;
    private long[] latencies = new long[1024];
    private int done;

    Lane(
        SplittableRandom targets,
        long endNanos,
        CountDownLatch running,
        AtomicReference<Throwable> failure) {
      this.targets = targets;
      this.endNanos = endNanos;
      this.running = running;
      this.failure = failure;
    }

    void next() {
      long started = System.nanoTime();
      asker()
          .lookup(NodeId.random(targets))
          .whenComplete((found, error) -> ended(started, found, error));
    }

    private void ended(long started, List<Contact> found, Throwable error) {
      long now = System.nanoTime();
      if (error != null || found.isEmpty()) {
        failure.set(error == null ? new IllegalStateException("found nobody") : error);
        running.countDown();
        return;
      }
      if (done == latencies.length) {
        latencies = Arrays.copyOf(latencies, 2 * done);
      }
      latencies[done++] = now - started;
      if (now < endNanos && failure.get() == null) {
        next();
      } else {
        running.countDown();
      }
    }

    LongStream latencies() {
      return Arrays.stream(latencies, 0, done);
    }
  }

  @Override
  public void close() {
    nodes.forEach(PeerNode::close);
    threads.shutdownNow();
  }
}
