package dev.peerdiscovery.node;

import dev.peerdiscovery.core.engine.Call;
import dev.peerdiscovery.core.engine.Engine;
import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.proto.RecordCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** An engine without a driver: what it would call is answered here, or is not. */
final class TestEngine {
  static final Network NETWORK = Network.of("default", IdentityMode.ASSIGNED, Scope.PRIVATE);
  private static final AddressPolicy POLICY = AddressPolicy.of(Scope.PRIVATE, false);
  private static final Endpoint SEED = new Endpoint("10.0.0.1", 7400);

  private final List<Call> unanswered = new ArrayList<>();
  private final Engine engine;
  private long now = 1;

  private TestEngine(List<Endpoint> seeds) {
    this.engine =
        new Engine(
            EngineConfig.defaults(),
            NodeId.of(0),
            NETWORK,
            1,
            seeds,
            RecordCodec.unsigned(),
            RecordVerifier.assigned("default", POLICY),
            new SplittableRandom(1),
            new SplittableRandom(2),
            now);
  }

  /** One that has not begun to take part, and knows a seed or none. */
  static TestEngine starting(boolean hasSeed) {
    return new TestEngine(hasSeed ? List.of(SEED) : List.of());
  }

  /** One that takes part, and whose one contact, 1, answers nothing but a Ping. */
  static TestEngine withAContact() {
    TestEngine test = starting(true);
    test.engine.advertise(List.of(new Endpoint("10.0.0.9", 7400)), test.now);
    test.engine.wake(test.now);
    test.answerPings();
    return test;
  }

  private void answerPings() {
    // The seed's, and then the one by which it proves its id.
    for (int round = 0; round < 10 && engine.contacts().isEmpty(); round++) {
      now = engine.nextWake() == Long.MAX_VALUE ? now + 1 : Math.max(now, engine.nextWake());
      engine.wake(now);
      for (Call call : engine.drainCalls()) {
        if (call.request() instanceof PingRequest ping) {
          engine.completed(
              call.id(), new PingResponse(record(1), ping.nonce(), Optional.empty()), now);
        } else {
          unanswered.add(call);
        }
      }
    }
    if (engine.contacts().isEmpty()) {
      throw new AssertionError(
          "no contact, calls " + unanswered + ", events " + engine.drainEvents());
    }
  }

  static SignedPeerRecord record(int id) {
    return RecordCodec.unsigned()
        .sign(
            new PeerRecord(
                NodeId.of(id), List.of(new Endpoint("10.0.0." + id, 7400)), 1, "default"));
  }

  Engine engine() {
    return engine;
  }

  /** The time, a little later each time. */
  long now() {
    return ++now;
  }
}
