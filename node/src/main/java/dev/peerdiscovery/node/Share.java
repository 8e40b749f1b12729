package dev.peerdiscovery.node;

/**
 * What somebody may have of a node.
 *
 * @param rate calls in the course of time
 * @param open calls at once, streams and refused ones among them
 */
record Share(Budget rate, Places open) {
  /** Nothing of it taken yet. */
  static Share of(int callsPerSecond, int callsInFlight) {
    return new Share(new Budget(callsPerSecond), new Places(callsInFlight));
  }
}
