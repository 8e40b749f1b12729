package dev.peerdiscovery.core.simulation;

/** What can go wrong in a {@link FaultSchedule}. */
public enum Fault {
  /** A peer is gone, and its machine says so; later it, or another, is back at its address. */
  STOP,
  /** A peer is gone with its machine. */
  CRASH,
  /** A peer says farewell. */
  LEAVE,
  /** Peers are cut off, in groups, and come together again. */
  PARTITION,
  /** A peer is slow for a while. */
  SLOW,
  /** A peer refuses everything for a while. */
  BUSY,
  /** A peer does nothing for a while, and then catches up. */
  PAUSE,
  /** A peer is hostile for a while. */
  HOSTILE,
  /** Somebody says in another's name that it has left, or is elsewhere. */
  LIE,
  /** More, or fewer, calls are lost. */
  LOSS
}
