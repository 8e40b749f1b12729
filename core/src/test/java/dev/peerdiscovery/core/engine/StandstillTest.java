package dev.peerdiscovery.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.simulation.Newcomer;
import dev.peerdiscovery.core.simulation.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** A process that is stopped for a minute, as by SIGSTOP or with its machine, and goes on. */
class StandstillTest {
  private static final int CONTACTS = 10;

  private long nowNanos;
  private final Network network =
      Network.of(Newcomer.NETWORK.name(), IdentityMode.ASSIGNED, Scope.PRIVATE);
  private final Engine engine =
      new Engine(
          EngineConfig.defaults(),
          Rig.ID,
          network,
          1,
          List.of(),
          Wire.signer(Optional.empty()),
          RecordVerifier.assigned(network.name(), AddressPolicy.of(Scope.PRIVATE, false)),
          new SplittableRandom(1),
          new SplittableRandom(2),
          0);

  private void startWithContacts() {
    engine.advertise(List.of(Rig.ENDPOINT), 0);
    engine.wake(0);
    engine.resume(
        LongStream.rangeClosed(1, CONTACTS)
            .mapToObj(id -> Rig.contact(Rig.record(NodeId.of(id))))
            .toList(),
        0);
  }

  /** Runs until so many calls are under way, none of which is answered. */
  private List<Call> callsUnderWay(int count) {
    List<Call> calls = new ArrayList<>(engine.drainCalls());
    while (calls.size() < count) {
      nowNanos = Math.max(nowNanos, engine.nextWake());
      engine.wake(nowNanos);
      calls.addAll(engine.drainCalls());
    }
    return calls;
  }

  private void failAfter(Duration pause) {
    startWithContacts();
    List<Call> calls = callsUnderWay(3);
    nowNanos += pause.toNanos();
    calls.forEach(call -> engine.completed(call.id(), Rig.TIMEOUT, nowNanos));
  }

  @Test
  void callsThatRanOutMeanwhile_makeNobodyASuspect() {
    failAfter(Duration.ofMinutes(1));
    assertThat(engine.status().suspects()).isZero();
    assertThat(engine.contactCount()).isEqualTo(CONTACTS);
  }

  @Test
  void callsThatRanOutInTime_do() {
    failAfter(Duration.ofSeconds(1));
    assertThat(engine.status().suspects()).isPositive();
  }
}
