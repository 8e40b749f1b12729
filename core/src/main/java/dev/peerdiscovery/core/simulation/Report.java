package dev.peerdiscovery.core.simulation;

import java.time.Duration;
import java.util.List;

/**
 * How a network did, over the time in which it was measured. Shares are between 0 and 1.
 *
 * @param nodes how many peers there were
 * @param contacts the mean number of contacts in a table, at the end
 * @param lookups how many lookups ended
 * @param found the share of lookups whose first contact is the nearest of all that have to be found
 * @param recall the mean share of the k nearest that they found
 * @param hops mean hops to the nearest that answered: 1 where the asker had it as a contact
 * @param hopCounts how many lookups took no hop, because nobody answered, how many one, and so on
 * @param rounds mean time to finish, in median round trips
 * @param calls mean calls of a lookup
 * @param toFind how long until the nearest had answered, of the lookups that found it
 * @param toFinish how long until lookups were over
 * @param joins how many peers joined
 * @param callsPerJoin mean calls of a join, those that others made to it not counted
 * @param traffic all calls and bytes
 * @param upkeepCallsPerNodeAndSecond liveness, refresh, dial-backs, retries and seeds
 * @param callsPerNodeAndSecond all calls
 * @param bytesPerNodeAndSecond all messages, of either way
 * @param virtualTime how long it was measured
 * @param traceHash of the whole run
 */
public record Report(
    int nodes,
    double contacts,
    int lookups,
    double found,
    double recall,
    double hops,
    List<Integer> hopCounts,
    double rounds,
    double calls,
    Percentiles toFind,
    Percentiles toFinish,
    int joins,
    double callsPerJoin,
    Traffic.Count traffic,
    double upkeepCallsPerNodeAndSecond,
    double callsPerNodeAndSecond,
    double bytesPerNodeAndSecond,
    Duration virtualTime,
    String traceHash) {
  /** Copies the list. */
  public Report {
    hopCounts = List.copyOf(hopCounts);
  }
}
