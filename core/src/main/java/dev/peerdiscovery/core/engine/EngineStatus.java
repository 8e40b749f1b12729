package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.record.Endpoint;
import java.util.List;

/**
 * How a node is doing, for its operator.
 *
 * @param state what it is about
 * @param contacts contacts in the table, suspects included
 * @param suspects contacts that missed their last call
 * @param replacements records that wait for a place in a full bucket
 * @param departed contacts that went away and are called again now and then
 * @param estimatedSize how many peers the network seems to have, this one included
 * @param callsUnderWay outgoing calls without an outcome yet
 * @param calls outgoing calls made so far
 * @param seeds what each seed said last
 * @param warnings what an operator should know; empty when all is well
 */
public record EngineStatus(
    State state,
    int contacts,
    int suspects,
    int replacements,
    int departed,
    double estimatedSize,
    int callsUnderWay,
    long calls,
    List<Seed> seeds,
    List<String> warnings) {
  /** What a node is about. */
  public enum State {
    /** The first round of bootstrapping is under way. */
    STARTING,
    /** It has found nobody yet, and goes on asking its seeds. */
    ALONE,
    /** It is filling its table. */
    JOINING,
    /** It is part of the network. */
    JOINED,
    /** Everybody fails and nothing comes in: its own network seems to be gone. */
    SUSPECTS_ITSELF,
    /** It is saying farewell, or has. */
    LEAVING
  }

  /**
   * A seed.
   *
   * @param endpoint where it is dialled
   * @param lastResult what came of the last call, for a person
   */
  public record Seed(Endpoint endpoint, String lastResult) {
    static final String ITSELF = "this node itself";

    /**
     * Whether the seed turned out to be the node, which is no fault: all may be configured alike.
     */
    public boolean isItself() {
      return lastResult.equals(ITSELF);
    }
  }

  /** Copies the lists. */
  public EngineStatus {
    seeds = List.copyOf(seeds);
    warnings = List.copyOf(warnings);
  }
}
