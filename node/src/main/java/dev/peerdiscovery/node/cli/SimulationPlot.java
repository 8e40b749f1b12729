package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.core.simulation.Percentiles;
import dev.peerdiscovery.core.simulation.Report;
import dev.peerdiscovery.core.simulation.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** A page with three charts of a simulation: latency, hops, and success over time. */
final class SimulationPlot {
  private static final int BARS = 50;
  private static final int HEAD = 62;

  private SimulationPlot() {}

  /**
   * Checks that there can be a file, and leaves none behind.
   *
   * @throws CliException when there cannot
   */
  static void checkWritable(Path file) {
    if (!file.toString().toLowerCase(Locale.ROOT).endsWith(".svg")) {
      throw Spec.wrong("--plot", "the name must end with .svg, got '" + file + "'");
    }
    boolean isNew = !Files.exists(file);
    try {
      Files.newByteChannel(
              file,
              isNew
                  ? Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)
                  : Set.of(StandardOpenOption.WRITE))
          .close();
      if (isNew) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw Spec.wrong("--plot", "cannot be written: " + e);
    }
  }

  /**
   * Draws it.
   *
   * @throws CliException when the file cannot be written any more
   */
  static void write(SimulationPlan plan, SimulationOutcome outcome, Path file) {
    try {
      Files.writeString(file, svg(plan, outcome));
    } catch (IOException e) {
      throw new CliException(ExitCode.UNEXPECTED, "--plot: cannot be written: " + e, e);
    }
  }

  static String svg(SimulationPlan plan, SimulationOutcome outcome) {
    Report report = outcome.report();
    List<Chart> charts =
        List.of(latency(report.toFinish()), hops(report), success(outcome.samples()));
    int height = HEAD + charts.size() * Chart.HEIGHT;
    String title =
        String.format(Locale.ROOT, "%d peers, %d lookups", plan.nodes(), report.lookups());
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" \
        font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="%3$s">
        <rect width="%1$d" height="%2$d" fill="#ffffff"/>
        <text x="20" y="26" font-size="16" fill="#0f172a">%3$s</text>
        <text x="20" y="46" fill="#475569">%4$s</text>
        """,
            Chart.WIDTH,
            height,
            Chart.escaped(title),
            Chart.escaped(plan.about())));
    for (int i = 0; i < charts.size(); i++) {
      svg.append(charts.get(i).svg(HEAD + i * Chart.HEIGHT));
    }
    return svg.append("</svg>\n").toString();
  }

  /** Up to a little more than 99 % of all; the few beyond would leave no room for the others. */
  private static Chart latency(Percentiles times) {
    double millis = Math.max(1, times.p99().toNanos() / 1e6 * 1.1);
    double width = millis / BARS;
    List<Double> shares = new ArrayList<>();
    int before = 0;
    for (int i = 1; i <= BARS; i++) {
      int upTo = times.countUpTo(Duration.ofNanos((long) (i * width * 1e6)));
      shares.add(percent(upTo - before, times.count()));
      before = upTo;
    }
    int longer = times.count() - before;
    String below =
        "milliseconds until a lookup was over"
            + (longer == 0
                ? ""
                : String.format(
                    Locale.ROOT, ", %d took longer, up to %s", longer, Times.rough(times.most())));
    return Chart.bars("Latency: share of lookups", below, 0, width, shares)
        .mark(times.p50().toNanos() / 1e6, "50 %: " + Times.millis(times.p50()), 0)
        .mark(times.p90().toNanos() / 1e6, "90 %: " + Times.millis(times.p90()), 1)
        .mark(times.p99().toNanos() / 1e6, "99 %: " + Times.millis(times.p99()), 2);
  }

  private static Chart hops(Report report) {
    List<Double> shares =
        report.hopCounts().stream().map(count -> percent(count, report.lookups())).toList();
    return Chart.bars(
            "Hops: share of lookups", "hops to the nearest that answered", -0.5, 1, shares)
        .mark(report.hops(), String.format(Locale.ROOT, "mean: %.2f", report.hops()), 0);
  }

  private static Chart success(List<Sample> all) {
    List<Sample> samples = all.stream().filter(sample -> sample.lookups() > 0).toList();
    double seconds = all.isEmpty() ? 1 : seconds(all.get(all.size() - 1));
    double least =
        samples.stream().mapToDouble(s -> Math.min(s.found(), s.recall())).min().orElse(0);
    double from = least >= 0.99 ? 99 : 10 * Math.min(9, Math.floor(10 * least));
    List<Double> times = samples.stream().map(SimulationPlot::seconds).toList();
    return Chart.lines(
            "Success: share of lookups",
            "seconds of virtual time",
            Math.max(seconds, 1e-3),
            from,
            100)
        .line("found", times, samples.stream().map(s -> 100 * s.found()).toList())
        .line("recall", times, samples.stream().map(s -> 100 * s.recall()).toList());
  }

  private static double seconds(Sample sample) {
    return sample.until().toNanos() / 1e9;
  }

  private static double percent(int count, int all) {
    return all == 0 ? 0 : 100.0 * count / all;
  }
}
