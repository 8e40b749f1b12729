package dev.peerdiscovery.core.routing;

import static dev.peerdiscovery.tests.Interleavings.require;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.simulation.Wire;
import dev.peerdiscovery.tests.Interleavings;
import java.util.List;
import java.util.stream.LongStream;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What requests read of a table while its owner changes it. */
@Tag(Interleavings.TAG)
class RoutingConcurrencyTest {
  /** Each answer is of the table as it stood at one moment, in order and without a gap. */
  @Param(name = "contact", gen = IntGen.class, conf = "0:5")
  public static class OfTableView {
    private static final List<Contact> CONTACTS =
        LongStream.of(1, 2, 3, 4, 5, 6).mapToObj(OfTableView::contact).toList();

    private final RoutingTable table = new RoutingTable(NodeId.ZERO, 4);

    /** As the node publishes it after every input. */
    private volatile TableView published = table.view();

    private static Contact contact(long id) {
      List<Endpoint> at = List.of(new Endpoint("10.0.0." + id, 1));
      RecordVerifier verifier =
          RecordVerifier.assigned("test", AddressPolicy.of(Scope.PRIVATE, false));
      return ((RecordVerifier.Verified)
              verifier.verify(Wire.sign(new PeerRecord(NodeId.of(id), at, 1, "test"))))
          .contact();
    }

    @Operation(nonParallelGroup = "owner")
    public void insert(@Param(name = "contact") int contact) {
      table.insert(CONTACTS.get(contact), 0);
      published = table.view();
    }

    @Operation(nonParallelGroup = "owner")
    public void remove(@Param(name = "contact") int contact) {
      table.remove(CONTACTS.get(contact).id());
      published = table.view();
    }

    @Operation(nonParallelGroup = "owner")
    public void suspect(@Param(name = "contact") int contact) {
      table.failed(CONTACTS.get(contact).id(), 0);
      published = table.view();
    }

    @Operation
    public String read() {
      List<Contact> closest = published.closest(NodeId.ZERO, 10);
      StringBuilder ids = new StringBuilder();
      for (int i = 0; i < closest.size(); i++) {
        require(
            i == 0 || closest.get(i - 1).id().compareTo(closest.get(i).id()) < 0, "another order");
        ids.append(closest.get(i).id()).append(' ');
      }
      return ids.toString();
    }
  }

  @Test
  void tableView() {
    Interleavings.stress(OfTableView.class);
  }
}
