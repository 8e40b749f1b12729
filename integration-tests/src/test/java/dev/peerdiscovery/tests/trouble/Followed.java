package dev.peerdiscovery.tests.trouble;

import dev.peerdiscovery.client.Change;
import dev.peerdiscovery.client.DiscoveryClient;
import dev.peerdiscovery.client.Instance;
import dev.peerdiscovery.client.PeerException;
import dev.peerdiscovery.client.Watch;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** A watch of an application, and since when it was not interrupted. Thread-safe. */
final class Followed implements Watch.Listener {
  private final String service;
  private final String name;
  private final RunningTime time;

  /** Where the listener does wrong now and then. */
  private final Optional<SplittableRandom> faults;

  private final Watch watch;
  private volatile long sinceNanos;
  private volatile boolean interrupted;

  /** Begins to follow a service, or fails as the client does. */
  Followed(
      DiscoveryClient client,
      String service,
      String name,
      RunningTime time,
      Optional<SplittableRandom> faults) {
    this.service = service;
    this.name = name;
    this.time = time;
    this.faults = faults;
    this.sinceNanos = time.nanos();
    this.watch = client.watch(service, this);
  }

  @Override
  public void changed(Change change) {
    interrupted = false;
    faults.ifPresent(Fault::maybe);
  }

  @Override
  public void interrupted(PeerException why) {
    interrupted = true;
    faults.ifPresent(Fault::maybe);
  }

  @Override
  public void resumed() {
    sinceNanos = time.nanos();
    interrupted = false;
    faults.ifPresent(Fault::maybe);
  }

  Watch watch() {
    return watch;
  }

  /** Holds what it shows against what is known. */
  void look(Ledger ledger) {
    if (watch.synced().isDone() && !interrupted) {
      ledger.look(name, sinceNanos, service, numbers(watch.instances()));
    }
  }

  static List<Integer> numbers(List<Instance> instances) {
    return instances.stream()
        .map(instance -> Integer.parseInt(instance.metadata().getOrDefault(Leases.NUMBER, "0")))
        .toList();
  }
}
