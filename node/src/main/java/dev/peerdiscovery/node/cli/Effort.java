package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.core.simulation.Progress;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a simulation takes of this machine: the heap of a network that is complete, and the
 * processor's time for its lookups. Not a part of the simulation, and never the same twice.
 */
final class Effort implements Progress {
  /** The stage in which all experiments measure, at whose beginning the network is complete. */
  static final String MEASURED = "looking up";

  private final Progress next;
  private final long startedNanos = System.nanoTime();
  private final long heapBefore = usedHeap();
  private long heapOfNetwork;
  private @Nullable Duration cpuBefore;

  /** Measures from now on, and passes on how far it is. */
  Effort(Progress next) {
    this.next = next;
  }

  @Override
  public void at(String stage, double share) {
    if (cpuBefore == null && stage.equals(MEASURED)) {
      heapOfNetwork = usedHeap() - heapBefore;
      cpuBefore = cpu();
    }
    next.at(stage, share);
  }

  /** The heap that the network took when measuring began. */
  long heapOfNetwork() {
    return heapOfNetwork;
  }

  /** The time of the processors since measuring began, where the system tells. */
  Optional<Duration> cpuOfLookups() {
    Duration spent = cpuBefore == null ? Duration.ZERO : cpu().minus(cpuBefore);
    return Optional.of(spent).filter(time -> !time.isZero());
  }

  /** The time on the clock since this was made. */
  Duration took() {
    return Duration.ofNanos(System.nanoTime() - startedNanos);
  }

  /** Of the whole process, so that compiling and collecting garbage count. */
  private static Duration cpu() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
  }

  private static long usedHeap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
