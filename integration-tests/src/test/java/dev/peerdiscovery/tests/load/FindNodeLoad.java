package dev.peerdiscovery.tests.load;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * FindNode beside a bare echo, in turn, from a second JVM: calls a second, latency, and the CPU
 * that each takes of the server. Prints a table; see {@code docs/benchmarks.md}.
 */
final class FindNodeLoad {
  private static final int[] IN_FLIGHT = {1, 16, 64, 256};
  private static final long WARM_UP_CALLS = 600_000;

  private FindNodeLoad() {}

  /** Takes how often to alternate, and the milliseconds of a slice; 9 and 1,000 by default. */
  public static void main(String[] args) throws Exception {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 9;
    long millis = args.length > 1 ? Long.parseLong(args[1]) : 1000;
    System.out.println(Cpu.machine() + ", " + rounds + " rounds of " + millis + " ms");
    Path store = Files.createTempDirectory("load").resolve("server.p12");
    run("plaintext", Optional.empty(), WARM_UP_CALLS, rounds, millis);
    Certificate.make(store);
    run("TLS", Optional.of(store), WARM_UP_CALLS, rounds, millis);
  }

  /** Runs all that there is for one transport, and returns the rows. */
  static List<Row> run(
      String transport, Optional<Path> store, long warmUpCalls, int rounds, long millis)
      throws Exception {
    Optional<Certificate> certificate =
        store.isPresent() ? Optional.of(Certificate.read(store.get())) : Optional.empty();
    try (LoadedServer server = new LoadedServer(certificate);
        LoadProcess load = generator(server, store)) {
      warmUp(load, warmUpCalls);
      List<Row> rows = new ArrayList<>();
      for (int inFlight : IN_FLIGHT) {
        rows.add(new Row(inFlight));
      }
      for (int round = 0; round < rounds; round++) {
        for (Row row : rows) {
          boolean echoFirst = round % 2 == 0;
          Measured first = slice(load, echoFirst ? "echo" : "find", row.inFlight, millis);
          Measured second = slice(load, echoFirst ? "find" : "echo", row.inFlight, millis);
          row.add(echoFirst ? first : second, echoFirst ? second : first);
        }
      }
      System.out.printf(
          "%n%s, %d bytes an answer%n%n%s%n", transport, server.answerBytes(), Row.HEAD);
      rows.forEach(row -> System.out.print(row.text()));
      return rows;
    }
  }

  private static LoadProcess generator(LoadedServer server, Optional<Path> store) throws Exception {
    List<String> args =
        new ArrayList<>(
            List.of(
                "" + server.port(), "" + server.neighbours().port(), "" + server.answerBytes()));
    store.ifPresent(path -> args.add(path.toString()));
    return new LoadProcess(LoadGenerator.class, args.toArray(String[]::new));
  }

  /** Until both are compiled: by calls and not by time, which others may have taken. */
  private static void warmUp(LoadProcess load, long calls) throws Exception {
    for (String method : List.of("echo", "find", "echo", "find")) {
      for (long done = 0; done < calls / 2; ) {
        done += slice(load, method, 64, 500).slice.calls();
      }
    }
  }

  private record Measured(Slice slice, double cpuMicros) {}

  private static Measured slice(LoadProcess load, String method, int inFlight, long millis)
      throws Exception {
    long before = Cpu.nanos();
    Slice slice = Slice.parse(load.ask(method + " " + inFlight + " " + millis));
    return new Measured(slice, (Cpu.nanos() - before) / 1e3 / slice.calls());
  }

  /** Both, with so many calls in flight. */
  static final class Row {
    static final String HEAD =
        """
        | in flight | | calls/s | p50 µs | p99 µs | server CPU µs a call |
        |---|---|---|---|---|---|""";

    final int inFlight;
    long calls;
    private final Numbers echo = new Numbers();
    private final Numbers find = new Numbers();
    private final Numbers ratio = new Numbers();

    Row(int inFlight) {
      this.inFlight = inFlight;
    }

    private void add(Measured echoed, Measured found) {
      calls += found.slice.calls();
      Slice e = echoed.slice;
      Slice f = found.slice;
      echo.add(e.perSecond(), e.p50Nanos() / 1e3, e.p99Nanos() / 1e3, echoed.cpuMicros);
      find.add(f.perSecond(), f.p50Nanos() / 1e3, f.p99Nanos() / 1e3, found.cpuMicros);
      ratio.add(
          f.perSecond() / e.perSecond(),
          (double) f.p50Nanos() / e.p50Nanos(),
          (double) f.p99Nanos() / e.p99Nanos(),
          found.cpuMicros / echoed.cpuMicros);
    }

    String text() {
      return String.format(
          Locale.ROOT,
          "| %d | echo | %s |%n| | FindNode | %s |%n| | ratio | %s |%n",
          inFlight,
          echo.text("%,.0f", "%.1f", "%.0f", "%.2f"),
          find.text("%,.0f", "%.1f", "%.0f", "%.2f"),
          ratio.text("%.2f", "%.2f", "%.2f", "%.2f"));
    }
  }

  private static final class Numbers {
    private final List<Medians> columns =
        List.of(new Medians(), new Medians(), new Medians(), new Medians());

    void add(double... values) {
      for (int i = 0; i < values.length; i++) {
        columns.get(i).add(values[i]);
      }
    }

    String text(String... formats) {
      List<String> cells = new ArrayList<>();
      for (int i = 0; i < formats.length; i++) {
        cells.add(columns.get(i).text(formats[i]));
      }
      return String.join(" | ", cells);
    }
  }
}
