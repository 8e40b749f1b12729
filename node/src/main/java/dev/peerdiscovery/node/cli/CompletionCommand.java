package dev.peerdiscovery.node.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints a script that completes commands and options. */
@Command(
    name = "completion",
    description = "Print a script for the shell, to complete commands and options.",
    footer = {
      "  source <(peer completion)               in this bash or zsh",
      "  peer completion bash > ~/.local/share/bash-completion/completions/peer"
    })
final class CompletionCommand implements Callable<Integer> {
  enum Shell {
    bash,
    zsh
  }

  private final Console console;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      paramLabel = "SHELL",
      arity = "0..1",
      defaultValue = "bash",
      description = "${COMPLETION-CANDIDATES}: one script serves both (default: ${DEFAULT-VALUE}).")
  Shell shell = Shell.bash;

  CompletionCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    if (spec != null) {
      console.out().println(AutoComplete.bash("peer", spec.root().commandLine()));
    }
    return ExitCode.OK.code();
  }
}
