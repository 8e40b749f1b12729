package dev.peerdiscovery.tests.micro;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
    for (RunResult result : results) {
      lines.add(line(result, result.getPrimaryResult().getLabel(), bytes(result)));
      // What a benchmark counts beside whole calls.
      for (var part : result.getSecondaryResults().entrySet()) {
        if (part.getKey().indexOf('.') < 0) {
          lines.add(line(result, part.getKey(), ""));
        }
      }
    }
    return String.join("\n", lines);
  }

  private static String line(RunResult result, String label, String bytes) {
    Statistics ns = measurements(result, label);
    String name = result.getParams().getBenchmark().replaceFirst(".*\\.(\\w+\\.\\w+)$", "$1");
    for (String key : result.getParams().getParamsKeys()) {
      name += " " + key + "=" + result.getParams().getParam(key);
    }
    if (!label.equals(result.getPrimaryResult().getLabel())) {
      name += ", a " + label;
    }
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
