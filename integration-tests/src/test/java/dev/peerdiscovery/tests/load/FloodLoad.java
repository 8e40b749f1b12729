package dev.peerdiscovery.tests.load;

import dev.peerdiscovery.node.Limits;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * One peer that floods a node of default limits while ten others ask as they always did: every
 * answer of the ten, and how late it is, with and without the flood. Prints a table; see {@code
 * docs/benchmarks.md}.
 */
final class FloodLoad {
  static final int HONEST = 10;
  static final int HONEST_PER_SECOND = 100;
  static final int FLOOD_PER_SECOND = 10_000;

  private FloodLoad() {}

  /** Takes the seconds of the flood; 30 by default. */
  public static void main(String[] args) throws Exception {
    int seconds = args.length > 0 ? Integer.parseInt(args[0]) : 30;
    System.out.println(Cpu.machine() + ", " + seconds + " s");
    run(seconds);
  }

  /** What one phase came to. */
  record Phase(String name, Paced.Sum honest, Paced.Sum flood, long heapBytes) {
    String text() {
      return String.format(
          Locale.ROOT,
          "| %s | %,d | %,d | %.2f | %.2f | %,d | %,d | %,d | %.1f |%n",
          name,
          honest.started(),
          honest.answered(),
          honest.p50Nanos() / 1e6,
          honest.p99Nanos() / 1e6,
          flood.started(),
          flood.answered(),
          flood.refused(),
          heapBytes / 1048576.0);
    }
  }

  /** Runs warm-up, quiet, flood and quiet again, and returns what each came to. */
  static List<Phase> run(int seconds) throws Exception {
    try (Flooded server = new Flooded(Limits.defaults());
        LoadProcess load = new LoadProcess(FloodGenerator.class, "" + server.port())) {
      load.ask(phase(Math.min(10, seconds), FLOOD_PER_SECOND));
      List<Phase> phases = new ArrayList<>();
      for (Map.Entry<String, Integer> each :
          new TreeMap<>(Map.of("1 quiet", 0, "2 flood", FLOOD_PER_SECOND, "3 quiet", 0))
              .entrySet()) {
        String[] sums = load.ask(phase(seconds, each.getValue())).split(";", -1);
        phases.add(
            new Phase(
                each.getKey(), Paced.Sum.parse(sums[0]), Paced.Sum.parse(sums[1]), Heap.bytes()));
      }
      System.out.printf(
          "%n| | asked | answered | p50 ms | p99 ms | flood | answered | refused | heap MiB |%n"
              + "|---|---|---|---|---|---|---|---|---|%n");
      phases.forEach(phase -> System.out.print(phase.text()));
      return phases;
    }
  }

  private static String phase(int seconds, int floodPerSecond) {
    return seconds + " " + floodPerSecond;
  }

  /** A node with neighbours on a server of its own. */
  static final class Flooded implements AutoCloseable {
    private final Neighbours neighbours = new Neighbours();
    private final PeerNode node;

    Flooded(Limits limits) throws Exception {
      node = PeerNode.builder().id(LoadedServer.NODE).listen("127.0.0.1:0").limits(limits).start();
      LoadedServer.fill(node, neighbours, node.port());
    }

    int port() {
      return node.port();
    }

    @Override
    public void close() {
      node.close();
      neighbours.close();
    }
  }

  static String findNode() {
    return PeerServiceGrpc.getFindNodeMethod().getFullMethodName();
  }
}
