package dev.peerdiscovery.tests.load;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** The CPU time of this JVM, all threads together. */
final class Cpu {
  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private Cpu() {}

  static long nanos() {
    return SYSTEM.getProcessCpuTime();
  }

  /** For the head of a report. */
  static String machine() {
    return "%d processors, load %.1f, Java %s"
        .formatted(
            SYSTEM.getAvailableProcessors(), SYSTEM.getSystemLoadAverage(), Runtime.version());
  }
}
