package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.routing.RoutingTable;
import java.util.Optional;
import java.util.function.IntSupplier;

/** Says farewell to the nearest k, who know the node best, and is done when they have heard it. */
final class Leave implements Part {
  private final EngineConfig config;
  private final Self self;
  private final RoutingTable table;
  private final Calls calls;
  private final Events events;
  private IntSupplier others = () -> 0;
  private int underWay;
  private boolean begun;
  private boolean over;
  private long deadlineNanos = NEVER;

  Leave(EngineConfig config, Self self, RoutingTable table, Calls calls, Events events) {
    this.config = config;
    this.self = self;
    this.table = table;
    this.calls = calls;
    this.events = events;
  }

  /** Has it wait for others who say farewell, too. */
  void awaits(IntSupplier underWay) {
    others = underWay;
  }

  boolean isBegun() {
    return begun;
  }

  void begin(long nowNanos) {
    if (begun) {
      return;
    }
    begun = true;
    deadlineNanos = nowNanos + config.leaveDeadline().toNanos();
    // Whoever never said where it is has nothing to take back.
    if (self.record().isPresent()) {
      SignedPeerRecord farewell = self.farewell();
      for (Contact contact : table.closest(self.id(), config.k())) {
        tell(contact, farewell, nowNanos);
      }
    }
  }

  private void tell(Contact contact, SignedPeerRecord farewell, long nowNanos) {
    underWay++;
    PingRequest request =
        new PingRequest(
            self.network(),
            Optional.of(farewell),
            Optional.of(contact.id()),
            contact.endpoint(),
            Bytes.EMPTY);
    calls.make(
        contact.endpoint(),
        request,
        config.leaveDeadline(),
        nowNanos,
        (outcome, rtt, now) -> underWay--);
  }

  @Override
  public void advance(long nowNanos) {
    boolean heard = underWay == 0 && others.getAsInt() == 0;
    if (begun && !over && (heard || nowNanos >= deadlineNanos)) {
      over = true;
      events.add(new Event.Left());
    }
  }

  @Override
  public long nextWake() {
    return begun && !over ? deadlineNanos : NEVER;
  }
}
