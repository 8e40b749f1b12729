package dev.peerdiscovery.core.routing;

import static dev.peerdiscovery.core.Peers.contact;
import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.routing.RoutingTable.Entry;
import java.util.Comparator;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LongestSilentTest {
  private static final int QUARTERS = 40;

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void longestSilent_isWhatLookingAtAllOfThemFinds(long seed) {
    Random random = new Random(seed);
    NodeId self = NodeId.of(random.nextInt(256));
    RoutingTable table = new RoutingTable(self, 1 + random.nextInt(6));
    for (int step = 0; step < 2_000; step++) {
      NodeId id = NodeId.of(random.nextInt(256));
      long now = CoarseTime.UNIT_NANOS * random.nextInt(QUARTERS);
      switch (random.nextInt(4)) {
        case 0 -> table.failed(id, now);
        case 1 -> table.answered(id, 1_000_000, now);
        default -> {
          if (!id.equals(self)) {
            table.insert(contact(id), now);
          }
        }
      }
      int lowest = random.nextInt(9);
      int highest = lowest + random.nextInt(256 - lowest);
      long since = CoarseTime.UNIT_NANOS * random.nextInt(QUARTERS);
      int remainder = random.nextInt(3);
      Predicate<Contact> counts = it -> (it.id().hashCode() & 3) != remainder;

      assertThat(table.longestSilent(lowest, highest, since, counts))
          .as("step %d", step)
          .isEqualTo(longestSilent(table, lowest, highest, since, counts));
    }
  }

  private static Optional<Contact> longestSilent(
      RoutingTable table, int lowest, int highest, long since, Predicate<Contact> counts) {
    return table.entries().stream()
        .filter(entry -> entry.bucket() >= lowest && entry.bucket() <= highest)
        .filter(entry -> entry.failures() == 0 && entry.answeredNanos() <= since)
        .filter(entry -> counts.test(entry.contact()))
        .min(Comparator.comparingLong(Entry::answeredNanos))
        .map(Entry::contact);
  }
}
