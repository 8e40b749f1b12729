package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.Call;
import dev.peerdiscovery.core.engine.CallId;
import dev.peerdiscovery.core.engine.StreamId;
import dev.peerdiscovery.core.engine.Streamed;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.ProvidersUpdate;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.message.StreamEnded;
import dev.peerdiscovery.core.message.WatchProvidersRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The streams of a network: calls that are answered by many messages, in order, until one side ends
 * them. One whose machine is gone, or that is cut off with something to send, ends for its caller
 * when the transport notices.
 */
final class Streams {
  /** After which a transport gives up on a connection: HTTP/2 keepalive, in a node. */
  private static final Duration NOTICED = Duration.ofSeconds(20);

  private static final class Stream {
    final StreamId id;
    final VirtualPeer from;
    final VirtualPeer to;
    final Flight flight;
    long lastArrivalNanos;
    boolean over;

    Stream(StreamId id, VirtualPeer to, Flight flight) {
      this.id = id;
      this.from = flight.from;
      this.to = to;
      this.flight = flight;
    }
  }

  private final VirtualNetwork network;
  private final Map<StreamId, Stream> byId = new LinkedHashMap<>();

  /** Those that a peer answers, and those that it called, by its number. */
  private final Map<Integer, Map<StreamId, Stream>> answered = new HashMap<>();

  private final Map<Integer, Map<StreamId, Stream>> called = new HashMap<>();
  private long opened;

  Streams(VirtualNetwork network) {
    this.network = network;
  }

  /** A call for a stream arrived; whatever is returned is its outcome, at once. */
  Optional<Outcome> arrived(VirtualPeer to, Flight flight) {
    StreamId id = new StreamId(++opened);
    WatchProvidersRequest request = (WatchProvidersRequest) flight.call.request();
    if (to.isHonest()) {
      Optional<Refusal> refusal = to.engine().opened(id, request, network.nowNanos());
      if (refusal.isPresent()) {
        return Optional.of(refusal.get());
      }
    }
    Stream stream = new Stream(id, to, flight);
    byId.put(id, stream);
    answered.computeIfAbsent(to.number(), number -> new LinkedHashMap<>()).put(id, stream);
    called.computeIfAbsent(flight.from.number(), number -> new LinkedHashMap<>()).put(id, stream);
    network.after(
        Duration.ofNanos(flight.deadlineNanos - network.nowNanos()),
        () -> end(stream, new StreamEnded(), Duration.ZERO));
    return Optional.empty();
  }

  /** A peer has something to say on streams that it answers. */
  void send(List<Streamed> messages) {
    for (int i = 0; i < messages.size(); i++) {
      Stream stream = byId.get(messages.get(i).stream());
      if (stream != null && !stream.over) {
        send(stream, messages.get(i).update());
      }
    }
  }

  private void send(Stream stream, ProvidersUpdate update) {
    if (!network.weather().passes(stream.to, stream.from)) {
      end(stream, new Failure(Failure.Kind.TIMEOUT, "the connection broke"), NOTICED);
      return;
    }
    long oneWay = network.weather().oneWayNanos(stream.to.place(), stream.from.place());
    stream.lastArrivalNanos = Math.max(stream.lastArrivalNanos, network.nowNanos() + oneWay);
    network.after(
        Duration.ofNanos(stream.lastArrivalNanos - network.nowNanos()),
        () -> {
          if (!stream.over && stream.from.isRunning()) {
            network.updated(stream.from, stream.flight.call, update);
          }
        });
  }

  /** A peer wants some of its streams no more. */
  void cancelled(VirtualPeer from, List<CallId> calls) {
    for (CallId call : calls) {
      for (Stream stream : of(called, from)) {
        if (stream.flight.call.id().equals(call)) {
          end(stream, new Failure(Failure.Kind.CANCELLED, "given up"), Duration.ZERO);
        }
      }
    }
  }

  /** A peer is gone. */
  void stopped(VirtualPeer peer, boolean silently) {
    for (Stream stream : of(called, peer)) {
      end(stream, new StreamEnded(), Duration.ZERO);
    }
    for (Stream stream : of(answered, peer)) {
      if (silently) {
        end(stream, new Failure(Failure.Kind.TIMEOUT, "the connection broke"), NOTICED);
      } else {
        Failure gone = new Failure(Failure.Kind.UNREACHABLE, "nobody is there");
        long oneWay = network.weather().oneWayNanos(peer.place(), stream.from.place());
        end(stream, gone, Duration.ofNanos(oneWay));
      }
    }
  }

  private static List<Stream> of(Map<Integer, Map<StreamId, Stream>> streams, VirtualPeer peer) {
    return new ArrayList<>(streams.getOrDefault(peer.number(), Map.of()).values());
  }

  private void end(Stream stream, Outcome outcome, Duration after) {
    if (stream.over) {
      return;
    }
    stream.over = true;
    byId.remove(stream.id);
    remove(answered, stream.to, stream.id);
    remove(called, stream.from, stream.id);
    if (stream.to.isRunning()) {
      stream.to.engine().closed(stream.id);
    }
    stream.flight.outcome = outcome;
    network.comeBack(stream.flight, after);
  }

  private static void remove(
      Map<Integer, Map<StreamId, Stream>> streams, VirtualPeer peer, StreamId id) {
    streams.computeIfPresent(
        peer.number(),
        (number, own) -> {
          own.remove(id);
          return own.isEmpty() ? null : own;
        });
  }

  /** Whether a call is one for a stream. */
  static boolean isStream(Call call) {
    return call.request() instanceof WatchProvidersRequest;
  }
}
