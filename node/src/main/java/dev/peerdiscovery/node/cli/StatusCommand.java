package dev.peerdiscovery.node.cli;

import com.google.protobuf.ByteString;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.proto.admin.v1.AdminServiceGrpc;
import dev.peerdiscovery.proto.admin.v1.Counter;
import dev.peerdiscovery.proto.admin.v1.GetStatusRequest;
import dev.peerdiscovery.proto.admin.v1.GetStatusResponse;
import dev.peerdiscovery.proto.admin.v1.NodeState;
import dev.peerdiscovery.proto.admin.v1.SeedStatus;
import dev.peerdiscovery.proto.admin.v1.ServicesStatus;
import io.grpc.Channel;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows how a node is doing. */
@Command(
    name = "status",
    description = "Show how a node is doing.",
    footer = {
      "  peer status",
      "  peer status --via 127.0.0.1:7413 --counters",
      "  peer status --json"
    })
final class StatusCommand implements Callable<Integer> {
  private final Console console;

  @Option(names = "--counters", description = "Show the totals since it started, too.")
  private boolean counters;

  @Mixin private final OperatedNode node = new OperatedNode();

  @Option(names = "--json", description = "Print JSON, counters included.")
  private boolean json;

  StatusCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    Logs.quiet(console);
    GetStatusResponse status = node.ask(console, StatusCommand::question);
    if (json) {
      console.out().println(json(status));
    } else {
      for (String warning : status.getWarningsList()) {
        console.out().println(console.emphasised("WARNING  " + Console.oneLine(warning)));
      }
      console.out().print(text(status));
    }
    return ExitCode.OK.code();
  }

  private static GetStatusResponse question(Channel channel) {
    return AdminServiceGrpc.newBlockingStub(channel)
        .getStatus(GetStatusRequest.getDefaultInstance());
  }

  private TextTable text(GetStatusResponse status) {
    TextTable table =
        new TextTable("id", id(status.getId()))
            .add("state", state(status.getState()))
            .add(
                "network",
                String.format(
                    Locale.ROOT,
                    "%s (%s ids, %s addresses)",
                    status.getNetwork(),
                    status.getIdentity(),
                    status.getScope()))
            .add("listens at", status.getListen())
            .add("advertises", String.join(", ", status.getAdvertisedList()));
    if (!status.getApi().isEmpty()) {
      table.add("operators at", status.getApi());
    }
    table
        .add("contacts", contacts(status))
        .add("services", services(status.getServices()))
        .add(
            "network size",
            String.format(Locale.ROOT, "about %d", Math.round(status.getEstimatedSize())))
        .add("up for", Times.rough(uptime(status)))
        .add("version", status.getVersion());
    for (SeedStatus seed : status.getSeedsList()) {
      table.add("seed", seed.getEndpoint() + ": " + seed.getLastResult());
    }
    if (counters) {
      for (Counter counter : status.getCountersList()) {
        table.add(counter.getName(), Long.toUnsignedString(counter.getValue()));
      }
    }
    return table;
  }

  private static String contacts(GetStatusResponse status) {
    return String.format(
        Locale.ROOT,
        "%d, of which %d missed their last call; %d wait for a place, %d went away",
        status.getContacts(),
        status.getSuspects(),
        status.getReplacements(),
        status.getGone());
  }

  private static String services(ServicesStatus services) {
    return String.format(
        Locale.ROOT,
        "%d instances registered, %d services watched; keeps %d records of %d services (%d bytes)",
        services.getRegistrations(),
        services.getWatches(),
        services.getKeptRecords(),
        services.getKeptServices(),
        services.getKeptBytes());
  }

  private static Map<String, Object> json(ServicesStatus services) {
    return new Json()
        .put("registrations", services.getRegistrations())
        .put("watches", services.getWatches())
        .put("keptRecords", services.getKeptRecords())
        .put("keptServices", services.getKeptServices())
        .put("keptBytes", services.getKeptBytes())
        .put("streams", services.getStreams())
        .fields();
  }

  private static Json json(GetStatusResponse status) {
    Map<String, Object> totals = new LinkedHashMap<>();
    status.getCountersList().forEach(c -> totals.put(c.getName(), c.getValue()));
    List<Map<String, Object>> seeds =
        status.getSeedsList().stream()
            .map(
                seed ->
                    new Json()
                        .put("endpoint", seed.getEndpoint())
                        .put("lastResult", seed.getLastResult())
                        .fields())
            .toList();
    return new Json()
        .put("id", id(status.getId()))
        .put("state", state(status.getState()))
        .put("network", status.getNetwork())
        .put("identity", status.getIdentity())
        .put("scope", status.getScope())
        .put("listen", status.getListen())
        .put("api", status.getApi())
        .put("advertised", List.copyOf(status.getAdvertisedList()))
        .put("sequence", Long.toUnsignedString(status.getSequence()))
        .put("contacts", status.getContacts())
        .put("suspects", status.getSuspects())
        .put("replacements", status.getReplacements())
        .put("gone", status.getGone())
        .put("services", json(status.getServices()))
        .put("estimatedSize", status.getEstimatedSize())
        .put("uptimeSeconds", uptime(status).toMillis() / 1e3)
        .put("warnings", List.copyOf(status.getWarningsList()))
        .put("seeds", seeds)
        .put("version", status.getVersion())
        .put("counters", totals);
  }

  private static Duration uptime(GetStatusResponse status) {
    return Duration.ofSeconds(status.getUptime().getSeconds(), status.getUptime().getNanos());
  }

  private static String state(NodeState state) {
    return state.name().replace("NODE_STATE_", "").toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** An id as it is written, if that is what was sent. */
  static String id(ByteString bytes) {
    return bytes.size() == NodeId.BYTES
        ? NodeId.fromBytes(bytes.toByteArray()).toString()
        : "not an id of " + NodeId.BYTES + " bytes";
  }
}
