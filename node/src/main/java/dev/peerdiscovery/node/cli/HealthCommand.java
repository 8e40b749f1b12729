package dev.peerdiscovery.node.cli;

import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Asks a node's gRPC health service, for those who can only start a program to find out. */
@Command(
    name = "health",
    description = {
      "Ask a node whether it is well: exit code 0 when it is.",
      "",
      "Without --via it asks the node that the environment and PEER_CONFIG describe, on this machine."
    },
    footer = {"  peer health", "  peer health --via 127.0.0.1:7401 --service liveness"})
final class HealthCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private final OperatedNode node = new OperatedNode();

  @Option(
      names = "--service",
      paramLabel = "NAME",
      defaultValue = "",
      description = {
        "What to ask for: nothing, or liveness, for a process that has not begun to leave;"
            + " peerdiscovery.peer.v1.PeerService for a node that is ready: it has joined, or has asked"
            + " all seeds in vain and is alone, which with --require-peer is not enough (default:"
            + " nothing)."
      })
  private String service = "";

  HealthCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    Logs.quiet(console);
    HealthCheckRequest request = HealthCheckRequest.newBuilder().setService(service).build();
    ServingStatus status =
        node.ask(console, channel -> HealthGrpc.newBlockingStub(channel).check(request))
            .getStatus();
    console.out().println(status);
    return (status == ServingStatus.SERVING ? ExitCode.OK : ExitCode.NOT_FOUND).code();
  }
}
