package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.Refusal;

/** What a script is told of a call that got no answer. */
final class Outcomes {
  private Outcomes() {}

  /** A peer that is too busy, starting or leaving is as good as out of reach: try again. */
  static ExitCode exitCode(Outcome outcome) {
    if (outcome instanceof Refusal refusal) {
      return switch (refusal.reason()) {
        case OVERLOADED, QUARANTINED, NOT_SERVING, REGION_UNREACHABLE -> ExitCode.UNREACHABLE;
        default -> ExitCode.REFUSED;
      };
    }
    return outcome instanceof Failure failure
            && (failure.kind() == Failure.Kind.NOT_DIALLED || failure.kind() == Failure.Kind.TLS)
        ? ExitCode.REFUSED
        : ExitCode.UNREACHABLE;
  }
}
