package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.client.LookupResult;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/** What the demonstration shows. */
final class DemoReport {
  private static final int MOST_DIFFERENCES = 50;

  private final PrintStream out;

  DemoReport(PrintStream out) {
    this.out = out;
  }

  /** The recorded table, and whether it is the one of the rule. */
  void table(DemoTable table) {
    out.print(table.recorded().toMarkdown());
    out.println();
    if (table.isEqual()) {
      out.printf(
          Locale.ROOT,
          "Equal to the seed's table (%s): %d entries, all recorded at the servers asked.%n",
          frame(table),
          table.entries());
    } else {
      out.printf(
          Locale.ROOT,
          "NOT equal to the seed's table (%s): %d differences.%n",
          frame(table),
          table.differences().size());
      table.differences().stream().limit(MOST_DIFFERENCES).forEach(d -> out.println("  " + d));
    }
    if (table.entriesBeyond() > 0) {
      out.printf(
          Locale.ROOT,
          "Outside of this frame: %d entries by the same rule.%n",
          table.entriesBeyond());
    }
    out.printf(
        Locale.ROOT,
        "Mirror targets (row > column): %d, each c XOR 2^i; the farthest id \u00acc: %d.%n",
        table.mirrors(),
        table.farthest());
  }

  private static String frame(DemoTable table) {
    return String.format(
        Locale.ROOT,
        "rows %s to %s, columns %s to %s",
        table.recorded().rows().first(),
        table.recorded().rows().last(),
        table.recorded().columns().first(),
        table.recorded().columns().last());
  }

  /** What it took. */
  void effort(int peers, int findNodes, Duration took) {
    out.printf(
        Locale.ROOT,
        "%d peers joined with %d FindNode calls in %.1f s.%n%n",
        peers,
        findNodes,
        took.toMillis() / 1e3);
  }

  /** What is looked up, and where that begins. */
  void lookup(NodeId target, int entry, Endpoint via) {
    out.printf(
        Locale.ROOT, "Lookup of %s from outside, through peer %d at %s:%n", target, entry, via);
  }

  static Json json(DemoTable table, LookupResult lookup, Map<String, String> addresses) {
    return new Json()
        .put("equal", table.isEqual())
        .put("differences", table.differences())
        .put("table", TableJson.of(table.recorded()).fields())
        .put("entries", table.entries())
        .put("entriesBeyond", table.entriesBeyond())
        .put("mirrorTargets", table.mirrors())
        .put("farthestTargets", table.farthest())
        .put("lookup", LookupReport.json(lookup).fields())
        .put("addresses", addresses);
  }
}
