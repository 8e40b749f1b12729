package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.core.id.IdRange;
import dev.peerdiscovery.core.id.LookupTable;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Prints the lookup table by its rule. */
@Command(
    name = "table",
    description = {
      "Print the lookup table.",
      "",
      "Column n lists whom a connecting peer n looks up, row n by whom n is looked up."
    },
    footer = {
      "  peer table",
      "  peer table --rows 100..116 --columns 90..140",
      "  peer table --columns 13 --json"
    })
final class TableCommand implements Callable<Integer> {
  private final Console console;

  @Option(
      names = "--rows",
      paramLabel = "A..B",
      defaultValue = "0..16",
      description = "The ids looked up (default: ${DEFAULT-VALUE}).")
  private IdRange rows = IdRange.parse("0..16");

  @Option(
      names = "--columns",
      paramLabel = "A..B",
      defaultValue = "0..32",
      description = "The ids that connect (default: ${DEFAULT-VALUE}).")
  private IdRange columns = IdRange.parse("0..32");

  @Option(names = "--json", description = "Print the entries as JSON.")
  private boolean json;

  TableCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    LookupTable table = LookupTable.of(rows, columns);
    if (json) {
      console.out().println(TableJson.of(table));
    } else {
      console.out().print(table.toMarkdown());
    }
    return ExitCode.OK.code();
  }
}
