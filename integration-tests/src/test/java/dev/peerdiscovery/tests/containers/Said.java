package dev.peerdiscovery.tests.containers;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Frame;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.testcontainers.DockerClientFactory;

/**
 * A line that a container has printed.
 *
 * @param at when, by the engine's clock
 */
record Said(Instant at, String line) {
  /** All lines of a container, of both streams. */
  static List<Said> by(String containerId) {
    // Written by the one thread that reads the answer, and read when that is through.
    StringBuilder log = new StringBuilder();
    try {
      DockerClientFactory.instance()
          .client()
          .logContainerCmd(containerId)
          .withStdOut(true)
          .withStdErr(true)
          .withTimestamps(true)
          .exec(
              new ResultCallback.Adapter<Frame>() {
                @Override
                public void onNext(Frame frame) {
                  log.append(new String(frame.getPayload(), StandardCharsets.UTF_8));
                }
              })
          .awaitCompletion();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return log.toString().lines().map(Said::of).toList();
  }

  private static Said of(String stamped) {
    int space = stamped.indexOf(' ');
    return new Said(Instant.parse(stamped.substring(0, space)), stamped.substring(space + 1));
  }
}
