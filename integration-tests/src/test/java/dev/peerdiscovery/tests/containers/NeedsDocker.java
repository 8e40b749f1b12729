package dev.peerdiscovery.tests.containers;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.testcontainers.DockerClientFactory;

/**
 * Scenarios on containers. Where no Docker engine answers they are skipped, and say so; with {@code
 * -Dcontainers.required=true} they fail there.
 */
@Tag("containers")
@ExtendWith(NeedsDocker.Engine.class)
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@interface NeedsDocker {
  /** Whether an engine answers. */
  final class Engine implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      if (DockerClientFactory.instance().isDockerAvailable()) {
        return ConditionEvaluationResult.enabled("a Docker engine answers");
      }
      String why = "no Docker engine answers; start one, or set DOCKER_HOST";
      if (Boolean.getBoolean("containers.required")) {
        throw new IllegalStateException(why);
      }
      return ConditionEvaluationResult.disabled(why);
    }
  }
}
