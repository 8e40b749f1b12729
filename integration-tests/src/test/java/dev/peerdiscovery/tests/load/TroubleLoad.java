package dev.peerdiscovery.tests.load;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.peerdiscovery.tests.trouble.Trouble;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.logging.LogManager;
import org.slf4j.LoggerFactory;

/**
 * Opens, closes, cancels, throws, interrupts and kills at random, for as long as it is told to, and
 * ends with 1 when an invariant is broken; see {@code docs/benchmarks.md}.
 */
final class TroubleLoad {
  private TroubleLoad() {}

  /** Takes the minutes, 120 unless given, and the seed. */
  public static void main(String[] args) throws Exception {
    double minutes = args.length > 0 ? Double.parseDouble(args[0]) : 120;
    long seed = args.length > 1 ? Long.parseLong(args[1]) : System.nanoTime();
    System.out.println(Cpu.machine());
    silence();
    Map<String, Integer> broken =
        Trouble.run(
            Duration.ofMillis((long) (minutes * 60_000)),
            seed,
            Files.createTempDirectory(Path.of("target"), "trouble"),
            System.out::println);
    if (!broken.isEmpty()) {
      System.out.println(
          String.format(
              Locale.ROOT,
              "again: mvn -Dquick -DskipTests -Pload -Dload=Trouble -Dload.args=\"%s %d\" package",
              minutes,
              seed));
    }
    System.exit(broken.isEmpty() ? 0 : 1);
  }

  /** Every listener that throws is logged, as it should be, and so is what gRPC makes of it. */
  private static void silence() {
    ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.OFF);
    LogManager.getLogManager().reset();
    Thread.setDefaultUncaughtExceptionHandler((thread, error) -> {});
  }
}
