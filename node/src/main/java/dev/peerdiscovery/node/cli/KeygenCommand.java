package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.node.NodeKey;
import dev.peerdiscovery.node.StartException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes the key of a node before its first start, so that its id is known. */
@Command(
    name = "keygen",
    description = {
      "Make a node's key and print the id that comes from it.",
      "",
      "A node makes its key itself when it starts without one; this is for those who want to know"
          + " its id before. A key that is there is never replaced."
    },
    footer = {"  peer keygen --data-dir /var/lib/peer"})
final class KeygenCommand implements Callable<Integer> {
  private final Console console;

  @Option(
      names = "--data-dir",
      required = true,
      paramLabel = "DIR",
      defaultValue = "${env:PEER_DATA_DIR}",
      description = "The node's data directory, made if need be; the key is identity.key in it.")
  private Path directory = Path.of("");

  KeygenCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    Logs.quiet(console);
    try {
      console.out().println(NodeKey.create(directory).id());
      return ExitCode.OK.code();
    } catch (StartException e) {
      throw new CliException(ExitCode.STORAGE, String.valueOf(e.getMessage()), e);
    }
  }
}
