package dev.peerdiscovery.tests.load;

import dev.peerdiscovery.node.Limits;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/**
 * One peer that floods a node of default limits while ten others ask as they always did: every
 * answer of the ten, and how late it is, with and without the flood. Quiet and flooded phases take
 * turns, because a machine is quicker at one time than at another, and what is printed is the
 * median of each kind; see {@code docs/benchmarks.md}.
 */
final class FloodLoad {
  static final int HONEST = 10;
  static final int HONEST_PER_SECOND = 100;
  static final int FLOOD_PER_SECOND = 10_000;

  private FloodLoad() {}

  /** Takes how many phases of each kind, and the seconds of each; 6 of 5 s by default. */
  public static void main(String[] args) throws Exception {
    int pairs = args.length > 0 ? Integer.parseInt(args[0]) : 6;
    int seconds = args.length > 1 ? Integer.parseInt(args[1]) : 5;
    System.out.println(
        Cpu.machine() + ", " + pairs + " quiet phases and as many floods of " + seconds + " s");
    run(pairs, seconds);
  }

  /** What one phase came to. */
  record Phase(boolean isFlood, Paced.Sum honest, Paced.Sum flood, long heapBytes) {}

  /** What the phases of one kind came to. */
  private static String row(String name, List<Phase> phases) {
    Medians p50 = new Medians();
    Medians p99 = new Medians();
    Medians heap = new Medians();
    for (Phase phase : phases) {
      p50.add(phase.honest().p50Nanos() / 1e6);
      p99.add(phase.honest().p99Nanos() / 1e6);
      heap.add(phase.heapBytes() / 1048576.0);
    }
    return String.format(
        Locale.ROOT,
        "| %s | %,d | %,d | %s | %s | %,d | %,d | %,d | %s |%n",
        name,
        sum(phases, phase -> phase.honest().started()),
        sum(phases, phase -> phase.honest().answered()),
        p50.text("%.2f"),
        p99.text("%.2f"),
        sum(phases, phase -> phase.flood().started()),
        sum(phases, phase -> phase.flood().answered()),
        sum(phases, phase -> phase.flood().refused()),
        heap.text("%.1f"));
  }

  private static long sum(List<Phase> phases, ToLongFunction<Phase> count) {
    return phases.stream().mapToLong(count).sum();
  }

  /** Runs a warm-up and then quiet and flood in turn, and returns what each came to. */
  static List<Phase> run(int pairs, int seconds) throws Exception {
    try (Flooded server = new Flooded(Limits.defaults());
        LoadProcess load = new LoadProcess(FloodGenerator.class, "" + server.port())) {
      phase(load, Math.min(10, pairs * seconds), true);
      List<Phase> phases = new ArrayList<>();
      for (int i = 0; i < pairs; i++) {
        phases.add(phase(load, seconds, false));
        phases.add(phase(load, seconds, true));
      }
      System.out.printf(
          "%n| | asked | answered | p50 ms | p99 ms | flood | answered | refused | heap MiB |%n"
              + "|---|---|---|---|---|---|---|---|---|%n");
      System.out.print(row("quiet", phases.stream().filter(phase -> !phase.isFlood()).toList()));
      System.out.print(row("flood", phases.stream().filter(Phase::isFlood).toList()));
      System.out.println("p99 of each phase in turn, ms:" + p99s(phases));
      return phases;
    }
  }

  private static String p99s(List<Phase> phases) {
    StringBuilder text = new StringBuilder();
    for (Phase phase : phases) {
      text.append(String.format(Locale.ROOT, " %.2f", phase.honest().p99Nanos() / 1e6));
    }
    return text.toString();
  }

  private static Phase phase(LoadProcess load, int seconds, boolean isFlood) throws Exception {
    String[] sums = load.ask(seconds + " " + (isFlood ? FLOOD_PER_SECOND : 0)).split(";", -1);
    return new Phase(isFlood, Paced.Sum.parse(sums[0]), Paced.Sum.parse(sums[1]), Heap.bytes());
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
