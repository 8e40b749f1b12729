package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.core.simulation.AdversaryRun;
import dev.peerdiscovery.core.simulation.EclipseRun;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which attack is simulated, if one is. */
final class AttackOptions {
  /** As in a network of a thousand subnets and ten thousand peers. */
  private static final int PEERS_OF_A_SUBNET = 10;

  private static final Duration SIEGE = Duration.ofMinutes(10);

  private static final Map<String, AdversaryRun.Kind> KINDS =
      Map.of(
          "colluding",
          AdversaryRun.Kind.COLLUDING,
          "nobody",
          AdversaryRun.Kind.NAMING_NOBODY,
          "silent",
          AdversaryRun.Kind.SILENT);

  @Option(
      names = "--adversaries",
      paramLabel = "SPEC",
      description = {
        // One line each: picocli would break them at a colon.
        "That share of all peers are adversaries, such as 0.2:colluding,",
        "who name one another, 0.2:nobody, who name nobody, or 0.2:silent.",
        "Nobody comes or goes."
      })
  private @Nullable String adversaries;

  @Option(
      names = "--eclipse",
      paramLabel = "SPEC",
      description = {
        "Somebody with few subnets and many ids, SUBNETS:IDS such as 2:1000, besieges one peer that"
            + " joins a public network of ten peers a subnet, and is started anew."
      })
  private @Nullable String eclipse;

  /** The names of those that are given; a run has one of them. */
  List<String> given() {
    return EventOptions.given("--adversaries", adversaries, "--eclipse", eclipse);
  }

  /**
   * Checks the one that is given and puts it together.
   *
   * @throws CliException when something is wrong
   */
  SimulationPlan plan(SimulationOptions common) {
    return adversaries != null
        ? adversaries(common, adversaries)
        : eclipse(common, String.valueOf(eclipse));
  }

  private SimulationPlan adversaries(SimulationOptions common, String text) {
    String[] parts = text.split(":", -1);
    AdversaryRun.Kind kind = parts.length == 2 ? KINDS.get(parts[1]) : null;
    if (kind == null) {
      throw Spec.wrong(
          "--adversaries",
          "must look like 0.2:colluding, 0.2:nobody or 0.2:silent, got '" + text + "'");
    }
    AdversaryRun run =
        Spec.read(
            "--adversaries",
            () ->
                new AdversaryRun(
                    common.nodes(),
                    Spec.share(parts[0]),
                    kind,
                    common.lookups(),
                    common.config(),
                    common.latency(),
                    common.loss(),
                    common.seed()));
    return common.plan(
        "adversaries",
        String.format(
            Locale.ROOT,
            "a share of %s are adversaries (%s); lookups, over %d paths, have to find the nearest of the"
                + " others",
            parts[0],
            parts[1],
            common.config().paths()),
        common.nodes(),
        0,
        List.of("--adversaries", text),
        progress -> SimulationOutcome.of(run.run(progress)));
  }

  private SimulationPlan eclipse(SimulationOptions common, String text) {
    String[] parts = text.split(":", -1);
    if (parts.length != 2 || !text.matches("[0-9]{1,9}:[0-9]{1,9}")) {
      throw Spec.wrong("--eclipse", "must look like 2:1000, got '" + text + "'");
    }
    EclipseRun run =
        Spec.read(
            "--eclipse",
            () ->
                new EclipseRun(
                    common.nodes(),
                    PEERS_OF_A_SUBNET,
                    Integer.parseInt(parts[0]),
                    Integer.parseInt(parts[1]),
                    SIEGE,
                    common.lookups(),
                    common.config(),
                    common.latency(),
                    common.loss(),
                    common.seed()));
    return common.plan(
        "eclipse",
        String.format(
            Locale.ROOT,
            "%s ids in %s subnets besiege one more peer, which knows honest seeds, for %s",
            parts[1],
            parts[0],
            Times.rough(SIEGE)),
        common.nodes() + run.ids() + 2L,
        0,
        List.of("--eclipse", text),
        progress -> SimulationOutcome.of(run.run(progress)));
  }
}
