package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Says which rows of the table of bad inputs and faults are shown by tests, and which are not. */
class RowsTest {
  private static final int ROWS = 70;

  @Test
  void rowsAreListed() {
    Set<Integer> shown =
        new ClassFileImporter()
            .importPackages("dev.peerdiscovery.tests").stream()
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
    System.out.println("rows shown by tests: " + shown);
    System.out.println("rows without a test: " + open);

    assertThat(shown).isNotEmpty().allMatch(row -> row >= 1 && row <= ROWS);
  }
}
