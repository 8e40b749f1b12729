package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.simulation.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A simulation that only has to be run; everything in it was checked.
 *
 * @param experiment its kind: static, churn, crash, partition, adversaries, eclipse or services
 * @param about what happens in it, in one line
 * @param nodes how many peers there are
 * @param engines how many there are with those that attack them
 * @param gone how many will have gone away, about: they take memory, too
 * @param lookups how many are measured
 * @param config the numbers that their engines go by
 * @param seed that it is drawn from
 * @param options all that it was made of, so as to repeat it
 * @param run runs it
 */
record SimulationPlan(
    String experiment,
    String about,
    int nodes,
    long engines,
    double gone,
    int lookups,
    EngineConfig config,
    long seed,
    List<String> options,
    Function<Progress, SimulationOutcome> run) {
  SimulationPlan {
    options = List.copyOf(options);
  }

  boolean isStatic() {
    return experiment.equals("static");
  }

  /** Whether its peers have no upkeep, and so know little more than who is in their tables. */
  boolean isAtRest() {
    return isStatic() || experiment.equals("adversaries");
  }

  /** Whether services are looked up in it, and not peers. */
  boolean isOfServices() {
    return experiment.equals("services");
  }

  /** Whether it is about many lookups of peers over some time. */
  boolean isOfLookups() {
    return !isOfServices() && !experiment.equals("eclipse");
  }

  /** The command that runs it again. */
  String command() {
    List<String> words = new ArrayList<>(List.of("./peer", "simulate"));
    for (String option : options) {
      words.add(
          option.matches("[A-Za-z0-9_./:=,@%+-]+")
              ? option
              : "'" + option.replace("'", "'\\''") + "'");
    }
    return String.join(" ", words);
  }
}
