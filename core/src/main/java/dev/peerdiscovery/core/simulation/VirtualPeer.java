package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.Engine;
import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.MessageSigner;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One run of one peer: an engine at an address. A peer that comes back after a stop is another run,
 * at the same place.
 */
public final class VirtualPeer {
  private static final int NEVER_HEARD = -1;

  private final int number;
  private final int place;
  private final NodeId id;
  private final Optional<Endpoint> endpoint;
  private final Network network;
  private final EngineConfig config;
  private final Optional<MessageSigner> key;
  private @Nullable Engine engine;
  private final long sinceNanos;

  private boolean running = true;
  private boolean joined;
  private boolean silent;
  private boolean busy;
  private int island;
  private @Nullable Behaviour behaviour;
  private long slownessNanos;
  private long pausedUntilNanos;
  private int wakes;

  // What follows is the network's.

  /** When the engine wants to be woken. */
  long wakeNanos = Long.MAX_VALUE;

  /** The earliest entry of the agenda that is for waking it. */
  long armedNanos = Long.MAX_VALUE;

  /** When the engine was last told that a request came in. */
  long heardNanos = NEVER_HEARD;

  /** How often in a row it was woken for what was due already, and did nothing. */
  int vainWakes;

  VirtualPeer(int number, int place, Newcomer newcomer, Engine engine, long nowNanos) {
    this.number = number;
    this.place = place;
    this.id = newcomer.id();
    this.endpoint = Optional.of(newcomer.at());
    this.network = newcomer.network();
    this.config = newcomer.config();
    this.key = newcomer.key();
    this.engine = engine;
    this.sinceNanos = nowNanos;
  }

  /** Counts the peers of a network in the order in which they were started. */
  public int number() {
    return number;
  }

  /** The number of its address. */
  public int place() {
    return place;
  }

  /** Its id. */
  public NodeId id() {
    return id;
  }

  /** Where it was started. */
  public Endpoint endpoint() {
    return endpoint.orElseThrow();
  }

  /** As which address others see it calling. */
  public Optional<Endpoint> seenAs() {
    return endpoint;
  }

  /** The network that it belongs to. */
  public Network network() {
    return network;
  }

  /** The numbers that it goes by. */
  public EngineConfig config() {
    return config;
  }

  /** What it signs with, where ids are signed. */
  public Optional<MessageSigner> key() {
    return key;
  }

  /**
   * Its engine. Whoever gives it an input has the network {@link VirtualNetwork#settle} it.
   *
   * @throws IllegalStateException when the peer was {@linkplain VirtualNetwork#remove removed}
   */
  public Engine engine() {
    if (engine == null) {
      throw new IllegalStateException(this + " was removed");
    }
    return engine;
  }

  /** When it was started. */
  public long sinceNanos() {
    return sinceNanos;
  }

  /** Whether it runs. */
  public boolean isRunning() {
    return running;
  }

  /** Whether its first join is over, or it began with contacts. */
  public boolean isJoined() {
    return joined;
  }

  /** Whether it answers as it should. */
  public boolean isHonest() {
    return behaviour == null;
  }

  /** The part of a network that was cut apart; see {@link Reach#ISLANDS}. At first 0. */
  public int island() {
    return island;
  }

  /** Moves it to another part of the network. */
  public void island(int value) {
    island = value;
  }

  /** Sets how much later than others it answers from now on. */
  public void slowness(Duration value) {
    slownessNanos = value.toNanos();
  }

  /** Sets whether it refuses everything as overloaded from now on. */
  public void busy(boolean value) {
    busy = value;
  }

  /** Has it answer like this from now on. */
  public void behave(Behaviour value) {
    behaviour = value;
  }

  /** Has it answer as it should again. */
  public void behaveWell() {
    behaviour = null;
  }

  /** How often its engine was woken. */
  public int wakes() {
    return wakes;
  }

  /** {@code id@host:port}. */
  @Override
  public String toString() {
    return id.toShortString() + "@" + endpoint();
  }

  void stop(boolean silently) {
    running = false;
    silent = silently;
  }

  void forgetEngine() {
    engine = null;
  }

  boolean isSilent() {
    return silent;
  }

  void joined() {
    joined = true;
  }

  void woken() {
    wakes++;
  }

  boolean isBusy() {
    return busy;
  }

  @Nullable Behaviour behaviour() {
    return behaviour;
  }

  long slownessNanos() {
    return slownessNanos;
  }

  long pausedUntilNanos() {
    return pausedUntilNanos;
  }

  /** What was put off until an earlier pause ends comes then, so a shorter one is part of it. */
  void pause(long untilNanos) {
    pausedUntilNanos = Math.max(pausedUntilNanos, untilNanos);
  }
}
