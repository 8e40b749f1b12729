package dev.peerdiscovery.node.cli;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How times are written for people, and by them. */
final class Times {
  private static final Pattern WRITTEN =
      Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?)(ms|s|m|h|d)");

  private static final Map<String, Duration> UNITS =
      Map.of(
          "ms", Duration.ofMillis(1),
          "s", Duration.ofSeconds(1),
          "m", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "d", Duration.ofDays(1));

  private static final Duration MOST = Duration.ofDays(365);

  private Times() {}

  /**
   * Reads a time such as {@code 50ms}, {@code 1.4m} or {@code 24h}.
   *
   * @throws IllegalArgumentException when it is none, or longer than a year
   */
  static Duration parse(String text) {
    Matcher written = WRITTEN.matcher(text);
    Duration unit = written.matches() ? UNITS.get(written.group(2)) : null;
    if (unit == null) {
      throw new IllegalArgumentException(
          "a time is a number with ms, s, m, h or d, such as 50ms or 5m, got '" + text + "'");
    }
    BigDecimal nanos =
        new BigDecimal(written.group(1)).multiply(BigDecimal.valueOf(unit.toNanos()));
    if (nanos.compareTo(BigDecimal.valueOf(MOST.toNanos())) > 0) {
      throw new IllegalArgumentException("a time is at most 365d, got '" + text + "'");
    }
    return Duration.ofNanos(nanos.longValue());
  }

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
