package dev.peerdiscovery.tests.trouble;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/** What this process holds while nothing is under way, sample by sample. Not thread-safe. */
final class Vitals {
  /** Fewer samples say nothing about a trend. */
  private static final int ENOUGH = 12;

  private static final double GROWTH = 1.15;

  private static final MemoryMXBean MEMORY = ManagementFactory.getMemoryMXBean();

  /**
   * What was counted.
   *
   * @param heapBytes after collections
   */
  record Sample(long heapBytes, long threads, long files) {
    static Sample now() {
      for (int i = 0; i < 2; i++) {
        MEMORY.gc();
      }
      return new Sample(
          MEMORY.getHeapMemoryUsage().getUsed(),
          ManagementFactory.getThreadMXBean().getThreadCount(),
          system().getOpenFileDescriptorCount());
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "%.1f MiB, %d threads, %d files", heapBytes / 1048576.0, threads, files);
    }
  }

  private static UnixOperatingSystemMXBean system() {
    return (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  }

  static long cpuNanos() {
    return system().getProcessCpuTime();
  }

  private final List<Sample> samples = new ArrayList<>();

  void add(Sample sample) {
    samples.add(sample);
  }

  /** Of each measure the medians of the first quarter and the last; what grew is broken. */
  List<String> rows(Violations violations) {
    return List.of(
        row("heap after collections, KiB", 4096, sample -> sample.heapBytes() / 1024, violations),
        row("threads", 8, Sample::threads, violations),
        row("open files", 16, Sample::files, violations));
  }

  private String row(
      String name, long spare, ToLongFunction<Sample> measure, Violations violations) {
    if (samples.isEmpty()) {
      return "| " + name + " | no sample | |";
    }
    int quarter = Math.max(1, samples.size() / 4);
    // The first samples are those of a process that still loads classes.
    int warm = samples.size() / 10;
    long first = median(samples.subList(warm, Math.min(samples.size(), warm + quarter)), measure);
    long last = median(samples.subList(samples.size() - quarter, samples.size()), measure);
    boolean isEnough = samples.size() >= ENOUGH;
    if (isEnough && last > first * GROWTH + spare) {
      violations.add("growth", name + " grew from " + first + " to " + last);
    }
    return String.format(
        Locale.ROOT,
        "| %s | %,d | %,d |%s",
        name,
        first,
        last,
        isEnough ? "" : " too few samples to compare");
  }

  private static long median(List<Sample> of, ToLongFunction<Sample> measure) {
    long[] sorted = of.stream().mapToLong(measure).sorted().toArray();
    return sorted[sorted.length / 2];
  }
}
