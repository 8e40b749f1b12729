package dev.peerdiscovery.core.engine;

/** One concern of the engine: it does what is due, and says when something will be. */
interface Part {
  /** {@link #nextWake} of a part that waits for nothing but inputs. */
  long NEVER = Long.MAX_VALUE;

  /** Does everything that is due. Called after every input, so it must be idle when nothing is. */
  void advance(long nowNanos);

  /** When {@link #advance} has to be called again if no input comes before; maybe in the past. */
  long nextWake();
}
