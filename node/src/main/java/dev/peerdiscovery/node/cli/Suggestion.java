package dev.peerdiscovery.node.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/** Finds what somebody meant who mistyped a name. */
final class Suggestion {
  /** Longer words than this are no typing mistakes, and not worth the time. */
  private static final int MAX_LENGTH = 64;

  private Suggestion() {}

  /** {@code " (did you mean 'bootstrap'?)"}, or nothing when no candidate is near. */
  static String of(String word, Collection<String> candidates) {
    if (word.length() > MAX_LENGTH) {
      return "";
    }
    String typed = word.toLowerCase(Locale.ROOT);
    return candidates.stream()
        .filter(
            candidate -> distance(typed, candidate.toLowerCase(Locale.ROOT)) <= tolerated(typed))
        .min(Comparator.comparingInt(c -> distance(typed, c.toLowerCase(Locale.ROOT))))
        .map(nearest -> " (did you mean '" + nearest + "'?)")
        .orElse("");
  }

  private static int tolerated(String word) {
    return Math.max(1, word.replace("-", "").length() / 3);
  }

  /** How many letters have to be put in, left out, changed, or swapped with their neighbour. */
  private static int distance(String a, String b) {
    int[][] edits = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          edits[i][j] = i + j;
          continue;
        }
        boolean same = a.charAt(i - 1) == b.charAt(j - 1);
        int best = Math.min(edits[i - 1][j], edits[i][j - 1]) + 1;
        best = Math.min(best, edits[i - 1][j - 1] + (same ? 0 : 1));
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        edits[i][j] = swapped ? Math.min(best, edits[i - 2][j - 2] + 1) : best;
      }
    }
    return edits[a.length()][b.length()];
  }
}
