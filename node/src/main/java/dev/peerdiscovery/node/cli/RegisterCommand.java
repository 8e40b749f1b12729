package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.client.DiscoveryClient;
import dev.peerdiscovery.client.Lease;
import dev.peerdiscovery.client.PeerException;
import dev.peerdiscovery.client.Registration;
import dev.peerdiscovery.core.record.Endpoint;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Has a node publish an instance of a service until it is stopped. */
@Command(
    name = "register",
    description = {
      "Register an instance of a service, and keep it registered until stopped.",
      "",
      "Ctrl-C withdraws it. When the node is lost, the next one, or the same when it is back, goes"
          + " on."
    },
    footer = {
      "  peer register orders 127.0.0.1:8080 --ttl 10s",
      "  peer register orders 10.0.0.5:8080 --via 127.0.0.1:7413 --metadata zone=a --check health"
    })
final class RegisterCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private final ServiceOptions options = new ServiceOptions();

  @Parameters(paramLabel = "HOST:PORT", index = "1", description = "Where the instance serves.")
  private Endpoint endpoint = Endpoint.parse("127.0.0.1:1");

  @Option(
      names = "--ttl",
      paramLabel = "TIME",
      defaultValue = "90s",
      description =
          "For how long others keep a record of it that is not renewed, 10s to 24h (default:"
              + " ${DEFAULT-VALUE}).")
  private String ttl = "90s";

  @Option(
      names = "--metadata",
      paramLabel = "KEY=VALUE",
      description =
          "What callers should know about it, at most 1 KiB in all; repeat for more. 'authority'"
              + " overrides the authority that callers use.")
  private Map<String, String> metadata = new LinkedHashMap<>();

  @Option(
      names = "--check",
      paramLabel = "CHECK",
      defaultValue = "tcp",
      description =
          "How the node finds out that it is there: tcp (takes connections), health"
              + " (grpc.health.v1 says SERVING) or none (default: ${DEFAULT-VALUE}).")
  private String check = "tcp";

  RegisterCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws Exception {
    Logs.quiet(console);
    Registration registration = ServiceOptions.checked(this::registration);
    CompletableFuture<ExitCode> ended = new CompletableFuture<>();
    try (StopSignal stop = StopSignal.install();
        DiscoveryClient client = options.client()) {
      stop.received().thenAccept(ended::complete);
      Lease lease = client.register(registration, new Printer(ended));
      ExitCode code = ended.get();
      boolean published = lease.state().published();
      lease.close();
      if (published) {
        say("withdrawn: " + registration.service() + " at " + endpoint);
      }
      return code.code();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof PeerException refused ? options.failure(refused) : e;
    }
  }

  private Registration registration() {
    Duration time = Spec.read("--ttl", () -> Times.parse(ttl));
    Registration.Check by =
        Spec.read("--check", () -> Conversions.constant(Registration.Check.class, check));
    return new Registration(options.service(), endpoint, metadata, time, by);
  }

  private void say(String line) {
    console.out().println(Console.oneLine(line));
    console.out().flush();
  }

  /** Prints what becomes of the lease. */
  private final class Printer implements Lease.Listener {
    private final CompletableFuture<ExitCode> ended;
    private String last = "";

    Printer(CompletableFuture<ExitCode> ended) {
      this.ended = ended;
    }

    @Override
    public void changed(Lease.State state) {
      if (!state.published()) {
        console.say("not published: " + state.reason());
      } else {
        published(state.keepers());
      }
    }

    private void published(int keepers) {
      String kept =
          keepers == 0
              ? "this node is alone, no other keeps it"
              : "kept by " + keepers + (keepers == 1 ? " node" : " nodes");
      String line = "published: " + options.service() + " at " + endpoint + ", " + kept;
      if (!line.equals(last)) {
        say(line);
      }
      last = line;
    }

    @Override
    public void refused(PeerException why) {
      ended.completeExceptionally(why);
    }
  }
}
