package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.client.PeerClient;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.PeerRecord;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks whoever is at an address who it is. */
@Command(
    name = "ping",
    description = "Ask the peer at an address who it is.",
    footer = {"  peer ping 127.0.0.1:7400", "  peer ping [::1]:7400 --network staging --json"})
final class PingCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(paramLabel = "HOST:PORT", description = "Where the peer is.")
  private Endpoint at = Endpoint.parse("127.0.0.1:7400");

  @Mixin private final NetworkOptions network = new NetworkOptions();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  PingCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    Logs.quiet(console);
    try (PeerClient client = network.client(List.of(at))) {
      PeerClient.Pong pong = client.ping(at);
      console.out().println(json ? json(at, pong).toString() : text(at, pong));
    }
    return ExitCode.OK.code();
  }

  private static Json json(Endpoint endpoint, PeerClient.Pong pong) {
    PeerRecord record = pong.record().content();
    Json json =
        new Json()
            .put("id", record.id().toString())
            .put("dialled", endpoint.toString())
            .put("advertised", record.endpoints().stream().map(Endpoint::toString).toList())
            .put("proved", pong.proved())
            .put("sequence", Long.toUnsignedString(record.sequence()))
            .put("roundTripMillis", Times.toMillis(pong.roundTrip()));
    pong.observed().ifPresent(us -> json.put("observed", us.toString()));
    return json;
  }

  private static String text(Endpoint endpoint, PeerClient.Pong pong) {
    PeerRecord record = pong.record().content();
    String advertised =
        record.endpoints().stream().map(Endpoint::toString).collect(Collectors.joining(", "));
    return String.format(
        Locale.ROOT,
        "%s answered at %s in %s; it advertises %s%s%s",
        record.id(),
        endpoint,
        Times.millis(pong.roundTrip()),
        advertised.isEmpty() ? "nothing: it is leaving" : advertised,
        pong.proved() ? "" : ", where alone it proves its id",
        pong.observed().map(us -> "; it sees us as " + us).orElse(""));
  }
}
