package dev.peerdiscovery.tests.load;

import dev.peerdiscovery.tests.trouble.Trouble;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * Opens, closes, cancels, throws, interrupts and kills at random, for as long as it is told to, and
 * ends with an error when an invariant is broken; see {@code docs/benchmarks.md}.
 */
final class TroubleLoad {
  private TroubleLoad() {}

  /** Takes the minutes, 120 unless given, and the seed. */
  public static void main(String[] args) throws Exception {
    double minutes = args.length > 0 ? Double.parseDouble(args[0]) : 120;
    long seed = args.length > 1 ? Long.parseLong(args[1]) : System.nanoTime();
    System.out.println(Cpu.machine());
    Path directory = Files.createTempDirectory("trouble");
    Map<String, Integer> broken =
        Trouble.run(
            Duration.ofMillis((long) (minutes * 60_000)), seed, directory, System.out::println);
    if (!broken.isEmpty()) {
      System.out.println(
          "again: mvn -Dquick -DskipTests -Pload -Dload=Trouble -Dload.args=\"%s %d\" package"
              .formatted(minutes, seed));
    }
    System.exit(broken.isEmpty() ? 0 : 1);
  }
}
