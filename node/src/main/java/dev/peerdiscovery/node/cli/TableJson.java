package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.core.id.IdRange;
import dev.peerdiscovery.core.id.LookupTable;
import dev.peerdiscovery.core.id.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A table as JSON: its frame, and each entry with row, column and offset. */
final class TableJson {
  private TableJson() {}

  static Json of(LookupTable table) {
    return new Json()
        .put("rows", range(table.rows()))
        .put("columns", range(table.columns()))
        .put("entries", entries(table));
  }

  private static String range(IdRange range) {
    return range.first() + ".." + range.last();
  }

  private static List<Map<String, Object>> entries(LookupTable table) {
    List<Map<String, Object>> entries = new ArrayList<>();
    for (NodeId row : table.rows().ids()) {
      for (NodeId column : table.columns().ids()) {
        table
            .cell(row, column)
            .ifPresent(
                offset ->
                    entries.add(
                        new Json()
                            .put("row", row.toString())
                            .put("column", column.toString())
                            .put("offset", offset.toString())
                            .fields()));
      }
    }
    return entries;
  }
}
