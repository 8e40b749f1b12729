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
import java.util.Locale;
import java.util.LongSummaryStatistics;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/**
 * Lookups by one of 64 live nodes, all in this JVM and over TCP, and in turn with them calls of a
 * bare echo, over as many channels and with as many in flight. Prints a table; see {@code
 * docs/benchmarks.md}.
 */
final class LookupLoad implements AutoCloseable {
  private static final int K = 20;
  private static final long PATIENCE_SECONDS = 120;

  /** What a request and an answer of these nodes take, records being unsigned. */
  private static final int REQUEST_BYTES = 170;

  private static final int RECORD_BYTES = 77;

  private final ScheduledThreadPoolExecutor threads = new ScheduledThreadPoolExecutor(2);
  private final List<PeerNode> nodes = new ArrayList<>();
  private final SplittableRandom random = new SplittableRandom(1);
  private final LongAdder calls = new LongAdder();
  private final EchoServers echo;

  /** Takes how often to alternate, and the milliseconds of a slice; 9 and 1,000 by default. */
  public static void main(String[] args) throws Exception {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 9;
    long millis = args.length > 1 ? Long.parseLong(args[1]) : 1000;
    System.out.println(Cpu.machine() + ", " + rounds + " rounds of " + millis + " ms");
    try (LookupLoad load = new LookupLoad(64)) {
      load.warmUp(20_000);
      load.run(rounds, millis);
    }
  }

  LookupLoad(int count) throws Exception {
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
    echo = new EchoServers(count - 1, Math.min(K, count - 1) * RECORD_BYTES);
  }

  private PeerNode start() throws Exception {
    PeerNodeBuilder builder =
        PeerNode.builder()
            .id(NodeId.random(random))
            .listen("127.0.0.1:0")
            .limits(LoadedServer.VAST)
            .executor(threads);
    if (nodes.isEmpty()) {
      builder.observe(this::count);
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

  /** Alternates, and returns how many lookups were made in all. */
  long run(int rounds, long millis) throws Exception {
    List<Row> rows = List.of(new Row(1), new Row(16));
    for (int round = 0; round < rounds; round++) {
      for (Row row : rows) {
        measure(row, millis);
      }
    }
    System.out.printf("%n%s%n", Row.HEAD);
    rows.forEach(row -> System.out.print(row.text()));
    return rows.stream().mapToLong(row -> row.lookups).sum();
  }

  /** Until all is compiled: by number and not by time, which others may have taken. */
  void warmUp(long lookups) throws Exception {
    for (long done = 0; done < lookups; ) {
      done += lookups(16, 500).calls();
    }
    for (long done = 0; done < K * lookups; ) {
      done += echo.run(REQUEST_BYTES, 128, 500).calls();
    }
  }

  private void measure(Row row, long millis) throws Exception {
    long cpu = Cpu.nanos();
    calls.reset();
    Sampler sampler = new Sampler(nodes.get(0));
    Slice lookups = lookups(row.inFlight, millis);
    double callsInFlight = sampler.mean();
    double perLookup = (double) calls.sum() / lookups.calls();
    double lookupMicros = (Cpu.nanos() - cpu) / 1e3 / lookups.calls();
    cpu = Cpu.nanos();
    Slice echoed = echo.run(REQUEST_BYTES, Math.max(1, (int) Math.round(callsInFlight)), millis);
    double echoMicros = (Cpu.nanos() - cpu) / 1e3 / echoed.calls();
    row.lookups += lookups.calls();
    row.perSecond.add(lookups.perSecond());
    row.p50.add(lookups.p50Nanos() / 1e6);
    row.p99.add(lookups.p99Nanos() / 1e6);
    row.calls.add(perLookup);
    row.callsInFlight.add(callsInFlight);
    row.lookupMicros.add(lookupMicros);
    row.echoPerSecond.add(echoed.perSecond());
    row.echoMicros.add(echoMicros);
    row.ratio.add(lookupMicros / perLookup / echoMicros);
  }

  /** Keeps so many lookups of random targets in flight. */
  private Slice lookups(int inFlight, long millis) throws InterruptedException {
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
      nodes
          .get(0)
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

    java.util.stream.LongStream latencies() {
      return Arrays.stream(latencies, 0, done);
    }
  }

  /** Looks every few milliseconds how many calls a node has under way. */
  private static final class Sampler {
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final LongSummaryStatistics underWay = new LongSummaryStatistics();

    Sampler(PeerNode node) {
      timer.scheduleWithFixedDelay(
          () -> underWay.accept(node.status().join().callsUnderWay()), 0, 5, TimeUnit.MILLISECONDS);
    }

    double mean() throws InterruptedException {
      timer.shutdown();
      if (!timer.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("the node does not say how it is");
      }
      return underWay.getCount() == 0 ? 1 : underWay.getAverage();
    }
  }

  @Override
  public void close() {
    echo.close();
    nodes.forEach(PeerNode::close);
    threads.shutdownNow();
  }

  private static final class Row {
    static final String HEAD =
        """
        | lookups in flight | lookups/s | p50 ms | p99 ms | calls a lookup | calls in flight | CPU µs a lookup | echo calls/s | echo CPU µs a call | CPU of a lookup ÷ its calls × echo |
        |---|---|---|---|---|---|---|---|---|---|""";

    final int inFlight;
    final Medians perSecond = new Medians();
    final Medians p50 = new Medians();
    final Medians p99 = new Medians();
    final Medians calls = new Medians();
    final Medians callsInFlight = new Medians();
    final Medians lookupMicros = new Medians();
    final Medians echoPerSecond = new Medians();
    final Medians echoMicros = new Medians();
    final Medians ratio = new Medians();
    long lookups;

    Row(int inFlight) {
      this.inFlight = inFlight;
    }

    String text() {
      return String.format(
          Locale.ROOT,
          "| %d | %s | %s | %s | %s | %s | %s | %s | %s | %s |%n",
          inFlight,
          perSecond.text("%,.0f"),
          p50.text("%.2f"),
          p99.text("%.2f"),
          calls.text("%.1f"),
          callsInFlight.text("%.0f"),
          lookupMicros.text("%.0f"),
          echoPerSecond.text("%,.0f"),
          echoMicros.text("%.1f"),
          ratio.text("%.2f"));
    }
  }
}
