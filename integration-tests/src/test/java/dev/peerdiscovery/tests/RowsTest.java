package dev.peerdiscovery.tests;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Says which rows of the table of bad inputs and faults are shown by tests, and which are not. */
class RowsTest {
  private static final int ROWS = 70;

  private static final String CONTAINERS =
      "needs containers, or a machine that is broken on purpose";
  private static final String ELSEWHERE = "tested in core, where time and addresses are arguments";

  /** The rows that no test here shows, and why. */
  private static final Map<Integer, String> OPEN =
      Map.ofEntries(
          entry(43, CONTAINERS),
          entry(62, "no timer reads the wall clock: the rules of core ban it"),
          entry(63, ELSEWHERE),
          entry(69, ELSEWHERE));

  @Test
  void everyRow_hasATestOrAReason() {
    Set<Integer> shown =
        new ClassFileImporter()
            .importPackages("dev.peerdiscovery").stream()
                .flatMap(type -> type.getMethods().stream())
                .filter(method -> method.isAnnotatedWith(Row.class))
                .flatMap(
                    method -> Arrays.stream(method.getAnnotationOfType(Row.class).value()).boxed())
                .collect(Collectors.toCollection(TreeSet::new));
    Set<Integer> open =
        IntStream.rangeClosed(1, ROWS)
            .boxed()
            .filter(row -> !shown.contains(row))
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(open)
        .as("a row has a test, or a reason for having none; not both")
        .isEqualTo(new TreeSet<>(OPEN.keySet()));
    assertThat(shown).allMatch(row -> row >= 1 && row <= ROWS);
  }
}
