package dev.peerdiscovery.node.cli;

import java.util.Arrays;
import java.util.List;

/**
 * A value that somebody gave a setting.
 *
 * @param source where, for error messages: a flag, a variable, or a file with line and key
 * @param texts the value as given; more than one only for lists
 */
record Given(String source, List<String> texts) {
  Given {
    texts = List.copyOf(texts);
  }

  /** A value in which commas separate the elements of a list. */
  static Given of(String source, Setting setting, List<String> texts) {
    if (setting.form() != Setting.Form.LIST) {
      return new Given(source, texts);
    }
    return new Given(
        source,
        texts.stream()
            .flatMap(text -> Arrays.stream(text.split(",", -1)))
            .map(String::strip)
            .toList());
  }

  CliException wrong(String why) {
    return new CliException(ExitCode.USAGE, source + ": " + why);
  }
}
