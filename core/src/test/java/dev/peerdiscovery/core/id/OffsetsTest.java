package dev.peerdiscovery.core.id;

import static dev.peerdiscovery.core.id.Numbers.SPACE;
import static dev.peerdiscovery.core.id.Numbers.number;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OffsetsTest {
  /** The seed's sentence for 13 says 6, its table says 5; the table follows the rule. */
  @Test
  void column_ofTheSeedsExamples() {
    assertThat(Offsets.column(NodeId.of(13))).isEqualTo(ids(12, 11, 9, 5));
    assertThat(Offsets.column(NodeId.of(8))).isEqualTo(ids(7, 6, 4, 0));
    assertThat(Offsets.column(NodeId.of(1))).isEqualTo(ids(0));
    assertThat(Offsets.column(NodeId.ZERO)).isEmpty();
  }

  @Test
  void row_endsAtTheTopOfTheSpace() {
    NodeId top = NodeId.ZERO.complement();

    assertThat(Offsets.row(NodeId.of(13)))
        .hasSize(256)
        .startsWith(NodeId.of(14), NodeId.of(15), NodeId.of(17), NodeId.of(21));
    assertThat(Offsets.row(top)).isEmpty();
    assertThat(Offsets.row(top.minus(NodeId.of(2)))).containsExactly(top.minus(NodeId.of(1)), top);
    assertThat(Offsets.column(top)).hasSize(256);
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {21, 22, 23})
  void columnAndRow_agreeWithBigInteger(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 100; i++) {
      NodeId id = Numbers.draw(random);
      BigInteger n = number(id);
      List<NodeId> below = new ArrayList<>();
      List<NodeId> above = new ArrayList<>();
      for (BigInteger offset = BigInteger.ONE;
          offset.compareTo(SPACE) < 0;
          offset = offset.shiftLeft(1)) {
        if (n.subtract(offset).signum() >= 0) {
          below.add(Numbers.id(n.subtract(offset)));
        }
        if (n.add(offset).compareTo(SPACE) < 0) {
          above.add(Numbers.id(n.add(offset)));
        }
      }

      assertThat(Offsets.column(id)).as("column %s", id).isEqualTo(below);
      assertThat(Offsets.row(id)).as("row %s", id).isEqualTo(above);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {24, 25, 26})
  void exactlyOneOfEachPair_isTheMirror_andLiesInBucketI(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      NodeId n = Numbers.draw(random);
      for (int bit = 0; bit < NodeId.BITS; bit++) {
        NodeId below = n.minus(NodeId.powerOfTwo(bit));
        NodeId above = n.plus(NodeId.powerOfTwo(bit));
        NodeId mirror = Offsets.mirror(n, bit);
        NodeId expected = n.bit(bit) ? below : above;

        assertThat(mirror).as("%s, bit %d", n, bit).isEqualTo(expected);
        assertThat(number(mirror)).isEqualTo(number(n).xor(BigInteger.ONE.shiftLeft(bit)));
        assertThat(n.bucketOf(mirror)).as("bucket of %s from %s", mirror, n).isEqualTo(bit);
        if (bit < 255) {
          assertThat(below).as("the two differ below the top bit").isNotEqualTo(above);
        }
      }
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {27, 28})
  void theOtherColumnEntries_lieInTheBucketOfTheNextSetBitAbove(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      NodeId n = Numbers.draw(random);
      List<NodeId> column = Offsets.column(n);
      int nextSetBit = -1;
      for (int bit = NodeId.BITS - 1; bit >= 0; bit--) {
        if (n.bit(bit)) {
          nextSetBit = bit;
        }
        boolean inColumn = bit < column.size();
        assertThat(inColumn)
            .as("n - 2^%d is in the column of %s as long as a bit is set at or above", bit, n)
            .isEqualTo(nextSetBit >= 0);
        if (inColumn) {
          assertThat(n.bucketOf(column.get(bit))).as("%s, bit %d", n, bit).isEqualTo(nextSetBit);
        }
      }
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = 29)
  void isEntry_isTheRuleOfTheTable(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      NodeId row = Numbers.draw(random);
      NodeId column =
          random.nextBoolean()
              ? Numbers.draw(random)
              : row.plus(NodeId.powerOfTwo(random.nextInt(256)));
      BigInteger difference = number(column).subtract(number(row));

      assertThat(Offsets.isEntry(row, column))
          .as("row %s column %s", row, column)
          .isEqualTo(difference.signum() >= 0 && difference.bitCount() <= 1);
    }
  }

  private static List<NodeId> ids(long... values) {
    return LongStream.of(values).mapToObj(NodeId::of).toList();
  }
}
