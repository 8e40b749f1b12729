package dev.peerdiscovery.tests.micro;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** That the benchmarks run, and print what they are for. What they measure decides nothing. */
class MicroTest {
  @Test
  void eachBenchmark_printsALine() throws Exception {
    // Elsewhere on the machine they may be run in earnest.
    System.setProperty("jmh.ignoreLock", "true");

    String table = Micro.run("-f 0 -wi 0 -i 1 -r 1ms -v SILENT -p offered=1000".split(" "));

    assertThat(table).contains("\nRoutingTableBenchmark.closest offered=1000 takes ");
    assertThat(table.lines().skip(2).filter(line -> line.startsWith("|")))
        .allMatch(line -> line.matches("\\| .* \\| [0-9,.]+ \\| [0-9,.]+ … [0-9,.]+ \\|.*\\|"))
        .extracting(line -> line.replaceFirst("^\\| (.*?) \\|.*", "$1"))
        .containsExactly(
            "CodecBenchmark.encode",
            "CodecBenchmark.encodeGenerated",
            "CodecBenchmark.parse",
            "CodecBenchmark.parseGenerated",
            "LookupBenchmark.lookup",
            "LookupBenchmark.lookup, a step",
            "RoutingTableBenchmark.closest offered=1000",
            "RoutingTableBenchmark.closestBare offered=1000",
            "RoutingTableBenchmark.closestBySorting offered=1000",
            "RoutingTableBenchmark.observe offered=1000",
            "RoutingTableBenchmark.touch offered=1000",
            "RoutingTableBenchmark.touchByInsert offered=1000");
  }

  @Test
  void memory_printsALineForEach() {
    assertThat(new Memory(1_000, 100).measure().lines()).hasSize(2 + 5);
  }
}
