package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.Call;
import dev.peerdiscovery.core.engine.Engine;
import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.engine.LookupId;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.ProvidersUpdate;
import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.SignatureVerifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Engines on a network of virtual time. Messages take what the {@link #weather} says, nothing else
 * takes any, and the same seed gives the same run. Peers can be stopped, crashed, restarted,
 * paused, slow, busy and hostile; messages can be lost and the network be cut apart.
 *
 * <p>It drives an engine as a node does: requests are answered as its server would ({@link
 * Serving}); it has one timer, which goes off when it asked for it and not before. It fails when an
 * engine asks to be woken for what is due already and then does nothing, twice in a row: its owner
 * would spin.
 *
 * <p>Not thread-safe.
 */
public final class VirtualNetwork {
  private static final Failure UNREACHABLE =
      new Failure(Failure.Kind.UNREACHABLE, "nobody is there");
  private static final Failure TIMEOUT = new Failure(Failure.Kind.TIMEOUT, "no answer in time");

  private final Agenda agenda = new Agenda();
  private final Directory directory = new Directory();
  private final Addresses addresses;
  private final SplittableRandom random;
  private final Weather weather;
  private final Streams streams = new Streams(this);
  private final TraceHash traceHash = new TraceHash();
  private final Records records;
  private final Serving serving = new Serving(this);

  /** Who is, or was last, at each place. */
  private @Nullable VirtualPeer[] occupants = new @Nullable VirtualPeer[64];

  private Observer[] observers = {};
  private int places;
  private int started;
  private long calls;
  private long nowNanos;

  /** A network without peers, whose addresses are given out in turn. */
  public VirtualNetwork(long seed) {
    this(seed, Addresses.DENSE);
  }

  /** A network without peers. */
  public VirtualNetwork(long seed, Addresses addresses) {
    this(seed, addresses, (key, message, signature) -> false);
  }

  /**
   * A network without peers, of which those whose ids are signed have keys of one kind.
   *
   * @param signatures checks what such keys sign; deterministic, real or not
   */
  public VirtualNetwork(long seed, Addresses addresses, SignatureVerifier signatures) {
    this.records = new Records(signatures);
    this.random = Dice.ENGINES.of(seed);
    this.weather = new Weather(seed);
    this.addresses = addresses;
  }

  /** The virtual time, which begins with 0. */
  public long nowNanos() {
    return nowNanos;
  }

  /** What happens to messages. */
  public Weather weather() {
    return weather;
  }

  /** Has somebody look on from now on. */
  public void observe(Observer observer) {
    observers = Arrays.copyOf(observers, observers.length + 1);
    observers[observers.length - 1] = observer;
  }

  /** Has somebody look on no more. */
  public void ignore(Observer observer) {
    observers = Arrays.stream(observers).filter(o -> o != observer).toArray(Observer[]::new);
  }

  /** A hash over all that has happened. */
  public TraceHash traceHash() {
    return traceHash;
  }

  /** How many calls were made. */
  public long calls() {
    return calls;
  }

  /** How many addresses peers were started at. */
  public int places() {
    return places;
  }

  /** The address of the peer that is started as the n-th, from 0, at an address of its own. */
  public Endpoint addressOf(int n) {
    return addresses.of(n);
  }

  /** Who is, or was last, at an address. */
  public Optional<VirtualPeer> at(Endpoint endpoint) {
    return Optional.ofNullable(occupant(directory.find(endpoint)));
  }

  /** Starts a peer at the next address. */
  public VirtualPeer start(NodeId id, EngineConfig config, Endpoint... seeds) {
    return start(Newcomer.of(id, addresses.of(places), config, seeds));
  }

  /** Starts a peer, instead of the one that is at its address if there is one. */
  public VirtualPeer start(Newcomer newcomer) {
    VirtualPeer peer = settleIn(newcomer);
    if (!newcomer.remembered().isEmpty()) {
      peer.engine().remember(newcomer.remembered(), nowNanos);
    }
    peer.engine().advertise(List.of(newcomer.at()), nowNanos);
    settle(peer);
    return peer;
  }

  /** Starts a peer that goes on with contacts as if it had joined. */
  VirtualPeer resume(Newcomer newcomer, List<Contact> contacts) {
    VirtualPeer peer = settleIn(newcomer);
    peer.engine().resume(contacts, nowNanos);
    peer.joined();
    for (Observer observer : observers) {
      observer.resumed(peer, contacts);
    }
    peer.engine().advertise(List.of(newcomer.at()), nowNanos);
    settle(peer);
    return peer;
  }

  /**
   * Starts a peer at the next address and runs until it has joined.
   *
   * @throws IllegalStateException when it does not within five minutes of virtual time
   */
  public VirtualPeer join(NodeId id, EngineConfig config, Endpoint... seeds) {
    VirtualPeer peer = start(id, config, seeds);
    runUntil("join of " + peer, Duration.ofMinutes(5), peer::isJoined);
    return peer;
  }

  /** Has peers with random ids join in turn, each through a random one before it. */
  public List<VirtualPeer> grow(int peers, EngineConfig config, SplittableRandom ids) {
    List<VirtualPeer> grown = new ArrayList<>(peers);
    for (int i = 0; i < peers; i++) {
      Endpoint[] seeds = new Endpoint[i == 0 ? 0 : 1];
      if (i > 0) {
        seeds[0] = grown.get(ids.nextInt(i)).endpoint();
      }
      grown.add(join(NodeId.random(ids), config, seeds));
    }
    return grown;
  }

  private VirtualPeer settleIn(Newcomer newcomer) {
    int place = directory.find(newcomer.at());
    if (place == Directory.NOWHERE) {
      place = places++;
      directory.put(newcomer.at(), place);
    }
    if (place >= occupants.length) {
      occupants = Arrays.copyOf(occupants, Math.max(place + 1, 2 * occupants.length));
    }
    VirtualPeer before = occupants[place];
    if (before != null && before.isRunning()) {
      stop(before);
    }
    VirtualPeer peer = new VirtualPeer(started++, place, newcomer, engine(newcomer), nowNanos);
    occupants[place] = peer;
    for (Observer observer : observers) {
      observer.started(peer);
    }
    return peer;
  }

  private Engine engine(Newcomer newcomer) {
    return new Engine(
        newcomer.config(),
        newcomer.id(),
        newcomer.network(),
        newcomer.sequence(),
        newcomer.seeds(),
        records.signer(newcomer),
        records.verifier(newcomer.network()),
        random.split(),
        random.split(),
        nowNanos);
  }

  /** The contact that others have of a peer once it has started. */
  Contact contactOf(Newcomer newcomer) {
    return records.contactOf(newcomer);
  }

  /** Has another address lead to a place, as the name of a service does. */
  public void alias(Endpoint name, VirtualPeer peer) {
    directory.put(name, peer.place());
  }

  /** The peer is gone at once, and its machine says so to callers. */
  public void stop(VirtualPeer peer) {
    end(peer, false);
  }

  /** The peer is gone at once with its machine: callers hear nothing. */
  public void crash(VirtualPeer peer) {
    end(peer, true);
  }

  /**
   * The peer {@linkplain #crash crashes} and is of no interest any more: its state is forgotten.
   */
  public void remove(VirtualPeer peer) {
    end(peer, true);
    peer.forgetEngine();
  }

  private void end(VirtualPeer peer, boolean silently) {
    if (peer.isRunning()) {
      peer.stop(silently);
      streams.stopped(peer, silently);
      for (Observer observer : observers) {
        observer.stopped(peer);
      }
    }
  }

  /** The peer does nothing for a while, or until an earlier pause ends, and then catches up. */
  public void pause(VirtualPeer peer, Duration duration) {
    peer.pause(nowNanos + duration.toNanos());
  }

  /** Has a peer look something up. */
  public Optional<LookupId> lookup(VirtualPeer peer, NodeId target) {
    Optional<LookupId> id = peer.engine().lookup(target, nowNanos);
    settle(peer);
    return id;
  }

  /** Has a peer say farewell. It runs on until it is stopped. */
  public void leave(VirtualPeer peer) {
    peer.engine().leave(nowNanos);
    settle(peer);
  }

  /** Has something be done after a while. */
  public void after(Duration delay, Runnable what) {
    agenda.add(nowNanos + delay.toNanos(), what);
  }

  /** Lets virtual time pass. */
  public void run(Duration duration) {
    long end = nowNanos + duration.toNanos();
    while (agenda.nextNanos() <= end && !agenda.isEmpty()) {
      step();
    }
    nowNanos = end;
  }

  /**
   * Runs until the condition holds.
   *
   * @throws IllegalStateException when it does not within that much virtual time
   */
  public void runUntil(String what, Duration limit, BooleanSupplier condition) {
    long end = nowNanos + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (agenda.isEmpty() || agenda.nextNanos() > end) {
        throw new IllegalStateException("not within " + limit + " of virtual time: " + what);
      }
      step();
    }
  }

  private void step() {
    nowNanos = agenda.nextNanos();
    Object due = agenda.remove();
    if (due instanceof Flight flight) {
      if (flight.outcome == null) {
        arrive(flight);
      } else {
        complete(flight);
      }
    } else if (due instanceof VirtualPeer peer) {
      timer(peer);
    } else {
      ((Runnable) due).run();
    }
  }

  /** Performs what an engine wants. Due after every input that it was given from outside. */
  public void settle(VirtualPeer peer) {
    List<Event> events = peer.engine().drainEvents();
    for (int i = 0; i < events.size(); i++) {
      Event event = events.get(i);
      traceHash.told(nowNanos, peer, event);
      if (event instanceof Event.JoinEnded) {
        peer.joined();
      }
      for (Observer observer : observers) {
        observer.told(peer, event);
      }
    }
    List<Call> made = peer.engine().drainCalls();
    for (int i = 0; i < made.size(); i++) {
      perform(peer, made.get(i));
    }
    streams.cancelled(peer, peer.engine().drainCancelled());
    streams.send(peer.engine().drainStreamed());
    peer.wakeNanos = peer.engine().nextWake();
    if (peer.wakeNanos > nowNanos || !events.isEmpty() || !made.isEmpty()) {
      peer.vainWakes = 0;
    }
    if (peer.wakeNanos < peer.armedNanos) {
      arm(peer);
    }
    for (Observer observer : observers) {
      observer.settled(peer);
    }
  }

  private void arm(VirtualPeer peer) {
    peer.armedNanos = Math.max(peer.wakeNanos, nowNanos);
    agenda.add(peer.armedNanos, peer);
  }

  /** An entry of the agenda for waking a peer; it may want to be woken later by now, or never. */
  private void timer(VirtualPeer peer) {
    if (!peer.isRunning() || peer.armedNanos != nowNanos) {
      return;
    }
    peer.armedNanos = Long.MAX_VALUE;
    if (peer.pausedUntilNanos() > nowNanos) {
      peer.armedNanos = peer.pausedUntilNanos();
      agenda.add(peer.armedNanos, peer);
    } else if (peer.wakeNanos <= nowNanos) {
      peer.woken();
      peer.vainWakes++;
      peer.engine().wake(nowNanos);
      settle(peer);
      if (peer.vainWakes > 1) {
        throw new IllegalStateException(peer + " would spin at " + Duration.ofNanos(nowNanos));
      }
    } else if (peer.wakeNanos != Long.MAX_VALUE) {
      arm(peer);
    }
  }

  private void perform(VirtualPeer from, Call call) {
    calls++;
    for (Observer observer : observers) {
      observer.called(from, call);
    }
    long deadline = nowNanos + call.deadline().toNanos();
    Weather.Fate fate = weather.fateOfCall();
    int place = directory.find(call.to());
    Flight flight = new Flight(from, place, call, deadline, fate == Weather.Fate.ANSWER_LOST);
    if (fate == Weather.Fate.REQUEST_LOST) {
      comeBack(flight, TIMEOUT, deadline);
      return;
    }
    long arrives = nowNanos + weather.oneWayNanos(from.place(), place);
    if (arrives > deadline) {
      // Given up by then, and no server looks at a request whose deadline has passed.
      comeBack(flight, TIMEOUT, deadline);
    } else {
      agenda.add(arrives, flight);
    }
  }

  private void arrive(Flight flight) {
    VirtualPeer to = occupant(flight.toPlace);
    long back = nowNanos + weather.oneWayNanos(flight.toPlace, flight.from.place());
    if (to == null) {
      comeBack(flight, UNREACHABLE, back);
    } else if (!weather.passes(flight.from, to)) {
      comeBack(flight, TIMEOUT, flight.deadlineNanos);
    } else if (!to.isRunning()) {
      comeBack(flight, to.isSilent() ? TIMEOUT : UNREACHABLE, back);
    } else if (to.pausedUntilNanos() > flight.deadlineNanos) {
      comeBack(flight, TIMEOUT, flight.deadlineNanos);
    } else if (to.pausedUntilNanos() > nowNanos) {
      agenda.add(to.pausedUntilNanos(), flight);
    } else if (Streams.isStream(flight.call)) {
      Optional<Outcome> atOnce = streams.arrived(to, flight);
      atOnce.ifPresent(outcome -> comeBack(flight, outcome, back));
      settle(to);
    } else {
      Outcome answer = receive(to, flight.call.request(), flight.from.seenAs());
      for (Observer observer : observers) {
        observer.answered(flight.from, to, flight.call.request(), answer);
      }
      boolean lost = flight.answerLost || !weather.passes(to, flight.from);
      comeBack(flight, lost ? TIMEOUT : answer, back + to.slownessNanos());
    }
  }

  /** Has a call come to its outcome, which no caller waits for beyond the deadline. */
  private void comeBack(Flight flight, Outcome outcome, long atNanos) {
    boolean late = atNanos > flight.deadlineNanos;
    boolean silence = outcome instanceof Failure failure && failure.kind() == Failure.Kind.TIMEOUT;
    flight.outcome = late || silence ? TIMEOUT : outcome;
    agenda.add(Math.max(nowNanos, late || silence ? flight.deadlineNanos : atNanos), flight);
  }

  /** Has a stream that ended come to its outcome, which its call has by now. */
  void comeBack(Flight flight, Duration after) {
    agenda.add(nowNanos + after.toNanos(), flight);
  }

  /** Has a peer hear an update of a stream that it called. */
  void updated(VirtualPeer from, Call call, ProvidersUpdate update) {
    for (Observer observer : observers) {
      observer.updated(from, call, update);
    }
    from.engine().updated(call.id(), update, nowNanos);
    settle(from);
  }

  /**
   * Has a peer answer a request, whoever sent it, as its server would.
   *
   * @param observed where the caller is seen to call from, if there is an address
   */
  public Outcome receive(VirtualPeer to, Request request, Optional<Endpoint> observed) {
    return serving.answer(to, request, observed);
  }

  private void complete(Flight flight) {
    VirtualPeer from = flight.from;
    Outcome outcome = flight.outcome;
    if (outcome == null || !from.isRunning()) {
      return;
    }
    if (from.pausedUntilNanos() > nowNanos) {
      agenda.add(from.pausedUntilNanos(), flight);
      return;
    }
    traceHash.completed(nowNanos, from, flight.call, outcome);
    for (Observer observer : observers) {
      observer.completed(from, flight.call, outcome);
    }
    from.engine().completed(flight.call.id(), outcome, nowNanos);
    settle(from);
  }

  private @Nullable VirtualPeer occupant(int place) {
    return place == Directory.NOWHERE ? null : occupants[place];
  }
}
