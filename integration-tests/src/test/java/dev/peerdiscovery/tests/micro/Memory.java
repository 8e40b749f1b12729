package dev.peerdiscovery.tests.micro;

import dev.peerdiscovery.core.engine.Engine;
import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.routing.RoutingTable;
import dev.peerdiscovery.proto.RecordCodec;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.IntFunction;

/**
 * What contacts, tables and engines of a large network take of the heap: as many of each are made
 * as give a steady mean, and the heap is measured before and after. Contacts are shared between the
 * tables, as they are in a simulation.
 */
final class Memory {
  private final Crowd crowd = new Crowd(4);
  private final Contact[] everybody;

  private final int samples;

  Memory(int peers, int samples) {
    this.everybody = new Contact[peers];
    this.samples = samples;
  }

  public static void main(String[] args) {
    System.out.print(new Memory(1_000_000, 10_000).measure());
  }

  String measure() {
    StringBuilder lines = new StringBuilder("| each | bytes |\n|---|---|\n");
    NodeId[] ids = crowd.ids(everybody.length);
    Arrays.sort(ids);
    long before = usedBytes();
    Arrays.setAll(everybody, i -> Crowd.contact(ids[i]));
    line(lines, "contact with its record, ids not counted", (usedBytes() - before) / ids.length);

    RoutingTable[] tables = new RoutingTable[samples];
    long contacts = 0;
    line(lines, "empty routing table", bytes(tables, i -> new RoutingTable(crowd.id(), Crowd.K)));
    Arrays.fill(tables, null);
    long filled = bytes(tables, i -> filled());
    for (RoutingTable table : tables) {
      contacts += table.size();
    }
    String size = String.format(Locale.ROOT, "of %.1f contacts", contacts / (double) samples);
    line(lines, "routing table " + size, filled);
    before = usedBytes();
    for (RoutingTable table : tables) {
      table.forEach(entry -> table.answered(entry.contact().id(), 40_000_000, 1_000_000_000));
    }
    line(
        lines,
        "the same with a round trip of each contact",
        filled + (usedBytes() - before) / samples);

    Engine[] engines = new Engine[samples];
    line(lines, "engine with an empty table", bytes(engines, i -> engine()));
    return lines.toString();
  }

  private static <T> long bytes(T[] into, IntFunction<T> made) {
    long before = usedBytes();
    Arrays.setAll(into, made);
    return (usedBytes() - before) / into.length;
  }

  private static void line(StringBuilder lines, String what, long bytes) {
    lines.append(String.format(Locale.ROOT, "| %s | %,d |%n", what, bytes));
  }

  /** A full collection leaves what is reachable; a second one what the first had to finalize. */
  private static long usedBytes() {
    System.gc();
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  /** The table of a peer who met k of everybody in each bucket where there are as many. */
  private RoutingTable filled() {
    Contact own = everybody[crowd.below(everybody.length)];
    RoutingTable table = new RoutingTable(own.id(), Crowd.K);
    int from = 0;
    int to = everybody.length;
    for (int bit = NodeId.BITS - 1; to - from > 1; bit--) {
      int split = split(from, to, bit);
      boolean ones = own.id().bit(bit);
      insertSome(table, ones ? from : split, ones ? split : to);
      from = ones ? split : from;
      to = ones ? to : split;
    }
    return table;
  }

  /** Where the ids with this bit begin, among those of one prefix. */
  private int split(int from, int to, int bit) {
    int low = from;
    int high = to;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (everybody[middle].id().bit(bit)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  private void insertSome(RoutingTable table, int from, int to) {
    int count = Math.min(Crowd.K, to - from);
    for (int i = 0; i < count; i++) {
      // One from each of k equal parts.
      int part = (int) ((long) (to - from) * i / count);
      int next = (int) ((long) (to - from) * (i + 1) / count);
      table.insert(everybody[from + part + crowd.below(next - part)], 1_000_000_000);
    }
  }

  private Engine engine() {
    Engine engine =
        new Engine(
            EngineConfig.defaults(),
            crowd.id(),
            Network.of(Crowd.NETWORK, IdentityMode.ASSIGNED, Scope.PRIVATE),
            1,
            List.of(),
            RecordCodec.unsigned(),
            Crowd.VERIFIER,
            new SplittableRandom(1),
            new SplittableRandom(2),
            0);
    engine.advertise(List.of(new Endpoint("10.0.0.1", 7400)), 0);
    engine.wake(0);
    engine.drainEvents();
    engine.drainCalls();
    return engine;
  }
}
