package dev.peerdiscovery.core.id;

import static dev.peerdiscovery.core.id.Numbers.number;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Random;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DistanceTest {
  /** The one place that ties order and bucket together; all else derives from these two. */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {11, 12, 13, 14})
  void orderAndBucket_areOneNotion(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      NodeId self = Numbers.draw(random);
      NodeId a = Numbers.draw(random);
      NodeId b = random.nextInt(10) == 0 ? a : Numbers.draw(random);
      Distance toA = self.distanceTo(a);
      Distance toB = self.distanceTo(b);
      BigInteger x = number(self).xor(number(a));
      BigInteger y = number(self).xor(number(b));

      int order = x.compareTo(y);
      assertThat(Integer.signum(toA.compareTo(toB))).isEqualTo(order);
      assertThat(Integer.signum(self.compareDistances(a, b))).isEqualTo(order);
      assertThat(toA.bucket()).isEqualTo(x.bitLength() - 1);
      assertThat(self.bucketOf(a)).isEqualTo(toA.bucket());
      assertThat(toA.isZero()).isEqualTo(x.signum() == 0);
      if (toA.bucket() < toB.bucket()) {
        assertThat(order).as("a lower bucket is nearer").isNegative();
      }
      if (order < 0) {
        assertThat(toA.bucket()).as("nearer is no higher bucket").isLessThanOrEqualTo(toB.bucket());
      }
    }
  }

  /** Maymounkov and Mazières, section 2.1: what makes XOR a metric, and a good one. */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {15, 16})
  void isAUnidirectionalMetric(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      NodeId a = Numbers.draw(random);
      NodeId b = Numbers.draw(random);
      NodeId c = Numbers.draw(random);

      assertThat(a.distanceTo(a).isZero()).isTrue();
      assertThat(a.distanceTo(b)).isEqualTo(b.distanceTo(a));
      assertThat(number(a.distanceTo(c)))
          .as("triangle %s %s %s", a, b, c)
          .isLessThanOrEqualTo(number(a.distanceTo(b)).add(number(b.distanceTo(c))));
      // For each distance from a there is exactly one id: whoever is as far as b is b.
      Distance d = a.distanceTo(b);
      assertThat(new NodeId(a.w0() ^ d.w0(), a.w1() ^ d.w1(), a.w2() ^ d.w2(), a.w3() ^ d.w3()))
          .isEqualTo(b);
      assertThat(a.compareDistances(b, c) == 0).isEqualTo(b.equals(c));
    }
  }

  @Test
  void bucket_holdsFromAPowerOfTwoToTheNext() {
    for (int i = 0; i < NodeId.BITS; i++) {
      NodeId lowest = NodeId.powerOfTwo(i);
      NodeId highest = lowest.plus(lowest.minus(NodeId.of(1)));

      assertThat(NodeId.ZERO.bucketOf(lowest)).isEqualTo(i);
      assertThat(NodeId.ZERO.bucketOf(highest)).isEqualTo(i);
    }
    assertThat(NodeId.ZERO.bucketOf(NodeId.ZERO)).isEqualTo(-1);
    assertThat(new Distance(0, 0, 0, 0).bucket()).isEqualTo(-1);
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {17, 18})
  void share_isTheDistanceOverTheSpace(long seed) {
    Random random = new Random(seed);
    Distance before = new Distance(0, 0, 0, 0);
    for (int i = 0; i < 5_000; i++) {
      Distance distance = NodeId.ZERO.distanceTo(Numbers.draw(random));
      double exact =
          new BigDecimal(number(distance))
              .divide(new BigDecimal(Numbers.SPACE), MathContext.DECIMAL128)
              .doubleValue();

      assertThat(distance.share()).isCloseTo(exact, Percentage.withPercentage(1e-12));
      assertThat(distance.share()).isBetween(0.0, Math.nextDown(1.0));
      assertThat(Double.compare(before.share(), distance.share()) * before.compareTo(distance))
          .as("share keeps the order")
          .isNotNegative();
      before = distance;
    }
  }

  @Test
  void share_atTheEdges() {
    assertThat(new Distance(0, 0, 0, 0).share()).isZero();
    assertThat(new Distance(0, 0, 0, 1).share()).isEqualTo(0x1p-256);
    assertThat(NodeId.ZERO.distanceTo(NodeId.powerOfTwo(255)).share()).isEqualTo(0.5);
    assertThat(new Distance(-1, -1, -1, -1).share()).isLessThan(1);
  }
}
