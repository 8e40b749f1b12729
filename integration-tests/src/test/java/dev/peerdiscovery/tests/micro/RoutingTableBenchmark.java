package dev.peerdiscovery.tests.micro;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.routing.RoutingTable;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a routing table does all the time, beside a floor and a ceiling. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = "-Xmx1g")
@State(Scope.Thread)
public class RoutingTableBenchmark {
  /** A power of two; more targets and strangers than a branch predictor learns by heart. */
  private static final int ROUND = 1 << 14;

  /** How many random ids the table was offered. */
  @Param({"10000", "1000000"})
  public int offered;

  private RoutingTable table;
  private BareTable bare;
  private List<BigInteger> numbers;
  private NodeId[] targets;
  private BareTable.Peer[] bareTargets;
  private BigInteger[] numberTargets;
  private Contact[] known;
  private Contact[] strangers;
  private int next;
  private long nowNanos;

  /** Fills all three with the same contacts. */
  @Setup
  public void fill() {
    Crowd crowd = new Crowd(1);
    NodeId self = crowd.id();
    table = crowd.table(self, offered);
    bare = new BareTable(self);
    numbers = new ArrayList<>();
    List<Contact> contacts = new ArrayList<>();
    table.forEach(
        entry -> {
          bare.add(entry.contact().id());
          numbers.add(number(entry.contact().id()));
          contacts.add(entry.contact());
        });
    targets = crowd.ids(ROUND);
    bareTargets = new BareTable.Peer[ROUND];
    numberTargets = new BigInteger[ROUND];
    known = new Contact[ROUND];
    strangers = new Contact[ROUND];
    for (int i = 0; i < ROUND; i++) {
      bareTargets[i] = new BareTable.Peer(targets[i]);
      numberTargets[i] = number(targets[i]);
      known[i] = contacts.get(crowd.below(contacts.size()));
      strangers[i] = Crowd.contact(crowd.id());
    }
  }

  private static BigInteger number(NodeId id) {
    return new BigInteger(1, id.toBytes());
  }

  private int next() {
    return next++ & (ROUND - 1);
  }

  /** The 20 nearest to a random target. */
  @Benchmark
  public List<Contact> closest() {
    return table.closest(targets[next()], Crowd.K);
  }

  /** The same on bare objects. */
  @Benchmark
  public BareTable.Peer[] closestBare() {
    return bare.closest(bareTargets[next()], Crowd.K);
  }

  /** The same by sorting everything that the table holds. */
  @Benchmark
  public List<BigInteger> closestBySorting() {
    BigInteger target = numberTargets[next()];
    List<BigInteger> sorted = new ArrayList<>(numbers);
    sorted.sort((a, b) -> a.xor(target).compareTo(b.xor(target)));
    return sorted.subList(0, Crowd.K);
  }

  /** A contact answered a call. */
  @Benchmark
  public boolean touch() {
    return table.answered(known[next()].id(), 40_000_000, nowNanos += 1_000);
  }

  /** A contact proved its id once more. */
  @Benchmark
  public RoutingTable.Insert touchByInsert() {
    return table.insert(known[next()], nowNanos += 1_000);
  }

  /** Somebody proved its id; nearly all buckets are full of others. */
  @Benchmark
  public RoutingTable.Insert observe() {
    return table.insert(strangers[next()], nowNanos += 1_000);
  }
}
