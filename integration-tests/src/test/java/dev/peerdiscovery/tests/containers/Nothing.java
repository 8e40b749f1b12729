package dev.peerdiscovery.tests.containers;

import java.time.Duration;
import org.testcontainers.containers.wait.strategy.WaitStrategy;
import org.testcontainers.containers.wait.strategy.WaitStrategyTarget;

/** Waits for nothing: the scenarios ask the health service, also after a restart. */
final class Nothing implements WaitStrategy {
  @Override
  public void waitUntilReady(WaitStrategyTarget target) {
    // That it was started is all that is wanted.
  }

  @Override
  public WaitStrategy withStartupTimeout(Duration timeout) {
    return this;
  }
}
