package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.client.LookupResult;
import dev.peerdiscovery.client.PeerClient;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.node.PeerNodeBuilder;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Has real peers join and draws the lookup table from what they sent. */
@Command(
    name = "demo",
    description = {
      "Draw the lookup table from what real peers send.",
      "",
      "They start on free loopback ports, one after another; what they ask one another while they"
          + " join is recorded at the servers that are asked. Then one of them is looked up, hop by"
          + " hop.",
      "",
      "Exits 0 when the table is the one of the rule, 1 when anything differs."
    },
    footer = {"  peer demo", "  peer demo --peers 64 --keep", "  peer demo --json"})
final class DemoCommand implements Callable<Integer> {
  private static final int MOST_PEERS = 1024;
  private static final int LOOKED_UP = 13;

  private final Console console;
  private final UnaryOperator<PeerNodeBuilder> habits;

  @Option(
      names = "--peers",
      paramLabel = "N",
      defaultValue = "33",
      description = "How many, 2 to " + MOST_PEERS + ": ids 0 to N-1 (default: ${DEFAULT-VALUE}).")
  private int peers = 33;

  @Option(names = "--keep", description = "Stay up afterwards, and print the peers' addresses.")
  private boolean keep;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  DemoCommand(Console console) {
    this(console, builder -> builder);
  }

  /** A demonstration whose peers have habits of their own, to see it notice. */
  DemoCommand(Console console, UnaryOperator<PeerNodeBuilder> habits) {
    this.console = console;
    this.habits = habits;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (peers < 2 || peers > MOST_PEERS) {
      throw new CliException(
          ExitCode.USAGE, "--peers: must be 2 to " + MOST_PEERS + ", got " + peers);
    }
    Logs.quiet(console);
    Recorder recorder = new Recorder();
    try (DemoNetwork network = new DemoNetwork(recorder, habits)) {
      long startedNanos = System.nanoTime();
      network.start(peers, new Progress(console, "peers that have joined:", peers)::at);
      Duration took = Duration.ofNanos(System.nanoTime() - startedNanos);
      DemoTable table = DemoTable.of(recorder.asked(), peers);
      LookupResult lookup;
      if (json) {
        lookup = lookup(network, step -> {});
        console.out().println(DemoReport.json(table, lookup, network.addresses()));
      } else {
        DemoReport report = new DemoReport(console.out());
        report.table(table);
        report.effort(peers, recorder.findNodes(), took);
        report.lookup(target(), peers - 1, network.endpointOf(peers - 1));
        LookupReport hops = new LookupReport(console.out());
        lookup = lookup(network, hops::step);
        hops.end(lookup);
      }
      if (keep) {
        stay(network);
      }
      boolean good = table.isEqual() && lookup.exact().isPresent();
      return (good ? ExitCode.OK : ExitCode.UNEXPECTED).code();
    }
  }

  /** The seed's example, unless it is the one that is asked or nobody. */
  private NodeId target() {
    return NodeId.of(peers > LOOKED_UP + 1 ? LOOKED_UP : 0);
  }

  private LookupResult lookup(DemoNetwork network, Consumer<LookupResult.Step> watcher)
      throws InterruptedException {
    try (PeerClient client = PeerClient.builder().via(network.endpointOf(peers - 1)).build()) {
      return client.lookupAsync(target(), watcher).get();
    } catch (ExecutionException e) {
      throw new CliException(ExitCode.UNEXPECTED, "the lookup failed: " + e.getCause(), e);
    }
  }

  private void stay(DemoNetwork network) throws InterruptedException {
    if (!json) {
      TextTable addresses = new TextTable("ID", "ADDRESS");
      network.addresses().forEach(addresses::add);
      console.out().println();
      console.out().print(addresses);
    }
    console.out().flush();
    console.say("the peers stay up; Ctrl-C ends them");
    new CountDownLatch(1).await();
  }
}
