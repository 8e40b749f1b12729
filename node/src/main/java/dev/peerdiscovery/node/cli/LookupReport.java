package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.client.LookupResult;
import dev.peerdiscovery.core.record.Contact;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Tells of a lookup while it runs, and what it found. */
final class LookupReport {
  private final PrintStream out;

  LookupReport(PrintStream out) {
    this.out = out;
  }

  /** One answer. */
  void step(LookupResult.Step step) {
    out.printf(
        Locale.ROOT,
        "hop %d  %s at %s: named %d, %d new, %s%n",
        step.hop(),
        step.from().id(),
        step.from().endpoint(),
        step.named(),
        step.added(),
        Times.millis(step.roundTrip()));
  }

  /** What was found. */
  void end(LookupResult result) {
    String calls = result.calls() + " calls, " + Times.millis(result.took());
    out.println();
    out.println(
        result
            .exact()
            .map(peer -> "found " + peer.id() + " at " + peer.endpoint() + " (" + calls + ")")
            .orElse("nobody has exactly the id " + result.target() + " (" + calls + ")"));
    out.println();
    TextTable table = new TextTable("ID", "ENDPOINT", "BUCKET");
    for (Contact peer : result.closest()) {
      table.add(peer.id(), peer.endpoint(), bucket(result, peer));
    }
    out.print(table);
  }

  /** How near a peer is to the target: the highest bit in which the ids differ. */
  private static String bucket(LookupResult result, Contact peer) {
    int bucket = result.target().bucketOf(peer.id());
    return bucket < 0 ? "=" : String.valueOf(bucket);
  }

  static Json json(LookupResult result) {
    List<Map<String, Object>> steps =
        result.steps().stream()
            .map(
                step ->
                    peer(step.from())
                        .put("hop", step.hop())
                        .put("named", step.named())
                        .put("new", step.added())
                        .put("roundTripMillis", Times.toMillis(step.roundTrip()))
                        .fields())
            .toList();
    return new Json()
        .put("target", result.target().toString())
        .put("found", result.exact().isPresent())
        .put("closest", result.closest().stream().map(c -> peer(c).fields()).toList())
        .put("steps", steps)
        .put("calls", result.calls())
        .put("tookMillis", Times.toMillis(result.took()));
  }

  private static Json peer(Contact peer) {
    return new Json().put("id", peer.id().toString()).put("endpoint", peer.endpoint().toString());
  }
}
