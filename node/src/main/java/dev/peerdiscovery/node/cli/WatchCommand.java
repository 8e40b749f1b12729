package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.client.Change;
import dev.peerdiscovery.client.DiscoveryClient;
import dev.peerdiscovery.client.Instance;
import dev.peerdiscovery.client.PeerException;
import dev.peerdiscovery.client.Watch;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Follows a service until it is stopped. */
@Command(
    name = "watch",
    description = {
      "Follow the instances of a service, a line for each change, until stopped.",
      "",
      "+ is new, ~ has changed, - is gone. Goes on by itself when a node is lost."
    },
    footer = {"  peer watch orders", "  peer watch orders --via 127.0.0.1:7413 --json"})
final class WatchCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private final ServiceOptions options = new ServiceOptions();

  @Option(names = "--json", description = "Print JSON, a line for each change.")
  private boolean json;

  WatchCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws Exception {
    Logs.quiet(console);
    CompletableFuture<ExitCode> ended = new CompletableFuture<>();
    try (StopSignal stop = StopSignal.install();
        DiscoveryClient client = options.client()) {
      stop.received().thenAccept(ended::complete);
      client.watch(options.service(), new Printer(ended));
      return ended.get().code();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof PeerException refused ? options.failure(refused) : e;
    }
  }

  /** Prints what the watch tells. */
  private final class Printer implements Watch.Listener {
    private final CompletableFuture<ExitCode> ended;
    private boolean first = true;
    private boolean interrupted;

    Printer(CompletableFuture<ExitCode> ended) {
      this.ended = ended;
    }

    @Override
    public void refused(PeerException why) {
      ended.completeExceptionally(why);
    }

    @Override
    public void changed(Change change) {
      print("+", "added", change.added());
      print("~", "updated", change.updated());
      print("-", "gone", change.gone());
      if (change.instances().isEmpty()) {
        console.say("nobody provides " + options.service());
      } else if (first) {
        console.say(change.instances().size() + " known; waiting for changes");
      }
      first = false;
    }

    private void print(String sign, String what, List<Instance> instances) {
      for (Instance instance : Instances.sorted(instances)) {
        console.out().println(json ? json(what, instance) : text(sign, instance));
      }
      console.out().flush();
    }

    private String json(String what, Instance instance) {
      Json line = new Json().put("change", what);
      Instances.json(instance).forEach(line::put);
      return line.toLine();
    }

    private String text(String sign, Instance instance) {
      String metadata = instance.metadata().isEmpty() ? "" : "  " + Instances.metadata(instance);
      return Console.oneLine(
          sign
              + " "
              + instance.endpoint()
              + "  by "
              + instance.publisher().toShortString()
              + metadata);
    }

    @Override
    public void interrupted(PeerException why) {
      if (!interrupted) {
        console.say("no node can be asked, trying on: " + why.getMessage());
      }
      interrupted = true;
    }

    @Override
    public void resumed() {
      if (interrupted) {
        console.say("a node answers again");
      }
      interrupted = false;
    }
  }
}
