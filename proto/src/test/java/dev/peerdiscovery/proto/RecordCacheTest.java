package dev.peerdiscovery.proto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Which records are found again, and that nobody is given another one. */
class RecordCacheTest {
  private static final long SEED = Long.getLong("seed", 1);

  private final RecordCache cache = new RecordCache();

  private static byte[] record(NodeId id) {
    return record(id, "default");
  }

  private static byte[] record(NodeId id, String network) {
    PeerRecord record = new PeerRecord(id, List.of(new Endpoint("10.0.0.1", 7400)), 1, network);
    return RecordCodec.encode(
            new SignedPeerRecord(record, RecordCodec.encode(record), Bytes.EMPTY, Bytes.EMPTY))
        .toByteArray();
  }

  private SignedPeerRecord decode(byte[] record) throws Exception {
    return cache.decode(record, 0, record.length);
  }

  /** Five of one group. */
  private static List<byte[]> fiveThatFallTogether() {
    SplittableRandom random = new SplittableRandom(SEED);
    Map<Integer, List<byte[]>> bySlot = new HashMap<>();
    while (true) {
      byte[] record = record(NodeId.random(random));
      List<byte[]> together =
          bySlot.computeIfAbsent(RecordCache.slot(record, 0), slot -> new ArrayList<>());
      together.add(record);
      if (together.size() == 5) {
        return together;
      }
    }
  }

  @Test
  void ofThoseThatFallTogether_theLastFourStay() throws Exception {
    List<byte[]> five = fiveThatFallTogether();
    List<SignedPeerRecord> decoded = new ArrayList<>();
    for (byte[] record : five) {
      decoded.add(decode(record));
      for (int back = 0; back < 4 && back < decoded.size(); back++) {
        int index = decoded.size() - 1 - back;
        assertThat(decode(five.get(index))).isSameAs(decoded.get(index));
      }
    }
    assertThat(decode(five.get(0))).isEqualTo(decoded.get(0)).isNotSameAs(decoded.get(0));
  }

  /** Whoever asks a node of a large network is parsed with every request otherwise. */
  @SuppressWarnings("ReferenceEquality")
  @Test
  void recordsOfWholeTable_andAsManyStrangers_hardlyPushEachOtherOut() throws Exception {
    SplittableRandom random = new SplittableRandom(SEED);
    List<byte[]> records = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      records.add(record(NodeId.random(random)));
    }
    // Of others that asked once and will not come again, as many as there is room for and more.
    for (int i = 0; i < 10_000; i++) {
      decode(record(NodeId.random(random)));
    }
    for (byte[] record : records) {
      decode(record);
    }
    int again = 0;
    for (byte[] record : records) {
      SignedPeerRecord known = decode(record);
      for (byte[] other : records) {
        decode(other);
      }
      again += decode(record) == known ? 0 : 1;
    }
    // With groups of two it is 37, with four none.
    assertThat(again).as("seed %s", SEED).isLessThan(12);
  }

  /** Or the cache of a network would be a few records large. */
  @Test
  void ids_largeOrSmall_areSpreadOverThePlaces() {
    SplittableRandom random = new SplittableRandom(SEED);
    Set<Integer> ofLarge = new HashSet<>();
    Set<Integer> ofSmall = new HashSet<>();
    Set<Integer> ofSmallInLongRecords = new HashSet<>();
    for (int i = 0; i < 500; i++) {
      ofLarge.add(RecordCache.slot(record(NodeId.random(random)), 0));
      ofSmall.add(RecordCache.slot(record(NodeId.of(i)), 0));
      // Its length takes a byte more, and the id begins one later.
      ofSmallInLongRecords.add(RecordCache.slot(record(NodeId.of(i), "n".repeat(64)), 0));
    }
    // Of 2,048 places 500 thrown at random hit 443.
    assertThat(ofLarge).hasSizeGreaterThan(400);
    assertThat(ofSmall).hasSizeGreaterThan(400);
    assertThat(ofSmallInLongRecords).hasSizeGreaterThan(400);
  }

  /** Or four requests of its peer would push out all others of its group. */
  @Test
  void recordThatCanNotBeFoundAgain_pushesNobodyOut() throws Exception {
    List<byte[]> five = fiveThatFallTogether();
    SignedPeerRecord known = decode(five.get(0));
    for (byte[] other : five.subList(1, 5)) {
      byte[] later = Arrays.copyOf(other, other.length + 2);
      later[other.length] = Wire.tag(4);
      assertThat(decode(later)).isEqualTo(decode(later));
    }
    assertThat(decode(five.get(0))).isSameAs(known);
  }

  @Test
  void whatIsTooShortForAnId_isJudgedAsEver_whateverFollows() throws Exception {
    byte[] whole = record(NodeId.of(1));
    decode(whole);
    for (int length = 1; length < 40; length++) {
      int end = length;
      assertThatThrownBy(() -> cache.decode(whole, 0, end))
          .as("the first %s bytes", length)
          .isInstanceOf(InvalidProtocolBufferException.class);
    }
    assertThatThrownBy(() -> cache.decode(whole, 0, 0))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessage("record: required");
    // As short as can be looked for and shorter, and messages.
    for (int length : new int[] {36, 37, 38}) {
      byte[] bytes = new byte[length];
      bytes[0] = Wire.tag(3);
      bytes[1] = (byte) (length - 2);
      assertThatThrownBy(() -> decode(bytes)).hasMessage("record: required");
    }
  }
}
