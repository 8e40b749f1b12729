package dev.peerdiscovery.core.id;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LookupTableTest {
  private static final IdRange SEED_ROWS = IdRange.parse("0..16");
  private static final IdRange SEED_COLUMNS = IdRange.parse("0..32");

  @Test
  void of_theSeedsFrame_isTheSeedsTableCellByCell() throws IOException {
    LookupTable table = LookupTable.of(SEED_ROWS, SEED_COLUMNS);
    List<String> lines = seedTable();

    assertThat(lines).hasSize(17 + 3);
    for (int row = 0; row <= 16; row++) {
      String[] cells = cells(lines.get(row + 2));
      assertThat(cells).hasSize(1 + 33);
      assertThat(cells[0]).isEqualTo(Integer.toString(row));
      for (int column = 0; column <= 32; column++) {
        String cell =
            table.cell(NodeId.of(row), NodeId.of(column)).map(NodeId::toString).orElse("");
        assertThat(cell).as("row %d column %d", row, column).isEqualTo(cells[column + 1]);
      }
    }
  }

  @Test
  void toMarkdown_ofTheSeedsFrame_isTheSeedsTextLineByLine() throws IOException {
    List<String> seed = seedTable().stream().map(String::stripTrailing).toList();
    String printed = LookupTable.of(SEED_ROWS, SEED_COLUMNS).toMarkdown();

    assertThat(printed).endsWith("\n");
    assertThat(printed.lines().toList()).isEqualTo(seed);
    assertThat(LookupTable.of(SEED_ROWS, SEED_COLUMNS)).hasToString(printed);
  }

  @Test
  void of_anotherFrame_agreesWithANaiveOracle() {
    LookupTable table = LookupTable.of(IdRange.parse("100..116"), IdRange.parse("90..140"));
    int entries = 0;

    for (int row = 100; row <= 116; row++) {
      for (int column = 90; column <= 140; column++) {
        int difference = column - row;
        boolean isEntry = false;
        for (int offset = 1; offset <= 64; offset *= 2) {
          isEntry |= difference == 0 || difference == offset;
        }
        Optional<NodeId> expected = isEntry ? Optional.of(NodeId.of(difference)) : Optional.empty();
        assertThat(table.cell(NodeId.of(row), NodeId.of(column)))
            .as("row %d column %d", row, column)
            .isEqualTo(expected);
        entries += isEntry ? 1 : 0;
      }
    }
    assertThat(entries).as("the oracle found something to compare").isGreaterThan(50);
  }

  @Test
  void toMarkdown_ofLargeIds_keepsOneWidth() {
    NodeId first = NodeId.parse("f".repeat(63) + "0");
    IdRange range = new IdRange(first, first.plus(NodeId.of(3)));

    List<String> lines = LookupTable.of(range, range).toMarkdown().lines().toList();

    assertThat(lines).hasSize(4 + 3);
    assertThat(lines.get(0)).isEqualTo(lines.get(6)).contains("f".repeat(63) + "3");
    assertThat(lines.get(2)).startsWith("| " + first + " | 0 ");
    for (String line : lines) {
      assertThat(line.indexOf('|', 1)).as(line).isEqualTo(2 + 64 + 1);
    }
  }

  @Test
  void cell_isEmpty_whenOutOfTheFrame() {
    LookupTable table = LookupTable.of(SEED_ROWS, SEED_COLUMNS);

    assertThat(table.cell(NodeId.of(16), NodeId.of(32))).contains(NodeId.of(16));
    assertThat(table.cell(NodeId.of(17), NodeId.of(32))).isEmpty();
    assertThat(table.cell(NodeId.of(16), NodeId.of(33))).isEmpty();
    assertThat(table.rows()).isEqualTo(SEED_ROWS);
    assertThat(table.columns()).isEqualTo(SEED_COLUMNS);
  }

  @Test
  void differencesFrom_isEmpty_whenEveryCellAgrees() {
    LookupTable table = LookupTable.of(SEED_ROWS, SEED_COLUMNS);

    assertThat(table.differencesFrom(LookupTable.of(SEED_ROWS, SEED_COLUMNS))).isEmpty();
  }

  @Test
  void differencesFrom_namesEveryCell_thatIsMissingOrTooMuch() {
    LookupTable rule = LookupTable.of(SEED_ROWS, SEED_COLUMNS);
    LookupTable recorded =
        LookupTable.of(
            SEED_ROWS,
            SEED_COLUMNS,
            (row, column) -> {
              boolean dropped = row.equals(NodeId.of(5)) && column.equals(NodeId.of(13));
              boolean added = row.equals(NodeId.of(6)) && column.equals(NodeId.of(9));
              return added || (!dropped && Offsets.isEntry(row, column));
            });

    assertThat(recorded.differencesFrom(rule))
        .containsExactly("row 5 column 13: 8 is missing", "row 6 column 9: 3 is not in the table");
    assertThat(recorded.toMarkdown()).isNotEqualTo(rule.toMarkdown());
  }

  @Test
  void differencesFrom_showsOffsetsBelowTheDiagonal_asNegative() {
    LookupTable rule = LookupTable.of(SEED_ROWS, SEED_COLUMNS);
    LookupTable recorded =
        LookupTable.of(
            SEED_ROWS,
            SEED_COLUMNS,
            (row, column) ->
                Offsets.isEntry(row, column)
                    || (row.equals(NodeId.of(9)) && column.equals(NodeId.of(8))));

    assertThat(recorded.differencesFrom(rule))
        .containsExactly("row 9 column 8: -1 is not in the table");
  }

  @Test
  void differencesFrom_refusesAnotherFrame() {
    LookupTable table = LookupTable.of(SEED_ROWS, SEED_COLUMNS);
    LookupTable narrower = LookupTable.of(SEED_ROWS, IdRange.parse("0..31"));
    LookupTable shorter = LookupTable.of(IdRange.parse("0..15"), SEED_COLUMNS);

    assertThatIllegalArgumentException().isThrownBy(() -> table.differencesFrom(narrower));
    assertThatIllegalArgumentException().isThrownBy(() -> table.differencesFrom(shorter));
  }

  /** The table as it stands in the document that the project comes from, byte by byte. */
  private static List<String> seedTable() throws IOException {
    try (InputStream resource = LookupTableTest.class.getResourceAsStream("seed-table.md")) {
      return new String(resource.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  private static String[] cells(String line) {
    assertThat(line).startsWith("| ");
    String body = line.substring(1);
    if (body.stripTrailing().endsWith("|")) {
      body += " ";
    }
    String[] cells = body.split("\\|");
    for (int i = 0; i < cells.length; i++) {
      cells[i] = cells[i].strip();
    }
    return cells;
  }
}
