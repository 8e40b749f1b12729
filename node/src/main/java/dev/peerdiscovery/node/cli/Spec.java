package dev.peerdiscovery.node.cli;

import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.function.Function;

/**
 * A value of an option that names one of several things and says more about it, such as {@code
 * lognormal:50ms:0.5}.
 *
 * @param option that it was given to
 * @param name of the thing
 * @param parts what follows, without the colons
 */
record Spec(String option, String name, List<String> parts) {
  Spec {
    parts = List.copyOf(parts);
  }

  /**
   * Reads one.
   *
   * @param forms an example for each name; there are as many parts as in it
   * @throws CliException when there is no such name, or too few or too many parts
   */
  static Spec parse(String option, String text, SortedMap<String, String> forms) {
    String[] words = text.split(":", -1);
    String form = forms.get(words[0]);
    if (form == null) {
      throw wrong(
          option,
          "must be one of "
              + String.join(", ", forms.values())
              + "; got '"
              + words[0]
              + "'"
              + Suggestion.of(words[0], forms.keySet()));
    }
    int parts = form.split(":", -1).length;
    // A last part may hold colons of its own, as names of files do.
    String[] limited = form.endsWith("FILE") ? text.split(":", parts) : words;
    if (limited.length != parts) {
      throw wrong(option, "must look like " + form + ", got '" + text + "'");
    }
    return new Spec(option, words[0], List.of(limited).subList(1, parts));
  }

  /** A part, read in some way. */
  <T> T part(int index, Function<String, T> read) {
    return read(option, () -> read.apply(parts.get(index)));
  }

  Duration time(int index) {
    return part(index, Times::parse);
  }

  double number(int index) {
    return part(index, Spec::number);
  }

  /** Reads something, and says of which option it was if it is wrong. */
  static <T> T read(String option, Reading<T> reading) {
    try {
      return reading.read();
    } catch (IllegalArgumentException e) {
      throw wrong(option, String.valueOf(e.getMessage()));
    }
  }

  /** What is read. */
  @FunctionalInterface
  interface Reading<T> {
    /**
     * Reads it.
     *
     * @throws IllegalArgumentException when it is wrong
     */
    T read();
  }

  /** Reads a number as people write it: no exponents, no infinities. */
  static double number(String text) {
    if (!text.matches("-?[0-9]{1,9}(\\.[0-9]{1,12})?")) {
      throw new IllegalArgumentException("must be a number, got '" + text + "'");
    }
    return Double.parseDouble(text);
  }

  /** Reads a share. */
  static double share(String text) {
    double share = text.matches("[0-9.-]+") ? number(text) : Double.NaN;
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("a share is 0 to 1, got '" + text + "'");
    }
    return share;
  }

  static CliException wrong(String option, String message) {
    return new CliException(ExitCode.USAGE, option + ": " + message);
  }
}
