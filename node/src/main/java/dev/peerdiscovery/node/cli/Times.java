package dev.peerdiscovery.node.cli;

import java.time.Duration;
import java.util.Locale;

/** How times are written for people. */
final class Times {
  private Times() {}

  /** Milliseconds for what takes less than a second, such as {@code 1.3 ms}. */
  static String millis(Duration time) {
    return String.format(Locale.ROOT, "%.1f ms", toMillis(time));
  }

  /** Milliseconds with three places, for machines. */
  static double toMillis(Duration time) {
    return Math.round(time.toNanos() / 1e3) / 1e3;
  }

  /** The two largest units, such as {@code 3 min 20 s}. */
  static String rough(Duration time) {
    if (time.toDays() > 0) {
      return time.toDays() + " d " + time.toHoursPart() + " h";
    }
    if (time.toHours() > 0) {
      return time.toHours() + " h " + time.toMinutesPart() + " min";
    }
    if (time.toMinutes() > 0) {
      return time.toMinutes() + " min " + time.toSecondsPart() + " s";
    }
    return time.toSeconds() > 0
        ? String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1e3)
        : millis(time);
  }
}
