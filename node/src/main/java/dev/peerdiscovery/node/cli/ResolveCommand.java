package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.client.DiscoveryClient;
import dev.peerdiscovery.client.Instance;
import dev.peerdiscovery.client.PeerException;
import dev.peerdiscovery.client.Resolution;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Asks once who provides a service. */
@Command(
    name = "resolve",
    description =
        "List the instances of a service. Exit code 6 when there is none, 5 when that is unknown.",
    footer = {
      "  peer resolve orders",
      "  peer resolve orders --via a.example.com:7400,b.example.com:7400 --json"
    })
final class ResolveCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private final ServiceOptions options = new ServiceOptions();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  ResolveCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    Logs.quiet(console);
    Resolution resolution;
    try (DiscoveryClient client = options.client()) {
      resolution = client.resolution(options.service());
    } catch (PeerException e) {
      throw options.failure(e);
    }
    List<Instance> instances = resolution.instances();
    if (json) {
      console
          .out()
          .println(
              new Json()
                  .put("instances", Instances.json(instances))
                  .put("truncated", resolution.truncated()));
    } else if (!instances.isEmpty()) {
      console.out().print(Instances.table(instances));
    }
    if (instances.isEmpty()) {
      throw new CliException(ExitCode.NOT_FOUND, "nobody provides " + options.service());
    }
    if (resolution.truncated()) {
      console.say(
          String.format(
              Locale.ROOT,
              "these are %d of more: a large service is told in part",
              instances.size()));
    }
    return ExitCode.OK.code();
  }
}
