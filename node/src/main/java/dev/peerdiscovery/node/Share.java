package dev.peerdiscovery.node;

/**
 * What one caller, or one subnet, may have of a node.
 *
 * @param rate calls in the course of time
 * @param health calls of the health service in the course of time, which do not take from the rate
 * @param open calls at once, streams and refused ones among them
 */
record Share(Budget rate, Budget health, Places open) {
  /** A peer's, nothing of it taken yet. */
  static Share ofPeer(Limits limits) {
    return new Share(
        new Budget(limits.callsPerSecondPerPeer()),
        new Budget(limits.healthPerSecondPerPeer()),
        new Places(limits.callsInFlightPerPeer()));
  }

  /** A subnet's, nothing of it taken yet. */
  static Share ofSubnet(Limits limits) {
    return new Share(
        new Budget(limits.callsPerSecondPerSubnet()),
        new Budget(limits.healthPerSecondPerSubnet()),
        new Places(limits.callsInFlightPerSubnet()));
  }
}
