package dev.peerdiscovery.tests.trouble;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** The invariants that were broken, by kind. Says each one as it comes. Thread-safe. */
final class Violations {
  /** More of one kind are only counted. */
  private static final int SAID_OF_A_KIND = 25;

  private final Consumer<String> out;
  private final Map<String, Integer> counts = new LinkedHashMap<>();

  Violations(Consumer<String> out) {
    this.out = out;
  }

  synchronized void add(String kind, String what) {
    int count = counts.merge(kind, 1, Integer::sum);
    if (count <= SAID_OF_A_KIND) {
      out.accept("BROKEN " + kind + ": " + what);
    }
  }

  /** How many of each kind there were. */
  synchronized Map<String, Integer> counts() {
    return new LinkedHashMap<>(counts);
  }
}
