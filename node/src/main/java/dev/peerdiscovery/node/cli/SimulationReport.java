package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.core.simulation.Percentiles;
import dev.peerdiscovery.core.simulation.Report;
import dev.peerdiscovery.core.simulation.Traffic;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What a simulation showed, for people and for programs. */
final class SimulationReport {
  private final SimulationPlan plan;
  private final SimulationOutcome outcome;
  private final Report report;
  private final long heapPerNode;
  private final Optional<Duration> cpu;
  private final Duration took;

  SimulationReport(SimulationPlan plan, SimulationOutcome outcome, Effort effort) {
    this.plan = plan;
    this.outcome = outcome;
    this.report = outcome.report();
    this.heapPerNode = effort.heapOfNetwork() / plan.engines();
    this.cpu = effort.cpuOfLookups();
    this.took = effort.took();
  }

  /** Several tables. */
  String text() {
    StringBuilder text = new StringBuilder();
    line(text, "%d peers: %s", plan.nodes(), plan.about());
    int done = plan.isOfServices() ? outcome.lookups() : report.lookups();
    line(
        text,
        "%d %s within %s of virtual time",
        done,
        plan.isOfServices() ? "resolves" : "lookups",
        Times.rough(report.virtualTime()));
    if (done < plan.lookups()) {
      line(
          text,
          "%d were asked for: whoever looks up too much at once is refused, and not everybody stays",
          plan.lookups());
    }
    line(text, "");
    outcome.details().ifPresent(details -> text.append(details(details)).append('\n'));
    if (!plan.isOfServices()) {
      text.append(success());
      if (plan.experiment().equals("churn")) {
        line(text, "of those who are there from a minute before a lookup to its end;");
        line(text, "whoever comes or goes meanwhile is passed over");
      }
      line(text, "");
      text.append(costs()).append('\n');
      text.append(times()).append('\n');
    }
    text.append(traffic());
    line(text, "bytes of messages whose records are signed; HTTP/2 and TLS come on top");
    line(text, "");
    if (outcome.newcomers().joins() > 0) {
      line(
          text,
          "a join           %.1f calls of its own, of %d joins",
          outcome.newcomers().callsPerJoin(),
          outcome.newcomers().joins());
    }
    line(text, "contacts         %.1f in a table, on average", report.contacts());
    line(text, "memory           %s a peer, of heap", HeapNeed.size(heapPerNode));
    number("mostKept")
        .ifPresent(most -> line(text, "records          %.0f at most kept by one peer", most));
    cpu.ifPresent(spent -> line(text, "processor        %s", perCpuSecond(spent)));
    line(text, "took             %s", Times.rough(took));
    line(text, "trace hash       %s", report.traceHash());
    line(text, "again            %s", plan.command());
    return text.toString();
  }

  private String perCpuSecond(Duration spent) {
    return String.format(
        Locale.ROOT,
        "%.0f %s a second of it%s",
        outcome.lookups() / seconds(spent),
        plan.isOfServices() ? "resolves" : "lookups",
        plan.isStatic() ? "" : ", everything else that happened included");
  }

  /** A share of all is a fraction in it, and a count a whole number. */
  private static String details(SimulationOutcome.Details details) {
    List<Map<String, Object>> rows = details.rows();
    TextTable table =
        new TextTable(
            rows.get(0).keySet().stream()
                .map(name -> name.replaceAll("([A-Z])", " $1").toUpperCase(Locale.ROOT))
                .toArray(String[]::new));
    for (Map<String, Object> row : rows) {
      table.add(
          row.values().stream()
              .map(value -> value instanceof Double share ? percent(share) : value)
              .toArray());
    }
    return table + details.note();
  }

  private TextTable success() {
    TextTable table = new TextTable("SUCCESS", "", "");
    table.add("found", percent(report.found()), "the nearest of all came first");
    table.add("recall", percent(report.recall()), "of the " + plan.config().k() + " nearest");
    if (plan.experiment().equals("partition")) {
      Report within = outcome.within();
      table.add("found before", percent(within.found()), "on either side, at the end of the cut");
      table.add("recall before", percent(within.recall()), "the same");
    }
    number("liveEntries")
        .ifPresent(
            share ->
                table.add(
                    "live entries",
                    percent(share),
                    plan.experiment().equals("crash")
                        ? "of all in tables, two minutes after the crash"
                        : "of all in tables, at the end"));
    number("isolated")
        .ifPresent(count -> table.add("isolated", Math.round(count), "know nobody who is there"));
    return table;
  }

  private Optional<Double> number(String name) {
    return Optional.ofNullable(outcome.more().get(name)).map(Number::doubleValue);
  }

  private String costs() {
    TextTable table = new TextTable("A LOOKUP", "SIMULATED", theories(""), theories("MODEL"));
    Optional<Theory> model = model();
    String formula = plan.isStatic() ? two(Theory.hops(plan.nodes(), plan.config().k())) : "";
    table.add("hops", two(report.hops()), formula, model.map(m -> two(m.hops())).orElse(""));
    table.add("rounds", two(report.rounds()), "", model.map(m -> two(m.rounds())).orElse(""));
    table.add("calls", two(report.calls()), "", model.map(m -> two(m.calls())).orElse(""));
    String note =
        plan.isStatic()
            ? "theory: ln n / H(k) hops, one call at a time"
                + (model.isEmpty()
                    ? ""
                    : "; model: the classic rule, "
                        + plan.config().alpha()
                        + " at a time to the end")
                + "\n"
            : "";
    return table + note;
  }

  private String theories(String header) {
    if (!plan.isStatic()) {
      return "";
    }
    return header.isEmpty() ? "THEORY" : model().isPresent() ? header : "";
  }

  private Optional<Theory> model() {
    return plan.isStatic()
        ? Theory.model(plan.nodes(), plan.config().k(), plan.config().alpha())
        : Optional.empty();
  }

  private TextTable times() {
    TextTable table = new TextTable("TIME", "MEAN", "50 %", "90 %", "99 %", "LONGEST");
    row(table, "to find", report.toFind());
    row(table, "to finish", report.toFinish());
    return table;
  }

  private static void row(TextTable table, String name, Percentiles times) {
    table.add(
        name,
        Times.millis(times.mean()),
        Times.millis(times.p50()),
        Times.millis(times.p90()),
        Times.millis(times.p99()),
        Times.millis(times.most()));
  }

  private TextTable traffic() {
    Traffic.Count count = report.traffic();
    TextTable table = new TextTable("A PEER AND SECOND", "CALLS", "BYTES");
    share(table, "lookups", count.lookupCalls(), count.lookupBytes());
    share(table, "upkeep", count.upkeepCalls(), count.upkeepBytes());
    share(table, "joins", count.joinCalls(), count.joinBytes());
    share(table, "all", count.calls(), count.bytes());
    if (plan.isOfServices()) {
      rate(table, "an instance's publisher", "publisher");
      rate(table, "a watch", "watch");
    }
    return table;
  }

  private void rate(TextTable table, String row, String name) {
    table.add(
        row,
        String.format(Locale.ROOT, "%.3f", number(name + "Calls").orElse(0.0)),
        Math.round(number(name + "Bytes").orElse(0.0)));
  }

  private void share(TextTable table, String name, long calls, long bytes) {
    table.add(name, String.format(Locale.ROOT, "%.3f", rate(calls)), Math.round(rate(bytes)));
  }

  private double rate(long count) {
    double nodeSeconds = report.nodes() * seconds(report.virtualTime());
    return nodeSeconds == 0 ? 0 : count / nodeSeconds;
  }

  /** One object; what is in {@code machine} is never the same twice. */
  Json json() {
    Json json =
        new Json()
            .put("experiment", plan.experiment())
            .put("command", plan.command())
            .put("seed", plan.seed())
            .put("nodes", plan.nodes())
            .put("traceHash", report.traceHash());
    if (plan.isOfServices()) {
      services(json);
    } else {
      lookups(json);
    }
    json.put("contacts", rounded(report.contacts()))
        .put("joins", outcome.newcomers().joins())
        .put("callsPerJoin", rounded(outcome.newcomers().callsPerJoin()))
        .put("perNodeAndSecond", rates())
        .put("virtualSeconds", seconds(report.virtualTime()))
        .put("samples", samples());
    if (plan.experiment().equals("partition")) {
      Report within = outcome.within();
      json.put("foundWithin", rounded(within.found()))
          .put("recallWithin", rounded(within.recall()));
    }
    number("liveEntries").ifPresent(share -> json.put("liveEntries", rounded(share)));
    number("isolated").ifPresent(count -> json.put("isolated", Math.round(count)));
    outcome.details().ifPresent(details -> json.put(details.name(), details.rows()));
    if (plan.isStatic()) {
      json.put("theory", theory());
    }
    return json.put("machine", machine());
  }

  private void lookups(Json json) {
    json.put("lookups", report.lookups())
        .put("found", rounded(report.found()))
        .put("recall", rounded(report.recall()))
        .put("hops", rounded(report.hops()))
        .put("rounds", rounded(report.rounds()))
        .put("calls", rounded(report.calls()))
        .put("hopCounts", report.hopCounts())
        .put("toFindMillis", millis(report.toFind()))
        .put("toFinishMillis", millis(report.toFinish()));
  }

  private void services(Json json) {
    json.put("resolves", outcome.lookups());
    for (String name :
        List.of("found", "publisherCalls", "publisherBytes", "watchCalls", "watchBytes")) {
      number(name).ifPresent(value -> json.put(name, rounded(value)));
    }
    number("mostKept").ifPresent(most -> json.put("mostKept", Math.round(most)));
  }

  private Map<String, Object> rates() {
    Traffic.Count count = report.traffic();
    return new Json()
        .put("lookupCalls", rounded(rate(count.lookupCalls())))
        .put("lookupBytes", rounded(rate(count.lookupBytes())))
        .put("upkeepCalls", rounded(rate(count.upkeepCalls())))
        .put("upkeepBytes", rounded(rate(count.upkeepBytes())))
        .put("joinCalls", rounded(rate(count.joinCalls())))
        .put("joinBytes", rounded(rate(count.joinBytes())))
        .put("calls", rounded(rate(count.calls())))
        .put("bytes", rounded(rate(count.bytes())))
        .fields();
  }

  private List<Map<String, Object>> samples() {
    return outcome.samples().stream()
        .map(
            sample ->
                new Json()
                    .put("untilSeconds", seconds(sample.until()))
                    .put("lookups", sample.lookups())
                    .put("found", rounded(sample.found()))
                    .put("recall", rounded(sample.recall()))
                    .fields())
        .toList();
  }

  private Map<String, Object> theory() {
    Json json = new Json().put("hops", rounded(Theory.hops(plan.nodes(), plan.config().k())));
    model()
        .ifPresent(
            model ->
                json.put("modelHops", rounded(model.hops()))
                    .put("modelCalls", rounded(model.calls()))
                    .put("modelRounds", rounded(model.rounds())));
    return json.fields();
  }

  private Map<String, Object> machine() {
    Json json =
        new Json().put("heapBytesPerNode", heapPerNode).put("seconds", rounded(seconds(took)));
    cpu.ifPresent(
        spent ->
            json.put("cpuSeconds", seconds(spent))
                .put("lookupsPerCpuSecond", rounded(outcome.lookups() / seconds(spent))));
    return json.fields();
  }

  private static Map<String, Object> millis(Percentiles times) {
    return new Json()
        .put("mean", Times.toMillis(times.mean()))
        .put("p50", Times.toMillis(times.p50()))
        .put("p90", Times.toMillis(times.p90()))
        .put("p99", Times.toMillis(times.p99()))
        .put("longest", Times.toMillis(times.most()))
        .fields();
  }

  private static double seconds(Duration time) {
    return time.toNanos() / 1e9;
  }

  /** Six places: enough for one lookup in a million. */
  private static double rounded(double value) {
    return Math.round(value * 1e6) / 1e6;
  }

  /** Never 100.00 % of what is not all. */
  private static String percent(double share) {
    double down = Math.floor(share * 1e5 + 1e-6) / 1e3;
    return String.format(Locale.ROOT, "%.3f %%", down);
  }

  private static String two(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
