package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.core.simulation.Progress;
import java.util.Locale;

/**
 * Tells how far a work of several stages has come: by a bar on one line that changes, or where
 * nobody watches, rarely.
 */
final class StageProgress implements Progress {
  private static final int WIDTH = 30;

  /** Where nobody watches, each so many per cent. */
  private static final int RARELY = 25;

  private final Console console;
  private String stage = "";
  private int percent;

  StageProgress(Console console) {
    this.console = console;
  }

  @Override
  public void at(String newStage, double share) {
    int newPercent = (int) (100 * Math.max(0, Math.min(1, share)));
    boolean begins = !newStage.equals(stage);
    if (!begins && newPercent == percent) {
      return;
    }
    if (console.terminal()) {
      int done = newPercent * WIDTH / 100;
      String bar = "#".repeat(done) + ".".repeat(WIDTH - done);
      console.err().printf(Locale.ROOT, "\r[%s] %3d %% %-16s", bar, newPercent, newStage);
      console.err().flush();
    } else if (begins || newPercent / RARELY > percent / RARELY) {
      console.say(newStage + " " + newPercent + " %");
    }
    stage = newStage;
    percent = newPercent;
  }

  /** Clears the line, so that what comes next begins it. */
  void end() {
    if (console.terminal()) {
      console.err().print("\r" + " ".repeat(WIDTH + 30) + "\r");
      console.err().flush();
    }
  }
}
