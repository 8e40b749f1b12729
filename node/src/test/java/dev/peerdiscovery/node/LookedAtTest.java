package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.proto.RecordCodec;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LookedAtTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final LookedAt lookedAt = new LookedAt();

  private static SignedPeerRecord record(int id, long sequence) {
    return record(NodeId.of(id), sequence);
  }

  private static SignedPeerRecord record(NodeId id, long sequence) {
    return RecordCodec.unsigned()
        .sign(new PeerRecord(id, List.of(new Endpoint("10.0.0.1", 7400)), sequence, "default"));
  }

  @Test
  void oneRecord_isDueOnceASecond() {
    assertThat(lookedAt.isDue(record(1, 1), 5)).isTrue();
    assertThat(lookedAt.isDue(record(1, 1), 6)).isFalse();
    assertThat(lookedAt.isDue(record(1, 1), 4 + SECOND)).isFalse();
    assertThat(lookedAt.isDue(record(1, 1), 5 + SECOND)).isTrue();
    assertThat(lookedAt.isDue(record(1, 1), 6 + SECOND)).isFalse();
  }

  @Test
  void newerRecord_isDueAtOnce() {
    assertThat(lookedAt.isDue(record(1, 1), 0)).isTrue();
    assertThat(lookedAt.isDue(record(1, 2), 0)).isTrue();
  }

  /** More of them than it remembers: some are looked at twice, none is kept back. */
  @Test
  void manyRecords_areAllDue() {
    for (int i = 0; i < 5000; i++) {
      assertThat(lookedAt.isDue(record(i, 1), 0)).isTrue();
    }
  }

  /** Two that fall together would each have the other looked at anew with every call. */
  @Test
  void recordsOfWholeTable_areHardlyLookedAtTwice() {
    SplittableRandom random = new SplittableRandom(1);
    List<SignedPeerRecord> callers =
        Stream.generate(() -> record(NodeId.random(random), 1)).limit(400).toList();
    callers.forEach(caller -> lookedAt.isDue(caller, 0));

    int again = 0;
    for (int call = 0; call < 4_000; call++) {
      again += lookedAt.isDue(callers.get(call % callers.size()), call) ? 1 : 0;
    }

    assertThat(again).isLessThan(40);
  }
}
