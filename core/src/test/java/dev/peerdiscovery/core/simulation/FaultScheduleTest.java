package dev.peerdiscovery.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Schedules of faults, each from its seed.
 *
 * <pre>
 * mvn test -pl core -Dtest='FaultScheduleTest#one*' -Dsimulation.seed=42            repeats one
 * mvn test -pl core -Dtest='FaultScheduleTest#schedules*' -Dsimulation.minutes=60   runs new ones for an hour
 * </pre>
 */
class FaultScheduleTest {
  private static final int SCHEDULES = 1_000;

  private static final Path FAILED =
      Path.of("src", "test", "resources", "simulation", "seeds-that-failed.txt");

  private static FaultRun.Result run(long seed) {
    try {
      return FaultRun.run(FaultSchedule.of(seed));
    } catch (IllegalStateException e) {
      return fail(
          e.getMessage()
              + "\nrepeat it: mvn test -pl core -Dtest='FaultScheduleTest#one*' -Dsimulation.seed="
              + seed,
          e);
    }
  }

  @Test
  void aThousandSchedules_breakNothing_andHeal() {
    Set<Fault> seen = EnumSet.noneOf(Fault.class);
    long checks = 0;
    for (long seed = 0; seed < SCHEDULES; seed++) {
      checks += run(seed).checks();
      seen.addAll(FaultSchedule.of(seed).faults());
    }

    assertThat(checks).isGreaterThan(10_000_000);
    assertThat(seen).containsExactlyInAnyOrder(Fault.values());
  }

  @Test
  void seedsThatFailedOnce_failNoMore() throws IOException {
    for (String line : Files.readAllLines(FAILED)) {
      if (!line.startsWith("#") && !line.isBlank()) {
        run(Long.parseLong(line.split(" ", 2)[0]));
      }
    }
  }

  @Test
  @EnabledIfSystemProperty(named = "simulation.seed", matches = "-?[0-9]+")
  void oneSchedule() {
    long seed = Long.getLong("simulation.seed");
    System.out.println(FaultSchedule.of(seed) + "\n" + run(seed));
  }

  /** Begins where chance has it, so that no two hours run the same schedules. */
  @Test
  @EnabledIfSystemProperty(named = "simulation.minutes", matches = "[0-9]+")
  void schedules_forAsLongAsAskedFor() {
    long end = System.nanoTime() + Duration.ofMinutes(Long.getLong("simulation.minutes")).toNanos();
    long first = Long.getLong("simulation.first", System.currentTimeMillis() << 20);
    long count = 0;
    long calls = 0;
    while (System.nanoTime() < end) {
      calls += run(first + count++).calls();
    }
    System.out.println(
        count + " schedules from seed " + first + ", " + calls + " calls, no failure");
  }

  @Test
  void schedule_printsItsOptions() {
    FaultSchedule schedule =
        new FaultSchedule(42, 7, 2, 1, true, 64, 0.5, 400, 30, List.of(Fault.STOP, Fault.LIE));

    assertThat(schedule)
        .hasToString(
            "seed 42: peers 7, k 2, alpha 1, small ids, rtt 64 ms, sigma 0.5, pace 400 ms, steps 30,"
                + " stop,lie");
    assertThat(FaultSchedule.of(42)).isEqualTo(FaultSchedule.of(42));
  }

  @Test
  void sameSeed_sameTrace_inAnotherProcess_whateverItsIdentityHashes() throws Exception {
    String here = hash(5);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UnlockExperimentalVMOptions",
                "-XX:hashCode=2",
                "-cp",
                System.getProperty("java.class.path"),
                FaultScheduleTest.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String there =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();

    assertThat(process.waitFor()).isZero();
    assertThat(there).isEqualTo(here);
    assertThat(hash(6)).isNotEqualTo(here);
  }

  private static String hash(long seed) {
    return FaultRun.run(FaultSchedule.of(seed)).traceHash();
  }

  /** Prints the hash of one run, for the test of two processes. */
  public static void main(String[] args) {
    System.out.println(hash(5));
  }
}
