package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.core.simulation.Latency;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** How long simulated messages take, as people write it. */
final class LatencySpec {
  private static final String OPTION = "--latency";

  private static final SortedMap<String, String> FORMS =
      new TreeMap<>(
          Map.of(
              "constant", "constant:50ms",
              "uniform", "uniform:20ms:80ms",
              "lognormal", "lognormal:50ms:0.5",
              "measured", "measured:FILE"));

  /** A million round trips. */
  private static final long MOST_BYTES = 16 << 20;

  private LatencySpec() {}

  /**
   * Reads it, and the file that it may name.
   *
   * @throws CliException when it is wrong
   */
  static Latency parse(String text) {
    Spec spec = Spec.parse(OPTION, text, FORMS);
    return Spec.read(
        OPTION,
        () ->
            switch (spec.name()) {
              case "constant" -> Latency.constant(spec.time(0));
              case "uniform" -> Latency.uniform(spec.time(0), spec.time(1), Latency.Draw.PAIR);
              case "lognormal" ->
                  Latency.lognormal(spec.time(0), spec.number(1), Latency.Draw.PAIR);
              default -> Latency.measured(measured(spec.parts().get(0)), Latency.Draw.PAIR);
            });
  }

  /** Round trips in milliseconds, one on each line; empty lines and those with # do not count. */
  private static List<Duration> measured(String file) {
    List<Duration> roundTrips = new ArrayList<>();
    int number = 0;
    for (String line : lines(file)) {
      number++;
      String text = line.strip();
      if (text.isEmpty() || text.startsWith("#")) {
        continue;
      }
      try {
        roundTrips.add(Times.parse(text + "ms"));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "%s, line %d: must be milliseconds, such as 12.5, got '%s'",
                file,
                number,
                text),
            e);
      }
    }
    if (roundTrips.isEmpty()) {
      throw new IllegalArgumentException(file + " has no round trips in it");
    }
    return roundTrips;
  }

  private static List<String> lines(String file) {
    Path path = Path.of(file);
    try {
      if (!Files.isRegularFile(path)) {
        throw new IllegalArgumentException(
            file + (Files.exists(path) ? " is not a regular file" : " does not exist"));
      }
      if (Files.size(path) > MOST_BYTES) {
        throw new IllegalArgumentException(file + " is larger than 16 MiB");
      }
      return Files.readAllLines(path);
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(file + " is not a text file", e);
    } catch (IOException e) {
      throw new IllegalArgumentException(file + " cannot be read: " + e, e);
    }
  }
}
