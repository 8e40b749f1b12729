package dev.peerdiscovery.tests.micro;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.routing.RoutingTable;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;

/**
 * What the table allocates where it is used most. The virtual machine counts these bytes one by
 * one, so they are the same on every machine, however busy it is.
 */
class AllocationTest {
  private static final int CALLS = 10_000;
  private static final int ROUNDS = 3;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final Crowd crowd = new Crowd(5);
  private final RoutingTable table = crowd.table(crowd.id(), 20_000);
  private final List<Contact> contacts = new ArrayList<>();
  private final NodeId[] targets = crowd.ids(CALLS);
  private int results;

  AllocationTest() {
    table.forEach(entry -> contacts.add(entry.contact()));
  }

  @Test
  void aContactThatAnswered_allocatesNothing() {
    assertThat(bytes(i -> table.answered(contact(i).id(), 40_000_000, i))).isZero();
  }

  @Test
  void aContactThatProvedItsIdAgain_allocatesNothing() {
    assertThat(bytes(i -> table.insert(contact(i), i))).isZero();
  }

  @Test
  void closest_allocatesItsResultAlone() {
    assertThat(bytes(i -> results += table.closest(targets[i], Crowd.K).size()))
        .isLessThanOrEqualTo(200);
    assertThat(results).isEqualTo(Crowd.K * ROUNDS * CALLS);
  }

  private Contact contact(int i) {
    return contacts.get(i % contacts.size());
  }

  /**
   * The bytes of a call, once everything that it needs is loaded and linked. What the virtual
   * machine itself needs now and then, as when it compiles, is less than one byte for each call.
   */
  private static long bytes(IntConsumer call) {
    long bytes = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < CALLS; i++) {
        call.accept(i);
      }
      bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
    }
    return bytes / CALLS;
  }
}
