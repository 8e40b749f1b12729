package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.core.simulation.ServiceRun;
import dev.peerdiscovery.core.simulation.Sessions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which services are simulated, if any are. */
final class SimulatedServices {
  private static final int RESOLVES_PER_SECOND = 10;
  private static final int MOST_RESOLVES = RESOLVES_PER_SECOND * 3_600;
  private static final int WATCHES_OF_A_SERVICE = 4;

  @Option(
      names = "--services",
      paramLabel = "SPEC",
      description = {
        "Peers publish services, so many instances of each, such as 1,20,2000; others watch them,"
            + " and --lookups resolves are measured, "
            + RESOLVES_PER_SECOND
            + " a second. Alone, or with --churn, or with --partition 0.5:TIME before."
      })
  private @Nullable String services;

  @Option(
      names = "--sybils",
      paramLabel = "N",
      description = {
        "So many peers take the places nearest to each service's key, keep nothing, and name one"
            + " another; with --services."
      })
  private @Nullable Integer sybils;

  @Option(
      names = "--ttl",
      paramLabel = "TIME",
      description =
          "For how long instances are known, if not renewed (default: 90s); with --services.")
  private @Nullable String ttl;

  boolean areGiven() {
    return services != null;
  }

  /** Refuses what is only for services where there are none. */
  void check() {
    if (services == null && (sybils != null || ttl != null)) {
      throw Spec.wrong(sybils != null ? "--sybils" : "--ttl", "only with --services");
    }
  }

  /**
   * Checks all and puts it together.
   *
   * @param given the names of those of which a run has one
   * @throws CliException when something is wrong, or does not go together
   */
  SimulationPlan plan(SimulationOptions common, List<String> given) {
    EventOptions events = common.events();
    String text = String.valueOf(services);
    for (String event : given) {
      if (!event.equals("--churn") && !event.equals("--partition")) {
        throw Spec.wrong("--services and " + event, "do not go together; run each by itself");
      }
    }
    if (!text.matches("[0-9]{1,9}(,[0-9]{1,9})*")) {
      throw Spec.wrong("--services", "must look like 5 or 1,20,2000, got '" + text + "'");
    }
    if (common.lookups() > MOST_RESOLVES) {
      throw Spec.wrong("--lookups", "must be 1 to " + MOST_RESOLVES + " with --services");
    }
    List<Integer> instances = Arrays.stream(text.split(",")).map(Integer::valueOf).toList();
    Optional<Sessions> sessions = Optional.ofNullable(events.churn()).map(EventOptions::sessions);
    int around = sybils == null ? 0 : sybils;
    Duration cut = cut(events.partition());
    ServiceRun run =
        Spec.read(
            "--services",
            () ->
                new ServiceRun(
                    common.nodes(),
                    instances,
                    sessions,
                    around,
                    Math.min(common.nodes() / 4, WATCHES_OF_A_SERVICE * instances.size()),
                    cut,
                    common.latency(),
                    common.loss(),
                    Spec.read("--ttl", () -> Times.parse(ttlText())),
                    events.warmUp("5m"),
                    Duration.ofMillis(1_000L * common.lookups() / RESOLVES_PER_SECOND),
                    RESOLVES_PER_SECOND,
                    common.config(),
                    common.seed()));
    return common.plan(
        "services",
        String.format(
            Locale.ROOT,
            "services of %s instances, measured after %s%s%s%s",
            text.replace(",", ", "),
            events.warmUpText("5m"),
            around == 0 ? "" : ", " + around + " Sybils around each",
            events.churn() == null ? "" : ", sessions " + events.churn(),
            cut.isZero() ? "" : ", cut in two, and a TTL for healing"),
        common.nodes() + (long) around * instances.size(),
        sessions
            .map(stay -> common.nodes() * EventOptions.sessionsWithin(stay, run.longest()))
            .orElse(0.0),
        options(events, text),
        progress -> SimulationOutcome.of(run.run(progress)));
  }

  private static Duration cut(@Nullable String partition) {
    if (partition == null) {
      return Duration.ZERO;
    }
    String[] parts = partition.split(":", -1);
    if (parts.length != 2 || Spec.read("--partition", () -> Spec.share(parts[0])) != 0.5) {
      throw Spec.wrong(
          "--partition", "must look like 0.5:3m with --services, got '" + partition + "'");
    }
    Duration cut = Spec.read("--partition", () -> Times.parse(parts[1]));
    if (cut.isZero()) {
      throw Spec.wrong("--partition", "must last longer than '" + parts[1] + "'");
    }
    return cut;
  }

  private List<String> options(EventOptions events, String text) {
    List<String> options =
        new ArrayList<>(
            List.of("--services", text, "--ttl", ttlText(), "--warm-up", events.warmUpText("5m")));
    options.addAll(List.of("--upkeep", events.upkeepText()));
    if (sybils != null) {
      options.addAll(List.of("--sybils", String.valueOf(sybils)));
    }
    if (events.churn() != null) {
      options.addAll(List.of("--churn", events.churn()));
    }
    if (events.partition() != null) {
      options.addAll(List.of("--partition", events.partition()));
    }
    return options;
  }

  private String ttlText() {
    return ttl == null ? "90s" : ttl;
  }
}
