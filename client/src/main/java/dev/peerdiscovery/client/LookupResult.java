package dev.peerdiscovery.client;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a lookup found.
 *
 * @param target what was searched for
 * @param closest the peers nearest to the target that answered, nearest first, at most k
 * @param steps every answer in the order in which they came
 * @param calls how many calls were made
 * @param took from the first call to the end
 */
public record LookupResult(
    NodeId target, List<Contact> closest, List<Step> steps, int calls, Duration took) {
  /** Copies the lists. */
  public LookupResult {
    closest = List.copyOf(closest);
    steps = List.copyOf(steps);
  }

  /**
   * One answer.
   *
   * @param from who answered
   * @param hop how many answers deep it was found: 0 for the entry node, 1 for a peer that the
   *     entry node named, and so on
   * @param named how many peers it named
   * @param added how many of them were new
   * @param roundTrip how long the answer took
   */
  public record Step(Contact from, int hop, int named, int added, Duration roundTrip) {}

  /** The peer that has exactly the target's id, if it answered. */
  public Optional<Contact> exact() {
    return closest.stream().filter(contact -> contact.id().equals(target)).findFirst();
  }
}
