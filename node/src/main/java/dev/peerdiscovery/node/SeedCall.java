package dev.peerdiscovery.node;

import dev.peerdiscovery.client.Caller;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One call to a seed, whose name may stand for many: behind a Kubernetes service are all nodes, and
 * this one among them. It completes, once, with the first answer of somebody else; whoever answers
 * later is heard of. Without such an answer it completes when all is over, with whatever says most.
 * The engine owner's.
 */
final class SeedCall {
  private final NodeId self;
  private final Consumer<Caller.Result> completed;
  private final Consumer<SignedPeerRecord> heardOf;
  private Optional<Caller.Result> best = Optional.empty();
  private boolean isCompleted;

  SeedCall(NodeId self, Consumer<Caller.Result> completed, Consumer<SignedPeerRecord> heardOf) {
    this.self = self;
    this.completed = completed;
    this.heardOf = heardOf;
  }

  /** Takes what came of calling one of those behind the name. */
  void take(Caller.Result result) {
    boolean answered =
        result.outcome() instanceof PingResponse response
            && !response.responder().id().equals(self);
    if (isCompleted) {
      if (answered && result.outcome() instanceof PingResponse response) {
        heardOf.accept(response.responder());
      }
    } else if (answered) {
      isCompleted = true;
      completed.accept(result);
    } else if (best.isEmpty() || weight(result) > weight(best.get())) {
      best = Optional.of(result);
    }
  }

  /** A refusal is somebody else's word; oneself says no more than that the name is right. */
  private static int weight(Caller.Result result) {
    if (result.outcome() instanceof Failure) {
      return 0;
    }
    return result.outcome() instanceof PingResponse ? 1 : 2;
  }

  /** All that were called have answered, or failed. */
  void end() {
    if (!isCompleted) {
      isCompleted = true;
      completed.accept(best.orElseThrow());
    }
  }
}
