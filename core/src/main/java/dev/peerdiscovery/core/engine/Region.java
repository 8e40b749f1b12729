package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.message.Refusal;
import java.time.Duration;
import java.util.List;

/**
 * What a look at the region of a key came to. Immutable.
 *
 * <p>A service of which nobody says anything may still have instances: the nodes that keep their
 * records may be busy, or out of reach. A record counts as published when at least half of the
 * region has it, so <em>more</em> than half have to have been read before it is known that there is
 * none: then one of those that were read has each record that is published.
 *
 * @param keepers those that answered, nearest first
 * @param isRead whether more than half of the region answered, so that what it did not name is not
 *     there; also when this node is the whole network
 * @param retryAfter when so many of those that were too busy may be asked again; never zero
 */
record Region(List<Keeper> keepers, boolean isRead, Duration retryAfter) {
  /** Copies the list. */
  Region {
    keepers = List.copyOf(keepers);
  }

  /** How many of the region answered. */
  int size() {
    return keepers.size();
  }

  /** What those are told who asked for a service of which therefore nothing is known. */
  Refusal refusal() {
    return unreachable(retryAfter);
  }

  /** The same without a look. */
  static Refusal unreachable(Duration retryAfter) {
    return new Refusal(
        Refusal.Reason.REGION_UNREACHABLE,
        "too few of the nodes that keep this service's records answered, so it is not known who"
            + " provides it; try again, or ask another node",
        retryAfter);
  }
}
