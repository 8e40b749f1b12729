package dev.peerdiscovery.node.cli;

/**
 * Tells how far a long work has come: on one line that changes, or where nobody watches, rarely.
 */
final class Progress {
  private static final int RARELY = 8;

  private final Console console;
  private final String what;
  private final int total;

  Progress(Console console, String what, int total) {
    this.console = console;
    this.what = what;
    this.total = total;
  }

  void at(int done) {
    String text = what + " " + done + " of " + total;
    if (console.terminal()) {
      console.err().print("\r" + text + (done == total ? "\n" : ""));
      console.err().flush();
    } else if (done == total || done % Math.max(RARELY, total / RARELY) == 0) {
      console.say(text);
    }
  }
}
