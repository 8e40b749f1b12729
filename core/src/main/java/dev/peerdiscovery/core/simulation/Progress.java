package dev.peerdiscovery.core.simulation;

/** Is told how far an experiment is. */
@FunctionalInterface
public interface Progress {
  /** Does not care. */
  Progress NONE = (stage, share) -> {};

  /**
   * It is that far.
   *
   * @param stage what it is about
   * @param share how much of that stage is done, 0 to 1
   */
  void at(String stage, double share);
}
