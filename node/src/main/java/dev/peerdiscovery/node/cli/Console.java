package dev.peerdiscovery.node.cli;

import java.io.PrintStream;
import java.util.Map;
import picocli.CommandLine.Help.Ansi;

/**
 * Where a command writes and what it finds around it: results go to {@code out}, everything else to
 * {@code err}.
 *
 * @param out for what was asked for
 * @param err for progress, logs and errors
 * @param environment the environment variables
 * @param terminal whether a person watches, who sees colours and one line that changes
 */
record Console(
    PrintStream out, PrintStream err, Map<String, String> environment, boolean terminal) {
  private static final int MAX_LINE = 500;

  /** The process's own. */
  static Console ofProcess(PrintStream out, PrintStream err) {
    return new Console(out, err, System.getenv(), Ansi.AUTO.enabled());
  }

  /** Says something on one line of {@code err}. */
  void say(String message) {
    err.println("peer: " + oneLine(message));
    err.flush();
  }

  /** Makes something stand out where a person watches. */
  String emphasised(String text) {
    return terminal ? "\u001B[1;33m" + text + "\u001B[0m" : text;
  }

  /** Whether errors come with their stack traces. */
  boolean isDebug() {
    return !environment.getOrDefault("PEER_DEBUG", "").isEmpty();
  }

  /**
   * A text that may hold anything, such as an argument or an answer, on one line and without
   * control characters, which a terminal would obey.
   */
  static String oneLine(String text) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < text.length() && i < MAX_LINE; i++) {
      char c = text.charAt(i);
      line.append(Character.isISOControl(c) || c == '\u2028' || c == '\u2029' ? ' ' : c);
    }
    if (text.length() > MAX_LINE) {
      line.append(" …");
    }
    return line.toString().strip();
  }
}
