package dev.peerdiscovery.tests.trouble;

import dev.peerdiscovery.client.DiscoveryClient;
import dev.peerdiscovery.client.Watch;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** A client of one node alone, which follows all services there. Thread-safe. */
final class Lookout implements AutoCloseable {
  private final Member member;
  private final DiscoveryClient client;
  private final Map<String, Watch> watches = new HashMap<>();

  Lookout(Member member, List<String> services) {
    this.member = member;
    this.client = DiscoveryClient.builder().via(member.endpoint()).build();
    for (String service : services) {
      watches.put(service, client.watch(service, change -> {}));
    }
  }

  /** Holds what is shown against what is known, while the node is up. */
  void look(Ledger ledger) {
    watches.forEach(
        (service, watch) -> {
          if (member.isUp()) {
            ledger.look(
                "a watch at " + member.name(),
                member.upSinceNanos(),
                service,
                Followed.numbers(watch.instances()));
          }
        });
  }

  /** What is shown too much or too little. */
  Set<String> difference(Ledger ledger) {
    Set<String> all = new TreeSet<>();
    watches.forEach(
        (service, watch) ->
            ledger
                .difference(service, Followed.numbers(watch.instances()))
                .forEach(number -> all.add(member.name() + " " + number)));
    return all;
  }

  @Override
  public void close() {
    client.close();
  }
}
