package dev.peerdiscovery.core.id;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Function;

/**
 * A rectangle of the seed's table: rows are the ids looked up, columns the ids that connect, and an
 * entry shows the difference column − row.
 *
 * <p>Which cells have an entry is a predicate, so that the table {@linkplain #of(IdRange, IdRange)
 * by rule} and the one recorded from live traffic are the same type and can be compared cell by
 * cell. Immutable.
 */
public final class LookupTable {
  private final IdRange rows;
  private final IdRange columns;
  private final List<NodeId> rowIds;
  private final List<NodeId> columnIds;
  private final boolean[][] entries;

  private LookupTable(IdRange rows, IdRange columns, BiPredicate<NodeId, NodeId> isEntry) {
    this.rows = rows;
    this.columns = columns;
    this.rowIds = rows.ids();
    this.columnIds = columns.ids();
    this.entries = new boolean[rowIds.size()][columnIds.size()];
    for (int r = 0; r < entries.length; r++) {
      for (int c = 0; c < entries[r].length; c++) {
        entries[r][c] = isEntry.test(rowIds.get(r), columnIds.get(c));
      }
    }
  }

  /** The table by the rule of {@link Offsets#isEntry}. */
  public static LookupTable of(IdRange rows, IdRange columns) {
    return of(rows, columns, Offsets::isEntry);
  }

  /** The table with an entry wherever {@code isEntry} holds for (row, column). */
  public static LookupTable of(IdRange rows, IdRange columns, BiPredicate<NodeId, NodeId> isEntry) {
    return new LookupTable(rows, columns, isEntry);
  }

  /** The ids of the rows. */
  public IdRange rows() {
    return rows;
  }

  /** The ids of the columns. */
  public IdRange columns() {
    return columns;
  }

  /** The entry in a cell, column − row, or nothing where the cell is empty or out of the frame. */
  public Optional<NodeId> cell(NodeId row, NodeId column) {
    int r = rowIds.indexOf(row);
    int c = columnIds.indexOf(column);
    return r >= 0 && c >= 0 && entries[r][c] ? Optional.of(column.minus(row)) : Optional.empty();
  }

  /**
   * The cells that this table and another one of the same frame do not have in common, one text
   * each, such as {@code row 5 column 13: 8 is missing}.
   *
   * @throws IllegalArgumentException when the frames differ
   */
  public List<String> differencesFrom(LookupTable expected) {
    if (!rows.equals(expected.rows) || !columns.equals(expected.columns)) {
      throw new IllegalArgumentException("tables of different frames cannot be compared");
    }
    List<String> differences = new ArrayList<>();
    for (int r = 0; r < entries.length; r++) {
      for (int c = 0; c < entries[r].length; c++) {
        if (entries[r][c] != expected.entries[r][c]) {
          NodeId row = rowIds.get(r);
          NodeId column = columnIds.get(c);
          differences.add(
              String.format(
                  Locale.ROOT,
                  "row %s column %s: %s is %s",
                  row,
                  column,
                  difference(row, column),
                  entries[r][c] ? "not in the table" : "missing"));
        }
      }
    }
    return differences;
  }

  /**
   * The table as Markdown in the seed's form: ids above and below, row ids at the left, cells
   * padded to one width, no white space at the ends of lines. Ends with a newline.
   */
  public String toMarkdown() {
    int width = 2;
    for (NodeId id : rowIds) {
      width = Math.max(width, id.toString().length());
    }
    for (NodeId id : columnIds) {
      width = Math.max(width, id.toString().length());
    }
    StringBuilder text = new StringBuilder();
    String header = line(width, "", columnIds::get);
    text.append(header);
    text.append("| :").append("-".repeat(width - 1));
    text.append((" | :" + "-".repeat(width - 1)).repeat(columnIds.size())).append('\n');
    for (int r = 0; r < entries.length; r++) {
      int row = r;
      text.append(line(width, rowIds.get(r), c -> text(row, c)));
    }
    return text.append(header).toString();
  }

  private Object text(int r, int c) {
    return entries[r][c] ? difference(rowIds.get(r), columnIds.get(c)) : "";
  }

  private static String difference(NodeId row, NodeId column) {
    return row.compareTo(column) <= 0 ? column.minus(row).toString() : "-" + row.minus(column);
  }

  private String line(int width, Object head, Function<Integer, Object> cell) {
    StringBuilder line = new StringBuilder();
    String pattern = "| %-" + width + "s ";
    line.append(String.format(Locale.ROOT, pattern, head));
    for (int c = 0; c < columnIds.size(); c++) {
      line.append(String.format(Locale.ROOT, pattern, cell.apply(c)));
    }
    return line.toString().stripTrailing() + "\n";
  }

  @Override
  public String toString() {
    return toMarkdown();
  }
}
