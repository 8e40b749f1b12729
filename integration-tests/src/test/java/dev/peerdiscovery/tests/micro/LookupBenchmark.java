package dev.peerdiscovery.tests.micro;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.lookup.Lookup;
import dev.peerdiscovery.core.lookup.Patience;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.routing.RoutingTable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What deciding costs in a lookup. The answers of a network of 1,000 peers were written down
 * before; a lookup is played through with them, first called, first answered.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = "-Xmx1g")
@State(Scope.Thread)
public class LookupBenchmark {
  private static final int PEERS = 1_000;
  private static final int LOOKUPS = 64;
  private static final Lookup.Settings SETTINGS = new Lookup.Settings(Crowd.K, 3, true);
  private static final Patience PATIENT = new Patience(Long.MAX_VALUE, Long.MAX_VALUE);

  /** Counts the steps, so that their time can be told from that of a whole lookup. */
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  @State(Scope.Thread)
  public static class Steps {
    /** How many answers lookups took in. */
    public long step;
  }

  private record Peer(Contact contact, List<SignedPeerRecord> answer) {}

  private record Script(NodeId target, List<SignedPeerRecord> start, Map<NodeId, Peer> peers) {}

  private final List<Script> scripts = new ArrayList<>();
  private int next;

  /** Writes down who would answer what. */
  @Setup
  public void record() {
    Crowd crowd = new Crowd(3);
    List<Contact> contacts = Arrays.stream(crowd.ids(PEERS)).map(Crowd::contact).toList();
    List<RoutingTable> tables = new ArrayList<>();
    for (Contact contact : contacts) {
      RoutingTable table = new RoutingTable(contact.id(), Crowd.K);
      contacts.stream()
          .filter(other -> !other.equals(contact))
          .forEach(other -> table.insert(other, 0));
      tables.add(table);
    }
    for (int i = 0; i < LOOKUPS; i++) {
      NodeId target = crowd.id();
      Map<NodeId, Peer> peers = new HashMap<>();
      for (int p = 0; p < PEERS; p++) {
        peers.put(contacts.get(p).id(), new Peer(contacts.get(p), answer(tables.get(p), target)));
      }
      List<SignedPeerRecord> start = answer(tables.get(crowd.below(PEERS)), target);
      scripts.add(new Script(target, start, peers));
    }
  }

  private static List<SignedPeerRecord> answer(RoutingTable table, NodeId target) {
    return table.closest(target, Crowd.K).stream().map(Contact::record).toList();
  }

  /** One whole lookup; a step of it is one answer of 20 records and whom to ask next. */
  @Benchmark
  public List<Contact> lookup(Steps steps) {
    Script script = scripts.get(next++ % LOOKUPS);
    Lookup lookup =
        new Lookup(script.target, Optional.empty(), SETTINGS, script.start, id -> PATIENT);
    Deque<SignedPeerRecord> underWay = new ArrayDeque<>();
    ask(lookup, underWay);
    while (!underWay.isEmpty()) {
      Peer peer = script.peers.get(underWay.remove().id());
      lookup.answered(peer.contact, peer.answer);
      steps.step++;
      ask(lookup, underWay);
    }
    return lookup.result();
  }

  private static void ask(Lookup lookup, Deque<SignedPeerRecord> underWay) {
    Optional<SignedPeerRecord> asked = lookup.next(0);
    while (asked.isPresent()) {
      underWay.add(asked.get());
      asked = lookup.next(0);
    }
  }
}
