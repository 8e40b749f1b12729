package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.client.PeerException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns whatever goes wrong into one line and an exit code. */
final class Faults implements IParameterExceptionHandler, IExecutionExceptionHandler {
  private final Console console;

  Faults(Console console) {
    this.console = console;
  }

  @Override
  public int handleParseException(ParameterException error, String[] args) {
    CommandLine command = error.getCommandLine();
    List<String> unmatched =
        error instanceof UnmatchedArgumentException unknown
            ? unknown.getUnmatched()
            : command.getUnmatchedArguments();
    String message =
        unmatched.isEmpty() ? lowerCase(error.getMessage()) : unknown(command, unmatched.get(0));
    boolean helped = message.contains("did you mean");
    console.say(message + (helped ? "" : "; see: " + helpOn(command)));
    if (console.isDebug()) {
      error.printStackTrace(console.err());
    }
    return ExitCode.USAGE.code();
  }

  private static String unknown(CommandLine command, String word) {
    if (word.matches("-[0-9].*")) {
      return "unexpected '" + word + "': ids and ports are never negative";
    }
    if (word.startsWith("-")) {
      String name = word.replaceFirst("=.*", "");
      List<String> names =
          command.getCommandSpec().options().stream()
              .filter(option -> !option.hidden())
              .flatMap(option -> Stream.of(option.names()))
              .toList();
      return "unknown option '" + name + "'" + Suggestion.of(name, names);
    }
    return command.getSubcommands().isEmpty()
        ? "unexpected argument '" + word + "'"
        : "unknown command '" + word + "'" + Suggestion.of(word, command.getSubcommands().keySet());
  }

  private static String helpOn(CommandLine command) {
    return command.getParent() == null ? "peer help" : "peer help " + command.getCommandName();
  }

  private static String lowerCase(@Nullable String message) {
    String text = message == null ? "wrong usage" : message;
    return text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
  }

  @Override
  public int handleExecutionException(Exception error, CommandLine command, ParseResult parsed) {
    ExitCode code;
    if (error instanceof CliException known) {
      code = known.exitCode();
      console.say(String.valueOf(known.getMessage()));
    } else if (error instanceof PeerException failed) {
      code = Outcomes.exitCode(failed.outcome());
      console.say(String.valueOf(failed.getMessage()));
    } else if (error instanceof InterruptedException) {
      code = ExitCode.INTERRUPTED;
    } else {
      code = ExitCode.UNEXPECTED;
      console.say("unexpected error, --verbose shows more: " + error);
    }
    if (isVerbose(parsed) || console.isDebug()) {
      error.printStackTrace(console.err());
    }
    return code.code();
  }

  static boolean isVerbose(ParseResult parsed) {
    for (@Nullable ParseResult at = parsed; at != null; at = at.subcommand()) {
      if (at.hasMatchedOption("--verbose")) {
        return true;
      }
    }
    return false;
  }
}
