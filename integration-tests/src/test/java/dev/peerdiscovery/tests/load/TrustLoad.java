package dev.peerdiscovery.tests.load;

import dev.peerdiscovery.client.PeerClient;
import dev.peerdiscovery.client.tls.Tls;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.node.PeerNodeBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What trust costs a lookup: networks that differ in nothing else, in turn. Warm is one node that
 * looks up again and again; cold is a client for each lookup, to whom every record is new and every
 * connection. Prints a table; see {@code docs/benchmarks.md}.
 */
final class TrustLoad implements AutoCloseable {
  private static final int NODES = 32;
  private static final int IN_FLIGHT = 16;
  private static final long WARM_UP_LOOKUPS = 10_000;

  private final List<Kind> kinds = new ArrayList<>();

  /** Takes how often to alternate, and the milliseconds of a slice; 9 and 1,000 by default. */
  public static void main(String[] args) throws Exception {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 9;
    long millis = args.length > 1 ? Long.parseLong(args[1]) : 1000;
    System.out.println(Cpu.machine() + ", " + rounds + " rounds of " + millis + " ms");
    try (TrustLoad load = new TrustLoad(NODES)) {
      load.run(WARM_UP_LOOKUPS, rounds, millis);
    }
  }

  TrustLoad(int nodes) throws Exception {
    SplittableRandom ids = new SplittableRandom(1);
    kinds.add(
        new Kind(
            "assigned", Tls.off(), IdentityMode.ASSIGNED, nodes, it -> it.id(NodeId.random(ids))));
    kinds.add(new Kind("signed", Tls.off(), IdentityMode.SIGNED, nodes, it -> {}));
    kinds.add(
        new Kind(
            "signed, tls: peer", Tls.peer(), IdentityMode.SIGNED, nodes, it -> it.tls(Tls.peer())));
  }

  /** Alternates, and returns how many lookups were made by nodes, and by clients. */
  List<Long> run(long warmUpLookups, int rounds, long millis) throws Exception {
    for (Kind kind : kinds) {
      for (long done = 0; done < warmUpLookups; ) {
        done += kind.network.lookups(IN_FLIGHT, 500).calls();
      }
    }
    for (int round = 0; round < rounds; round++) {
      for (Kind kind : kinds) {
        kind.measure(millis);
      }
      Kind first = kinds.get(0);
      for (Kind kind : kinds) {
        kind.ratio.add(kind.lastWarm / first.lastWarm);
        kind.coldRatio.add(kind.lastCold / first.lastCold);
      }
    }
    System.out.printf(
        "%n| | lookups/s | of assigned | p50 ms | CPU µs a lookup | cold lookups/s | of assigned |%n"
            + "|---|---|---|---|---|---|---|%n");
    kinds.forEach(kind -> System.out.print(kind.text()));
    return kinds.stream().flatMap(kind -> List.of(kind.warm, kind.cold).stream()).toList();
  }

  /** One of the networks, and what was measured on it. */
  private static final class Kind {
    private final String name;
    private final Tls tls;
    private final IdentityMode identity;
    private final LiveNetwork network;
    private final SplittableRandom targets = new SplittableRandom(2);
    private final Medians perSecond = new Medians();
    private final Medians ratio = new Medians();
    private final Medians p50 = new Medians();
    private final Medians cpu = new Medians();
    private final Medians coldPerSecond = new Medians();
    private final Medians coldRatio = new Medians();
    private double lastWarm;
    private double lastCold;
    private long warm;
    private long cold;

    Kind(String name, Tls tls, IdentityMode identity, int nodes, Consumer<PeerNodeBuilder> kind)
        throws Exception {
      this.name = name;
      this.tls = tls;
      this.identity = identity;
      this.network = new LiveNetwork(nodes, kind);
    }

    void measure(long millis) throws Exception {
      long before = Cpu.nanos();
      Slice slice = network.lookups(IN_FLIGHT, millis);
      cpu.add((Cpu.nanos() - before) / 1e3 / slice.calls());
      lastWarm = slice.perSecond();
      perSecond.add(lastWarm);
      p50.add(slice.p50Nanos() / 1e6);
      warm += slice.calls();
      lastCold = coldPerSecond(millis);
      coldPerSecond.add(lastCold);
    }

    private double coldPerSecond(long millis) {
      long startNanos = System.nanoTime();
      int lookups = 0;
      do {
        PeerClient.Builder client = PeerClient.builder().identity(identity).tls(tls);
        try (PeerClient fresh = client.via("127.0.0.1:" + network.asker().port()).build()) {
          fresh.lookup(NodeId.random(targets));
        }
        lookups++;
      } while (System.nanoTime() - startNanos < TimeUnit.MILLISECONDS.toNanos(millis));
      cold += lookups;
      return lookups * 1e9 / (System.nanoTime() - startNanos);
    }

    String text() {
      return String.format(
          Locale.ROOT,
          "| %s | %s | %s | %s | %s | %s | %s |%n",
          name,
          perSecond.text("%,.0f"),
          ratio.text("%.2f"),
          p50.text("%.2f"),
          cpu.text("%.0f"),
          coldPerSecond.text("%.1f"),
          coldRatio.text("%.2f"));
    }
  }

  @Override
  public void close() {
    kinds.forEach(kind -> kind.network.close());
  }
}
