package dev.peerdiscovery.node.cli;

import java.util.Locale;

/** How much heap a simulated network takes, known before it is begun. */
final class HeapNeed {
  /**
   * An engine and what the network keeps of it, and what one contact adds, with room to spare:
   * {@code SimulateTest} holds them against measurements. Peers with upkeep know more than who is
   * in their tables, and most of all whom they have lost.
   */
  private static final long BYTES_PER_NODE = 23_000;

  private static final long BYTES_PER_CONTACT = 40;

  /** Of a peer that is gone for good its place and its record are kept. */
  private static final long BYTES_PER_NODE_GONE = 1_000;

  private static final long BYTES_PER_NODE_AT_REST = 7_500;
  private static final long BYTES_PER_CONTACT_AT_REST = 12;

  /** How long it took to find, and to finish: twice what is in use while room is made for more. */
  private static final long BYTES_PER_LOOKUP = 48;

  /** For the JVM, the command line and the lookups that are under way. */
  private static final long BYTES_BESIDE = 24L << 20;

  private HeapNeed() {}

  /**
   * How much a network needs, in bytes.
   *
   * @param nodes how many peers it has at a time
   * @param gone how many will have gone away
   * @param k the most contacts in a bucket
   * @param isAtRest whether there is no upkeep
   */
  static long of(long nodes, double gone, int k, boolean isAtRest) {
    double contacts = 0;
    for (double range = nodes / 2.0; range >= 1; range /= 2) {
      contacts += Math.min(k, range);
    }
    double each =
        isAtRest
            ? BYTES_PER_NODE_AT_REST + contacts * BYTES_PER_CONTACT_AT_REST
            : BYTES_PER_NODE + contacts * BYTES_PER_CONTACT;
    return (long) (BYTES_BESIDE + nodes * each + gone * BYTES_PER_NODE_GONE);
  }

  /**
   * Checks that there is so much.
   *
   * @throws CliException when there is less
   */
  static void check(SimulationPlan plan) {
    double network = of(plan.engines(), plan.gone(), plan.config().k(), plan.isAtRest());
    long needed = (long) (network + plan.lookups() * (double) BYTES_PER_LOOKUP);
    long most = Runtime.getRuntime().maxMemory();
    if (needed > most) {
      String later =
          plan.gone() > 0
              ? String.format(Locale.ROOT, ", the %.0f or so that replace them", plan.gone())
              : "";
      throw Spec.wrong(
          "--nodes",
          String.format(
              Locale.ROOT,
              "%d nodes%s and %d lookups need about %s of heap, and there are %s; PEER_JAVA_OPTS=-Xmx%dm gives more",
              plan.engines(),
              later,
              plan.lookups(),
              size(needed),
              size(most),
              toAskFor(needed) >> 20));
    }
  }

  /**
   * A collector keeps some of what it is given for itself, and works hard where there is no more.
   */
  private static long toAskFor(long needed) {
    return (long) (needed * 1.125);
  }

  /** Such as {@code 1.5 GiB}. */
  static String size(long bytes) {
    double value = bytes;
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
    int unit = 0;
    while (value >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
  }
}
