package dev.peerdiscovery.tests.load;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.node.PeerNode;
import java.util.List;
import java.util.Locale;
import java.util.LongSummaryStatistics;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

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

  private final LiveNetwork network;
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
    SplittableRandom ids = new SplittableRandom(1);
    network = new LiveNetwork(count, node -> node.id(NodeId.random(ids)));
    echo = new EchoServers(count - 1, Math.min(K, count - 1) * RECORD_BYTES);
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
      done += network.lookups(16, 500).calls();
    }
    for (long done = 0; done < K * lookups; ) {
      done += echo.run(REQUEST_BYTES, 128, 500).calls();
    }
  }

  private void measure(Row row, long millis) throws Exception {
    long cpu = Cpu.nanos();
    network.takeCalls();
    Sampler sampler = new Sampler(network.asker());
    Slice lookups = network.lookups(row.inFlight, millis);
    double callsInFlight = sampler.mean();
    double perLookup = (double) network.takeCalls() / lookups.calls();
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
    network.close();
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
