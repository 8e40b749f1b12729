package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.client.LookupResult;
import dev.peerdiscovery.client.PeerClient;
import dev.peerdiscovery.client.PeerException;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.record.Endpoint;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Looks an id up from outside the network, hop by hop. */
@Command(
    name = "lookup",
    description = {
      "Look up a peer, hop by hop.",
      "",
      "Asks from outside, without joining the network, and prints the peers nearest to the id."
    },
    footer = {
      "  peer lookup --via 127.0.0.1:7400 13",
      "  peer lookup --via a.example.com:7400,b.example.com:7400 --nearest 0xff --json"
    })
final class LookupCommand implements Callable<Integer> {
  private final Console console;

  @Option(
      names = "--via",
      paramLabel = "HOST:PORT",
      split = ",",
      defaultValue = "127.0.0.1:7400",
      description =
          "An entry node; comma or repetition for more, tried in this order (default:"
              + " ${DEFAULT-VALUE}).")
  private List<Endpoint> via = List.of();

  @Parameters(
      paramLabel = "ID",
      description = "Decimal below 2^32, 64 hex digits, or 0x and up to 64.")
  private NodeId target = NodeId.ZERO;

  @Option(
      names = "--nearest",
      description = "Be content with the nearest peers: exit 0 even if none has exactly that id.")
  private boolean nearest;

  @Mixin private final NetworkOptions network = new NetworkOptions();

  @Option(names = "--json", description = "Print JSON, once the lookup is over.")
  private boolean json;

  LookupCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws Exception {
    Logs.quiet(console);
    LookupReport report = new LookupReport(console.out());
    LookupResult result;
    try (PeerClient client = network.client(via)) {
      result = client.lookupAsync(target, json ? step -> {} : report::step).get();
    } catch (ExecutionException e) {
      throw failure(e);
    }
    if (json) {
      console.out().println(LookupReport.json(result));
    } else {
      report.end(result);
    }
    if (result.exact().isPresent() || nearest) {
      return ExitCode.OK.code();
    }
    throw new CliException(
        ExitCode.NOT_FOUND, "no peer with id " + target + " answered; --nearest accepts others");
  }

  private Exception failure(ExecutionException error) {
    if (!(error.getCause() instanceof PeerException failed)) {
      return error;
    }
    Outcome outcome = failed.outcome();
    ExitCode code = Outcomes.exitCode(outcome);
    String tried =
        via.size() == 1 ? "" : String.format(Locale.ROOT, " (%d tried, this last)", via.size());
    String what = code == ExitCode.UNREACHABLE ? "no entry node can be reached" + tried + ": " : "";
    return new CliException(code, what + failed.getMessage(), failed);
  }
}
