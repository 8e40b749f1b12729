package dev.peerdiscovery.tests.containers;

import java.util.Map;

/** What containers and networks are told apart by from those of others who use the same engine. */
final class Labels {
  private Labels() {}

  /** {@code -Dcontainers.run=NAME}; by it {@code .ci/run} removes what is left over of its own. */
  static Map<String, String> ofThisRun() {
    return Map.of("dev.peerdiscovery.run", System.getProperty("containers.run", ""));
  }
}
