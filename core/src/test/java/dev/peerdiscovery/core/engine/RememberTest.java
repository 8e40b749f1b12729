package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.simulation.Addresses;
import dev.peerdiscovery.core.simulation.EventLog;
import dev.peerdiscovery.core.simulation.Newcomer;
import dev.peerdiscovery.core.simulation.VirtualNetwork;
import dev.peerdiscovery.core.simulation.VirtualPeer;
import dev.peerdiscovery.core.simulation.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is kept over a restart, and what becomes of it. */
class RememberTest {
  private final VirtualNetwork network = new VirtualNetwork(1);
  private final EventLog log = new EventLog();

  @BeforeEach
  void watch() {
    network.observe(log);
  }

  private static SignedPeerRecord record(int id) {
    return Wire.sign(new PeerRecord(NodeId.of(id), List.of(Addresses.DENSE.of(id)), 1, "test"));
  }

  private static List<NodeId> ids(List<SignedPeerRecord> records) {
    return records.stream().map(SignedPeerRecord::id).toList();
  }

  /** A peer that remembers before it does anything else. */
  private VirtualPeer restarted(int id, List<SignedPeerRecord> records) {
    return network.start(
        Newcomer.of(NodeId.of(id), Addresses.DENSE.of(id), EngineConfig.defaults())
            .remembering(records));
  }

  private VirtualPeer started(int id) {
    return restarted(id, List.of());
  }

  @Test
  void remembered_areCalledBeforeThePeerIsAlone() {
    started(1);
    VirtualPeer back = restarted(2, List.of(record(1), record(2), record(3)));
    network.run(Duration.ofSeconds(5));

    assertThat(log.of(back, Event.JoinEnded.class)).containsExactly(new Event.JoinEnded(1));
    assertThat(ids(back.engine().worthKeeping())).containsExactly(NodeId.of(1), NodeId.of(3));
  }

  @Test
  void remembered_thatAreAway_areKeptAndCalledAgain() {
    VirtualPeer back = restarted(2, List.of(record(1)));
    network.run(Duration.ofMinutes(1));
    assertThat(back.engine().status().state()).isEqualTo(EngineStatus.State.ALONE);
    assertThat(ids(back.engine().worthKeeping())).containsExactly(NodeId.of(1));

    started(1);
    network.run(Duration.ofMinutes(1));
    assertThat(back.engine().status().state()).isEqualTo(EngineStatus.State.JOINED);
  }

  @Test
  void worthKeeping_areAllContacts_andOfTheDepartedOnlyWhileThoseAreFew() {
    List<SignedPeerRecord> away = new ArrayList<>();
    for (int id = 100; id < 200; id++) {
      away.add(record(id));
    }
    VirtualPeer back = restarted(2, away);
    assertThat(ids(back.engine().worthKeeping())).isEqualTo(ids(away.subList(0, 20)));

    for (int id = 3; id < 33; id++) {
      restarted(id, List.of(record(2)));
    }
    network.run(Duration.ofMinutes(1));
    assertThat(back.engine().status().contacts()).isGreaterThanOrEqualTo(20);
    assertThat(back.engine().worthKeeping()).hasSize(back.engine().status().contacts());
  }
}
