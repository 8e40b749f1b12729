package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.core.id.IdRange;
import dev.peerdiscovery.core.id.LookupTable;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.id.Offsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What was recorded, held against the rule of the table.
 *
 * @param recorded the frame as it was recorded
 * @param differences the cells, in the frame or beyond it, where record and rule differ, and the
 *     lookups that belong to neither the table nor its mirror
 * @param entries entries in the frame
 * @param entriesBeyond entries outside of it
 * @param mirrors targets above the caller's id that are the caller XOR a power of two
 * @param farthest targets that are the caller's complement
 */
record DemoTable(
    LookupTable recorded,
    List<String> differences,
    int entries,
    int entriesBeyond,
    int mirrors,
    int farthest) {
  private static final int LAST_ROW = 16;
  private static final int LAST_COLUMN = 32;

  DemoTable {
    differences = List.copyOf(differences);
  }

  /** The record of peers 0 to {@code peers} − 1. */
  static DemoTable of(Set<Recorder.Asked> asked, int peers) {
    IdRange columns = range(Math.min(LAST_COLUMN, peers - 1));
    LookupTable frame = recorded(asked, range(LAST_ROW), columns);
    IdRange everyRow = range(Math.max(LAST_ROW, peers - 1));
    IdRange everyColumn = range(peers - 1);
    List<String> differences =
        new ArrayList<>(
            recorded(asked, everyRow, everyColumn)
                .differencesFrom(LookupTable.of(everyRow, everyColumn)));
    int entries = 0;
    int entriesBeyond = 0;
    int mirrors = 0;
    int farthest = 0;
    for (Recorder.Asked each : asked) {
      if (each.target().compareTo(each.caller()) <= 0) {
        boolean inFrame = frame.cell(each.target(), each.caller()).isPresent();
        entries += inFrame ? 1 : 0;
        entriesBeyond += inFrame ? 0 : 1;
      } else if (isMirror(each)) {
        mirrors++;
      } else if (each.target().equals(each.caller().complement())) {
        farthest++;
      } else {
        differences.add(
            String.format(
                Locale.ROOT,
                "peer %s looked up %s, which is neither a mirror target nor the farthest id",
                each.caller(),
                each.target()));
      }
    }
    return new DemoTable(frame, differences, entries, entriesBeyond, mirrors, farthest);
  }

  boolean isEqual() {
    return differences.isEmpty();
  }

  private static IdRange range(int last) {
    return new IdRange(NodeId.ZERO, NodeId.of(last));
  }

  /** What is above the caller is not of the table but of its mirror. */
  private static LookupTable recorded(Set<Recorder.Asked> asked, IdRange rows, IdRange columns) {
    return LookupTable.of(
        rows,
        columns,
        (row, column) ->
            row.compareTo(column) <= 0 && asked.contains(new Recorder.Asked(column, row)));
  }

  private static boolean isMirror(Recorder.Asked asked) {
    int exponent = asked.caller().bucketOf(asked.target());
    return exponent >= 0 && Offsets.mirror(asked.caller(), exponent).equals(asked.target());
  }
}
