package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.id.Offsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints whom an id looks up: one column of the table. */
@Command(
    name = "offsets",
    description = "Print whom a connecting peer looks up: its id less 1, 2, 4, 8 …",
    footer = {
      "  peer offsets 13           12 11 9 5",
      "  peer offsets 8            7 6 4 0",
      "  peer offsets 0xff --json  the same of any id, as JSON"
    })
final class OffsetsCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(
      paramLabel = "ID",
      description = "Decimal below 2^32, 64 hex digits, or 0x and up to 64.")
  private NodeId id = NodeId.ZERO;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  OffsetsCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    List<String> targets = Offsets.column(id).stream().map(NodeId::toString).toList();
    console
        .out()
        .println(
            json
                ? new Json().put("id", id.toString()).put("targets", targets).toString()
                : targets.stream().collect(Collectors.joining(" ")));
    return ExitCode.OK.code();
  }
}
