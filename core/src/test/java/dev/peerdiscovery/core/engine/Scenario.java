package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.simulation.Addresses;
import dev.peerdiscovery.core.simulation.Newcomer;
import dev.peerdiscovery.core.simulation.VirtualNetwork;
import dev.peerdiscovery.core.simulation.VirtualPeer;
import dev.peerdiscovery.core.simulation.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;

/**
 * Performs the commands of one scenario on a network of virtual time and writes down what happens.
 *
 * <p>Peers go by their ids, which are small numbers, and peer n is at {@code 10.0.0.(n + 1):7400}.
 * Where a command takes peers, it takes {@code 3}, {@code 1,4} or {@code 0..12}. The commands:
 *
 * <pre>
 * set k 2                   a value of the configuration of peers that start from now on
 * show joins contacts       what is written down from now on: joins, lookups, contacts, hints, self
 *                           or calls, or nothing; at first all of it
 * of 1,2                    whose doings are written down; at first everybody's
 * of 1 to 3                 and of its calls, only those to 3
 * join 0..12 via 0          starts peers in turn, each when the one before has joined
 * start 3 seeds 0,1         starts a peer; also: at 5 (where 5 is), network blue, sequence 7
 * run 5s                    lets time pass
 * stop 0                    the peer is gone at once
 * cut 0..3                  messages between these and all others are lost
 * slow 3 300ms              it answers that much later
 * busy 3                    it refuses everything as overloaded
 * heal                      undoes cut, slow and busy
 * lookup 1 13               has peer 1 look up 13
 * leave 2                   has it say farewell
 * forge farewell 2 to 0,1   tells peers, in the name of 2, that it leaves
 * move 2 to 9               has it advertise where 9 would be
 * alias 20 to 0             the address where 20 would be leads to peer 0, as a name does
 * contacts 0..3             whom they know; a question mark follows suspects
 * status 0..3               how they are doing
 * </pre>
 */
final class Scenario {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private final VirtualNetwork network = new VirtualNetwork(1);

  /** By id, the last one started; the order is that of the ids. */
  private final Map<Long, VirtualPeer> peers = new HashMap<>();

  private final Set<NodeId> cut = new HashSet<>();
  private final Trace trace = new Trace(network::nowNanos);
  private EngineConfig config = EngineConfig.defaults();

  Scenario() {
    network.observe(trace);
    network.weather().reach((from, to) -> cut.contains(from.id()) == cut.contains(to.id()));
  }

  /** Performs one command and returns what there is to be said of it, line by line. */
  List<String> perform(String command) {
    List<String> words = List.of(command.split(" +"));
    List<String> rest = words.subList(1, words.size());
    switch (words.get(0)) {
      case "set" -> set(rest.get(0), rest.get(1));
      case "show" -> trace.show(rest);
      case "of" -> of(rest.get(0), options(rest.subList(1, rest.size())));
      case "join" -> join(rest.get(0), rest.get(2));
      case "start" -> start(rest.get(0), options(rest.subList(1, rest.size())));
      case "run" -> network.run(duration(rest.get(0)));
      case "stop" -> each(rest.get(0), network::stop);
      case "cut" -> each(rest.get(0), peer -> cut.add(peer.id()));
      case "slow" -> each(rest.get(0), peer -> peer.slowness(duration(rest.get(1))));
      case "busy" -> each(rest.get(0), peer -> peer.busy(true));
      case "heal" -> heal();
      case "lookup" ->
          each(rest.get(0), peer -> network.lookup(peer, NodeId.of(Long.parseLong(rest.get(1)))));
      case "leave" -> each(rest.get(0), network::leave);
      case "forge" -> forgeFarewell(peer(Long.parseLong(rest.get(1))), rest.get(3));
      case "move" -> move(peer(Long.parseLong(rest.get(0))), Integer.parseInt(rest.get(2)));
      case "alias" ->
          network.alias(endpoint(Long.parseLong(rest.get(0))), peer(Long.parseLong(rest.get(2))));
      case "contacts" -> each(rest.get(0), trace::contacts);
      case "status" -> each(rest.get(0), trace::status);
      default -> throw new IllegalArgumentException("no such command: " + command);
    }
    return trace.drain();
  }

  private void set(String name, String value) {
    EngineConfig.Builder builder = config.toBuilder();
    switch (name) {
      case "k" -> builder.k(Integer.parseInt(value));
      case "liveness-min-age" -> builder.livenessMinAge(duration(value));
      default -> throw new IllegalArgumentException("no such setting: " + name);
    }
    config = builder.build();
  }

  private void of(String list, Map<String, String> options) {
    Optional<NodeId> to =
        Optional.ofNullable(options.get("to")).map(id -> NodeId.of(Long.parseLong(id)));
    trace.of(ids(list).mapToObj(NodeId::of).toList(), to);
  }

  private void join(String range, String via) {
    ids(range)
        .forEach(
            id -> {
              start(Long.toString(id), Map.of("seeds", via));
              network.runUntil("join of " + id, LIMIT, peer(id)::isJoined);
            });
  }

  private void start(String name, Map<String, String> options) {
    long id = Long.parseLong(name);
    Endpoint[] seeds =
        Optional.ofNullable(options.get("seeds")).stream()
            .flatMap(list -> ids(list).mapToObj(Scenario::endpoint))
            .toArray(Endpoint[]::new);
    Network own =
        Network.of(options.getOrDefault("network", "test"), IdentityMode.ASSIGNED, Scope.PRIVATE);
    // A first record of a peer has the sequence 2.
    long sequence = Long.parseLong(options.getOrDefault("sequence", "2")) - 1;
    Endpoint at = endpoint(Long.parseLong(options.getOrDefault("at", name)));
    peers.put(
        id, network.start(Newcomer.of(NodeId.of(id), at, config, seeds).in(own).after(sequence)));
  }

  private void heal() {
    cut.clear();
    for (VirtualPeer peer : peers.values()) {
      peer.slowness(Duration.ZERO);
      peer.busy(false);
    }
  }

  /** Tells peers in another's name that it has left, by a record that supersedes its own. */
  private void forgeFarewell(VirtualPeer victim, String deceived) {
    PeerRecord own = victim.engine().self().orElseThrow().content();
    PeerRecord farewell = new PeerRecord(own.id(), List.of(), own.sequence() + 1, own.network());
    each(
        deceived,
        to ->
            network.receive(
                to,
                new PingRequest(
                    Newcomer.NETWORK,
                    Optional.of(Wire.sign(farewell)),
                    Optional.of(to.id()),
                    to.endpoint(),
                    Bytes.EMPTY),
                Optional.of(endpoint(99))));
  }

  private void move(VirtualPeer peer, int to) {
    peer.engine().advertise(List.of(endpoint(to)), network.nowNanos());
    network.settle(peer);
  }

  private void each(String list, Consumer<VirtualPeer> action) {
    LongConsumer act = id -> action.accept(peer(id));
    ids(list).forEach(act);
  }

  private VirtualPeer peer(long id) {
    return Optional.ofNullable(peers.get(id))
        .orElseThrow(() -> new IllegalArgumentException("no such peer: " + id));
  }

  static Endpoint endpoint(long id) {
    return Addresses.DENSE.of((int) id);
  }

  private static LongStream ids(String list) {
    return Arrays.stream(list.split(",")).flatMapToLong(Scenario::range);
  }

  private static LongStream range(String range) {
    int dots = range.indexOf("..");
    return dots < 0
        ? LongStream.of(Long.parseLong(range))
        : LongStream.rangeClosed(
            Long.parseLong(range.substring(0, dots)), Long.parseLong(range.substring(dots + 2)));
  }

  private static Map<String, String> options(List<String> words) {
    Map<String, String> options = new HashMap<>();
    for (int i = 0; i < words.size(); i += 2) {
      options.put(words.get(i), words.get(i + 1));
    }
    return options;
  }

  private static Duration duration(String text) {
    return text.endsWith("ms")
        ? Duration.ofMillis(Long.parseLong(text.substring(0, text.length() - 2)))
        : Duration.parse("PT" + text);
  }

  /** What a text of commands and expected traces should read like. */
  static String replay(List<String> lines) {
    Scenario scenario = new Scenario();
    List<String> replayed = new ArrayList<>();
    List<String> said = new ArrayList<>();
    boolean expecting = false;
    for (String line : lines) {
      if (line.equals(SEPARATOR)) {
        expecting = true;
        replayed.add(line);
        replayed.addAll(said);
        said.clear();
      } else if (line.isBlank()) {
        expecting = false;
        replayed.add(line);
      } else if (!expecting) {
        replayed.add(line);
        if (!line.startsWith("#")) {
          said.addAll(scenario.perform(line));
        }
      }
    }
    if (!said.isEmpty()) {
      throw new IllegalArgumentException("the last commands have no " + SEPARATOR + " after them");
    }
    return String.join("\n", replayed) + "\n";
  }

  static final String SEPARATOR = "----";
}
