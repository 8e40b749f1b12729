package dev.peerdiscovery.tests.load;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.proto.RecordCodec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * What a connection costs: the first call on a cold one beside a call on a warm one, and the heap
 * that an idle one takes at both ends; and the heap that a contact takes. Prints a table; see
 * {@code docs/benchmarks.md}.
 */
final class ConnectionLoad {
  private ConnectionLoad() {}

  /** Takes how often to repeat, and how many connections at a time; 9 and 200 by default. */
  public static void main(String[] args) throws Exception {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 9;
    int count = args.length > 1 ? Integer.parseInt(args[1]) : 200;
    System.out.println(Cpu.machine() + ", " + rounds + " rounds of " + count + " connections");
    Path store = Files.createTempDirectory("load").resolve("server.p12");
    Certificate.make(store);
    System.out.printf(
        "%n| | cold, first call p50 ms | warm call p50 µs | client heap KiB an idle channel "
            + "| server heap KiB |%n|---|---|---|---|---|%n");
    run("plaintext", Optional.empty(), rounds, count);
    run("TLS", Optional.of(store), rounds, count);
    // Once for the classes that it loads.
    contactBytes(count, true);
    System.out.printf(
        "%nheap of a contact whose record came over the wire: %d bytes unsigned, %d with as many"
            + " bytes as a key and a signature take%n",
        contactBytes(200 * count, false), contactBytes(200 * count, true));
  }

  /** Measures one transport, prints its line, and returns how many calls were made. */
  static long run(String transport, Optional<Path> store, int rounds, int count) throws Exception {
    Optional<Certificate> certificate =
        store.isPresent() ? Optional.of(Certificate.read(store.get())) : Optional.empty();
    Medians cold = new Medians();
    Medians warm = new Medians();
    Medians client = new Medians();
    Medians server = new Medians();
    long calls = 0;
    try (LoadedServer loaded = new LoadedServer(certificate)) {
      List<String> args = new ArrayList<>(List.of("" + loaded.port()));
      store.ifPresent(path -> args.add(path.toString()));
      try (LoadProcess process =
          new LoadProcess(ConnectionClient.class, args.toArray(String[]::new))) {
        process.ask("cold " + 2 * count);
        process.ask("warm " + 100 * count);
        for (int round = 0; round < rounds; round++) {
          Slice first = Slice.parse(process.ask("cold " + count));
          Slice later = Slice.parse(process.ask("warm " + 10 * count));
          cold.add(first.p50Nanos() / 1e6);
          warm.add(later.p50Nanos() / 1e3);
          long before = Heap.bytes();
          client.add(Double.parseDouble(process.ask("open " + count)) / 1024 / count);
          server.add((Heap.bytes() - before) / 1024.0 / count);
          calls += first.calls() + later.calls();
        }
      }
    }
    System.out.printf(
        Locale.ROOT,
        "| %s | %s | %s | %s | %s |%n",
        transport,
        cold.text("%.2f"),
        warm.text("%.1f"),
        client.text("%.1f"),
        server.text("%.1f"));
    return calls;
  }

  /** Contacts as a node has them, of records that it decoded. */
  static long contactBytes(int count, boolean padded) throws Exception {
    SplittableRandom random = new SplittableRandom(1);
    RecordVerifier verifier =
        RecordVerifier.assigned("default", AddressPolicy.of(Scope.PRIVATE, false));
    Object[] contacts = new Object[count];
    long before = Heap.bytes();
    for (int i = 0; i < count; i++) {
      Endpoint at =
          new Endpoint(
              "10.%d.%d.%d"
                  .formatted(random.nextInt(256), random.nextInt(256), random.nextInt(256)),
              7400);
      NodeId id = NodeId.random(random);
      var record =
          RecordCodec.decode(padded ? Neighbours.record(id, at) : Neighbours.unsigned(id, at));
      if (!(verifier.verify(record) instanceof RecordVerifier.Verified verified)) {
        throw new IllegalStateException("refused");
      }
      contacts[i] = verified.contact();
    }
    long bytes = (Heap.bytes() - before) / count;
    if (contacts[count - 1] == null) {
      throw new IllegalStateException("collected");
    }
    return bytes;
  }
}
