package dev.peerdiscovery.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.record.ProviderRecord;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What services have to show, in networks of some hundred peers; larger ones by the same run. */
class ServiceRunTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private static ServiceRun.Result run(
      int nodes, List<Integer> services, Optional<Sessions> sessions, int sybils, Duration cut) {
    return new ServiceRun(
            nodes,
            services,
            sessions,
            sybils,
            services.size() * 4,
            cut,
            Latency.constant(Duration.ofMillis(50)),
            0,
            ProviderRecord.DEFAULT_TTL,
            MINUTE,
            MINUTE.multipliedBy(2),
            2,
            EngineConfig.defaults(),
            1)
        .run((stage, done) -> {});
  }

  private static void assertFound(ServiceRun.Result result, double share) {
    assertThat(result.services())
        .allSatisfy(
            service -> {
              assertThat(service.resolves()).as(service.toString()).isGreaterThan(50);
              assertThat(service.found()).as(service.toString()).isGreaterThanOrEqualTo(share);
            });
  }

  @Test
  void atRest_everythingIsFound_andKeptWithinTheBudget() {
    ServiceRun.Result result = run(300, List.of(1, 20, 60), Optional.empty(), 0, Duration.ZERO);

    assertFound(result, 1);
    assertThat(result.services())
        .allSatisfy(
            service -> {
              assertThat(service.complete()).as(service.toString()).isGreaterThan(0.999);
              assertThat(service.stale()).as(service.toString()).isZero();
              assertThat(service.watchesComplete()).as(service.toString()).isEqualTo(1);
            });
    assertThat(result.publisherCallsPerSecond()).isLessThanOrEqualTo(1);
    assertThat(result.watchCallsPerSecond()).isLessThanOrEqualTo(0.1);
  }

  @Test
  void whilePeersComeAndGo_servicesAreFound() {
    Optional<Sessions> fiveMinutes = Optional.of(Sessions.exponential(Duration.ofMinutes(5)));

    assertFound(run(200, List.of(1, 20), fiveMinutes, 0, Duration.ZERO), 0.999);
  }

  @Test
  void surroundedBySybils_servicesAreFound() {
    assertFound(run(300, List.of(1, 10), Optional.empty(), 45, Duration.ZERO), 0.99);
  }

  /** After the second look, which begins with whom the first one met, Sybils among them. */
  @Test
  void surroundedBySybils_everyLookSeesTheWholeRegion() {
    ServiceRun.Result result =
        new ServiceRun(
                1_000,
                List.of(20, 20),
                Optional.empty(),
                45,
                8,
                Duration.ZERO,
                Latency.constant(Duration.ofMillis(50)),
                0,
                ProviderRecord.DEFAULT_TTL,
                MINUTE.multipliedBy(7),
                Duration.ofSeconds(20),
                5,
                EngineConfig.defaults(),
                1)
            .run((stage, done) -> {});

    assertThat(result.services())
        .allSatisfy(
            service -> {
              assertThat(service.complete()).as(service.toString()).isGreaterThan(0.99);
              assertThat(service.watchesComplete()).as(service.toString()).isEqualTo(1);
            });
  }

  @Test
  void cutForLongerThanTheTtl_everyServiceIsCompleteWithinATtl() {
    ServiceRun.Result result =
        run(200, List.of(10, 40), Optional.empty(), 0, MINUTE.multipliedBy(3));

    assertThat(result.services())
        .allSatisfy(
            service -> {
              assertThat(service.complete()).as(service.toString()).isGreaterThan(0.999);
              assertThat(service.watchesComplete()).as(service.toString()).isEqualTo(1);
            });
  }

  @Test
  void theSameSeed_isTheSameRun() {
    Optional<Sessions> minutes = Optional.of(Sessions.exponential(Duration.ofMinutes(3)));
    String hash = run(60, List.of(5), minutes, 5, Duration.ZERO).report().traceHash();

    assertThat(run(60, List.of(5), minutes, 5, Duration.ZERO).report().traceHash()).isEqualTo(hash);
  }

  @Test
  void moreInstancesThanPeersCanHave_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(10, List.of(6), Optional.empty(), 0, Duration.ZERO))
        .withMessageStartingWith("services: ");
  }
}
