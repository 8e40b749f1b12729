package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.routing.RoutingTable;
import dev.peerdiscovery.core.simulation.Observer;
import dev.peerdiscovery.core.simulation.VirtualPeer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Writes down what peers tell and call, a line each: the second, the peer, what it did. A call is
 * written down when its outcome is known.
 */
final class Trace implements Observer {
  private static final List<String> KINDS =
      List.of("joins", "lookups", "contacts", "hints", "self", "calls");

  private final LongSupplier clock;
  private final List<String> lines = new ArrayList<>();
  private final Set<String> shown = new TreeSet<>(KINDS);
  private final Set<NodeId> of = new TreeSet<>();
  private Optional<NodeId> to = Optional.empty();

  Trace(LongSupplier clock) {
    this.clock = clock;
  }

  void show(List<String> kinds) {
    if (kinds.equals(List.of("nothing"))) {
      shown.clear();
      return;
    }
    if (!KINDS.containsAll(kinds)) {
      throw new IllegalArgumentException("show: one of " + KINDS + ", got " + kinds);
    }
    shown.clear();
    shown.addAll(kinds);
  }

  void of(Collection<NodeId> peers, Optional<NodeId> callsTo) {
    of.clear();
    of.addAll(peers);
    to = callsTo;
  }

  List<String> drain() {
    List<String> drained = List.copyOf(lines);
    lines.clear();
    return drained;
  }

  void contacts(VirtualPeer peer) {
    String known =
        peer.engine().contacts().stream()
            .sorted(Comparator.comparing((RoutingTable.Entry entry) -> entry.contact().id()))
            .map(entry -> entry.contact().id() + (entry.failures() > 0 ? "?" : ""))
            .collect(Collectors.joining(" "));
    write(peer, known.isEmpty() ? "knows nobody" : "knows " + known);
  }

  void status(VirtualPeer peer) {
    EngineStatus status = peer.engine().status();
    write(
        peer,
        status.state()
            + ": "
            + status.contacts()
            + " contacts, "
            + status.suspects()
            + " suspects, "
            + status.replacements()
            + " parked, "
            + status.departed()
            + " departed, about "
            + Math.round(status.estimatedSize())
            + " peers");
    status
        .seeds()
        .forEach(seed -> write(peer, "  seed " + seed.endpoint() + " " + seed.lastResult()));
    status.warnings().forEach(warning -> write(peer, "  " + warning));
  }

  @Override
  public void told(VirtualPeer peer, Event event) {
    if (event instanceof Event.JoinStarted) {
      write("joins", peer, "joins");
    } else if (event instanceof Event.JoinEnded ended) {
      write(
          "joins",
          peer,
          ended.contacts() == 0 ? "is alone" : "has joined: " + ended.contacts() + " contacts");
    } else if (event instanceof Event.LookupStarted started) {
      String purpose = started.purpose().name().toLowerCase(Locale.ROOT);
      write("lookups", peer, "looks up " + name(started.target()) + " (" + purpose + ")");
    } else if (event instanceof Event.LookupEnded ended) {
      write(
          "lookups",
          peer,
          "found "
              + names(ended.result().stream().map(contact -> contact.id()).toList())
              + " nearest to "
              + name(ended.target())
              + " in "
              + ended.calls()
              + " calls");
    } else if (event instanceof Event.ContactEarned earned) {
      write("contacts", peer, "earned " + earned.contact().id());
    } else if (event instanceof Event.ContactLost lost) {
      write("contacts", peer, "lost " + lost.contact().id() + ": " + lost.loss());
    } else if (event instanceof Event.HintParked parked) {
      write("hints", peer, "parked " + parked.id());
    } else if (event instanceof Event.HintDropped dropped) {
      write("hints", peer, "dropped " + dropped.id() + ": " + dropped.drop());
    } else if (event instanceof Event.SelfDoubt doubt) {
      write("self", peer, doubt.doubtful() ? "doubts itself" : "trusts itself again");
    } else if (event instanceof Event.SelfChanged changed) {
      write(
          "self",
          peer,
          "is at "
              + changed.record().content().endpoints()
              + ", sequence "
              + Long.toUnsignedString(changed.record().content().sequence()));
    } else if (event instanceof Event.Left) {
      write("self", peer, "has left");
    } else if (!(event instanceof Event.LookupStep)) {
      // A step is an answer, and calls tell those.
      throw new AssertionError(event);
    }
  }

  @Override
  public void completed(VirtualPeer from, Call call, Outcome outcome) {
    if (to.isPresent() && !to.equals(call.request().wantedId())) {
      return;
    }
    String callee = call.request().wantedId().map(NodeId::toString).orElse(call.to().toString());
    String what =
        call.request() instanceof FindNodeRequest find
            ? "FindNode " + name(find.target())
            : pingName((PingRequest) call.request());
    write("calls", from, "-> " + callee + " " + what + ": " + describe(outcome));
  }

  private static String pingName(PingRequest ping) {
    boolean farewell = ping.caller().filter(caller -> caller.content().hasLeft()).isPresent();
    return farewell ? "Ping (farewell)" : "Ping";
  }

  private static String describe(Outcome outcome) {
    if (outcome instanceof FindNodeResponse found) {
      return names(found.peers().stream().map(record -> record.id()).toList());
    }
    if (outcome instanceof PingResponse ping) {
      return ping.responder().id() + (ping.proof().isEmpty() ? " without proof" : " proved");
    }
    return outcome instanceof Refusal refusal
        ? "refused " + refusal.reason()
        : ((Failure) outcome).kind().toString();
  }

  private static String names(List<NodeId> ids) {
    return ids.isEmpty()
        ? "nobody"
        : ids.stream().map(Trace::name).collect(Collectors.joining(" "));
  }

  /**
   * The id; those far from all small ids are called by the small id that they are farthest from.
   */
  private static String name(NodeId id) {
    return id.w0() == -1 ? "~" + id.complement() : id.toShortString();
  }

  private void write(String kind, VirtualPeer peer, String what) {
    if (shown.contains(kind) && (of.isEmpty() || of.contains(peer.id()))) {
      write(peer, what);
    }
  }

  private void write(VirtualPeer peer, String what) {
    double seconds = clock.getAsLong() / 1e9;
    lines.add(String.format(Locale.ROOT, "%9.3f %s %s", seconds, peer.id().toShortString(), what));
  }
}
