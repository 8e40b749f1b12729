package dev.peerdiscovery.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.IdRange;
import dev.peerdiscovery.core.id.LookupTable;
import dev.peerdiscovery.core.id.NodeId;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The comparison of what was recorded with the rule. */
class DemoTableTest {
  private static final int PEERS = 33;

  /** What is recorded of peers that do as they should: spelled out, not taken from the rule. */
  private static Set<Recorder.Asked> recorded() {
    Set<Recorder.Asked> asked = new HashSet<>();
    for (int caller = 0; caller < PEERS; caller++) {
      asked.add(asked(caller, caller));
      for (int offset = 1; offset <= caller; offset *= 2) {
        asked.add(asked(caller, caller - offset));
      }
    }
    return asked;
  }

  private static Recorder.Asked asked(long caller, long target) {
    return new Recorder.Asked(NodeId.of(caller), NodeId.of(target));
  }

  @Test
  void theWholeColumnsAreTheTable() {
    DemoTable table = DemoTable.of(recorded(), PEERS);
    assertThat(table.differences()).isEmpty();
    assertThat(table.isEqual()).isTrue();
    assertThat(table.recorded().toMarkdown())
        .isEqualTo(LookupTable.of(IdRange.parse("0..16"), IdRange.parse("0..32")).toMarkdown());
    assertThat(table.entries()).isEqualTo(103);
    assertThat(table.entriesBeyond()).isEqualTo(recorded().size() - 103);
  }

  @Test
  void aMissingCellIsADifference() {
    Set<Recorder.Asked> asked = recorded();
    asked.remove(asked(13, 9));
    assertThat(DemoTable.of(asked, PEERS).differences())
        .containsExactly("row 9 column 13: 4 is missing");
    assertThat(DemoTable.of(asked, PEERS).isEqual()).isFalse();
  }

  @Test
  void aMissingDiagonalIsADifference() {
    Set<Recorder.Asked> asked = recorded();
    asked.remove(asked(0, 0));
    assertThat(DemoTable.of(asked, PEERS).differences())
        .containsExactly("row 0 column 0: 0 is missing");
  }

  @Test
  void anEntryTooManyIsADifference() {
    Set<Recorder.Asked> asked = recorded();
    asked.add(asked(13, 10));
    assertThat(DemoTable.of(asked, PEERS).differences())
        .containsExactly("row 10 column 13: 3 is not in the table");
  }

  @Test
  void whatIsOutsideOfTheFrameIsHeldAgainstTheRuleToo() {
    Set<Recorder.Asked> asked = recorded();
    asked.remove(asked(31, 30));
    assertThat(DemoTable.of(asked, PEERS).differences())
        .containsExactly("row 30 column 31: 1 is missing");
  }

  @Test
  void mirrorTargetsAndTheFarthestIdAreCountedApart() {
    Set<Recorder.Asked> asked = recorded();
    asked.add(asked(4, 5));
    asked.add(asked(4, 6));
    asked.add(new Recorder.Asked(NodeId.of(4), NodeId.of(4).complement()));
    DemoTable table = DemoTable.of(asked, PEERS);
    assertThat(table.differences()).isEmpty();
    assertThat(table.mirrors()).isEqualTo(2);
    assertThat(table.farthest()).isEqualTo(1);
  }

  @Test
  void aTargetAboveThatIsNeitherIsADifference() {
    Set<Recorder.Asked> asked = recorded();
    asked.add(asked(4, 7));
    // 5 + 1 is in the row of 5, but its mirror is 5 - 1.
    asked.add(asked(5, 6));
    assertThat(DemoTable.of(asked, PEERS).differences())
        .containsExactlyInAnyOrder(
            "peer 4 looked up 7, which is neither a mirror target nor the farthest id",
            "peer 5 looked up 6, which is neither a mirror target nor the farthest id");
  }

  @Test
  void fewPeersAreComparedInTheirColumns() {
    Set<Recorder.Asked> asked = recorded();
    asked.removeIf(each -> each.caller().compareTo(NodeId.of(5)) >= 0);
    DemoTable table = DemoTable.of(asked, 5);
    assertThat(table.isEqual()).isTrue();
    assertThat(table.recorded().columns()).isEqualTo(IdRange.parse("0..4"));
    assertThat(table.recorded().rows()).isEqualTo(IdRange.parse("0..16"));
  }
}
