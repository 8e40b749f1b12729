package dev.peerdiscovery.core.simulation;

/** Whether a message from one peer gets through to another, for a network that is cut apart. */
@FunctionalInterface
public interface Reach {
  /** Everybody reaches everybody. */
  Reach EVERYBODY = (from, to) -> true;

  /** Peers reach those on their own {@linkplain VirtualPeer#island island}. */
  Reach ISLANDS = (from, to) -> from.island() == to.island();

  /** Whether it gets through. Asked once for each message, when it arrives. */
  boolean passes(VirtualPeer from, VirtualPeer to);
}
