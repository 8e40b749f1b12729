package dev.peerdiscovery.tests.containers;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import javax.management.MBeanServerConnection;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * Looks into a member's JVM while it runs: threads, sockets, and what is left of its heap after a
 * collection. It keeps one connection, so that this is in the first count as in the last.
 */
final class Vitals implements AutoCloseable {
  private static final int READINGS = 5;

  private final Member member;
  private final JMXConnector connector;
  private final MemoryMXBean memory;
  private final ThreadMXBean threads;

  /**
   * What was counted.
   *
   * @param heapBytes after a collection
   */
  record Sample(long threads, long sockets, long heapBytes) {
    @Override
    public String toString() {
      return "%d threads, %d sockets, %.2f MiB".formatted(threads, sockets, heapBytes / 1048576.0);
    }
  }

  /**
   * The variables that a member needs for it.
   *
   * @param port free on this machine, and the same in the container, since RMI says where it is
   */
  static Map<String, String> variables(int port) {
    String options =
        "-Xmx64m -XX:TieredStopAtLevel=1 -Djava.rmi.server.hostname=127.0.0.1"
            + " -Dcom.sun.management.jmxremote.authenticate=false"
            + " -Dcom.sun.management.jmxremote.ssl=false"
            + " -Dcom.sun.management.jmxremote.port=%1$d"
            + " -Dcom.sun.management.jmxremote.rmi.port=%1$d";
    return Map.of("JAVA_TOOL_OPTIONS", options.formatted(port));
  }

  /** Connects to a member that was started with these variables and that port: one of our own. */
  @SuppressWarnings("BanJNDI")
  Vitals(Member member, int port) throws IOException {
    this.member = member;
    this.connector =
        JMXConnectorFactory.connect(
            new JMXServiceURL("service:jmx:rmi:///jndi/rmi://127.0.0.1:" + port + "/jmxrmi"));
    MBeanServerConnection server = connector.getMBeanServerConnection();
    this.memory = ManagementFactory.getPlatformMXBean(server, MemoryMXBean.class);
    this.threads = ManagementFactory.getPlatformMXBean(server, ThreadMXBean.class);
  }

  /** The medians of a few readings. */
  Sample sample() {
    List<Sample> readings = new ArrayList<>();
    for (int i = 0; i < READINGS; i++) {
      memory.gc();
      long sockets =
          member.exec("ls", "-l", "/proc/1/fd").lines().filter(l -> l.contains("socket:")).count();
      readings.add(
          new Sample(threads.getThreadCount(), sockets, memory.getHeapMemoryUsage().getUsed()));
    }
    return new Sample(
        median(readings, Sample::threads),
        median(readings, Sample::sockets),
        median(readings, Sample::heapBytes));
  }

  private static long median(List<Sample> readings, ToLongFunction<Sample> value) {
    return readings.stream().mapToLong(value).sorted().skip(READINGS / 2).findFirst().orElseThrow();
  }

  @Override
  public void close() {
    try {
      connector.close();
    } catch (IOException e) {
      // Its member is gone, and the connection with it.
      return;
    }
  }
}
