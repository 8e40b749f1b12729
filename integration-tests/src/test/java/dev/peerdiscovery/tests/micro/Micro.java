package dev.peerdiscovery.tests.micro;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.util.ListStatistics;
import org.openjdk.jmh.util.Statistics;

/**
 * Runs the micro benchmarks and prints what came out as a table: the median of all measurements,
 * their least and greatest, and the bytes allocated. Takes JMH's arguments, such as a part of the
 * names of those to run.
 */
final class Micro {
  private Micro() {}

  public static void main(String[] args) throws RunnerException, CommandLineOptionException {
    System.out.println(run(args));
  }

  /** Runs those that the arguments name, all if they name none, and returns the table. */
  static String run(String... args) throws RunnerException, CommandLineOptionException {
    var options =
        new OptionsBuilder()
            .parent(new CommandLineOptions(args))
            .addProfiler(GCProfiler.class)
            .build();
    return table(new Runner(options).run());
  }

  private static String table(Iterable<RunResult> results) {
    List<String> lines = new ArrayList<>();
    lines.add("| benchmark | ns: median | least … greatest | bytes |");
    lines.add("|---|---|---|---|");
    Map<String, Double> medians = new LinkedHashMap<>();
    for (RunResult result : results) {
      String name = name(result);
      Statistics whole = measurements(result, result.getPrimaryResult().getLabel());
      medians.put(name, whole.getPercentile(50));
      lines.add(line(name, whole, bytes(result)));
      // What a benchmark counts beside whole calls.
      for (String part : result.getSecondaryResults().keySet()) {
        if (part.indexOf('.') < 0) {
          lines.add(line(name + ", a " + part, measurements(result, part), ""));
        }
      }
    }
    medians.forEach((name, median) -> lines.addAll(comparison(name, median, medians)));
    return String.join("\n", lines);
  }

  /** What {@code closest} is to be measured against, if that was measured, too. */
  private static List<String> comparison(String name, double median, Map<String, Double> medians) {
    Double bare = medians.get(name.replace(".closest", ".closestBare"));
    Double sorting = medians.get(name.replace(".closest", ".closestBySorting"));
    return bare == null || sorting == null || !name.matches(".*\\.closest\\b.*")
        ? List.of()
        : List.of(
            String.format(
                Locale.ROOT,
                "%s takes %.2f of the bare walk; sorting takes %.0f times as long",
                name,
                median / bare,
                sorting / median));
  }

  private static String name(RunResult result) {
    StringBuilder name =
        new StringBuilder(
            result.getParams().getBenchmark().replaceFirst(".*\\.(\\w+\\.\\w+)$", "$1"));
    for (String key : result.getParams().getParamsKeys()) {
      name.append(' ').append(key).append('=').append(result.getParams().getParam(key));
    }
    return name.toString();
  }

  private static String line(String name, Statistics ns, String bytes) {
    return String.format(
        Locale.ROOT,
        "| %s | %,.1f | %,.1f … %,.1f | %s |",
        name,
        ns.getPercentile(50),
        ns.getMin(),
        ns.getMax(),
        bytes);
  }

  /** Each iteration of each fork. */
  private static Statistics measurements(RunResult result, String label) {
    ListStatistics all = new ListStatistics();
    for (BenchmarkResult fork : result.getBenchmarkResults()) {
      for (var iteration : fork.getIterationResults()) {
        Result<?> part = iteration.getSecondaryResults().get(label);
        all.addValue(part == null ? iteration.getPrimaryResult().getScore() : part.getScore());
      }
    }
    return all;
  }

  private static String bytes(RunResult result) {
    Result<?> norm = result.getSecondaryResults().get("gc.alloc.rate.norm");
    return norm == null ? "" : String.format(Locale.ROOT, "%,.0f", norm.getScore());
  }
}
