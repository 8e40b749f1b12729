package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.routing.RoutingTable;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Keeps the table from going stale: looks up a random id in each bucket that has seen no refresh
 * for a while (Kademlia, section 2.3), and the node itself for the neighbourhood below them.
 * Buckets above the highest that holds anybody are empty and are left alone. One lookup at a time.
 */
final class Refresh implements Part {
  private static final Duration SECOND_LOOK = Duration.ofSeconds(3);

  /** How often in a refresh interval buckets that are new are noticed. */
  private static final int LOOKS = 10;

  /** As many as there are seeds in a round. */
  private static final int MAX_VANTAGES = 16;

  private final EngineConfig config;
  private final NodeId self;
  private final Hints hints;
  private final Lookups lookups;
  private final RoutingTable table;
  private final RandomGenerator jitter;

  /**
   * When each bucket between the farthest and the nearest contact is due, 0 where there is none: by
   * how many leading bits its ids share with the node's.
   */
  private long[] dueNanos = {};

  /** When to look over the buckets again: when one is due, and now and then for new ones. */
  private long nextLookNanos;

  /** Peers from which to look around, each once. */
  private final Deque<SignedPeerRecord> vantages = new ArrayDeque<>();

  private long selfDueNanos = NEVER;
  private boolean started;
  private boolean lookingUp;

  Refresh(
      EngineConfig config,
      Self self,
      Hints hints,
      Lookups lookups,
      RoutingTable table,
      RandomGenerator jitter) {
    this.config = config;
    this.self = self.id();
    this.hints = hints;
    this.lookups = lookups;
    this.table = table;
    this.jitter = jitter;
  }

  /**
   * The node has joined, so everything is fresh. Only in a small network it looks around once more
   * before long: of two peers that join at the same moment neither can have been told of the other.
   */
  void joined(long nowNanos) {
    started = true;
    dueNanos = new long[0];
    nextLookNanos = nowNanos;
    boolean isFew = table.size() < config.k();
    selfDueNanos = nowNanos + (isFew ? Math.min(SECOND_LOOK.toNanos(), interval()) : interval());
  }

  /**
   * Asks for a self-lookup that begins at a peer, as soon as possible. It may belong to an island
   * that nobody here knows of, whose neighbours of ours it leads to; a lookup that began at our own
   * nearest would never come to ask it, and in the table there may be no place for it.
   */
  void lookAroundFrom(SignedPeerRecord peer) {
    if (started && vantages.size() < MAX_VANTAGES) {
      vantages.add(peer);
    }
  }

  /** A lookup that was asked for went where a refresh would have gone. */
  void lookedUp(NodeId target, long nowNanos) {
    int prefix = target.equals(self) ? NodeId.BITS : NodeId.BITS - 1 - self.bucketOf(target);
    if (prefix < dueNanos.length && dueNanos[prefix] != 0) {
      dueNanos[prefix] = nowNanos + interval();
    }
  }

  @Override
  public void advance(long nowNanos) {
    if (!started || lookingUp || table.size() == 0) {
      return;
    }
    SignedPeerRecord vantage = vantages.poll();
    if (vantage != null) {
      lookingUp = true;
      lookups.start(
          self,
          List.of(vantage),
          Event.Purpose.REFRESH,
          true,
          Filling.table(hints, self, this::lookupEnded),
          nowNanos);
      return;
    }
    if (nowNanos >= selfDueNanos) {
      selfDueNanos = nowNanos + interval();
      lookUp(self, Filling.table(hints, self, this::lookupEnded), nowNanos);
      return;
    }
    if (nowNanos < nextLookNanos) {
      return;
    }
    int first = NodeId.BITS - 1 - table.highestBucket();
    int end = NodeId.BITS - 1 - lowestBucket();
    dueNanos = Arrays.copyOf(dueNanos, end);
    Arrays.fill(dueNanos, 0, Math.min(first, end), 0);
    for (int prefix = first; prefix < end; prefix++) {
      if (dueNanos[prefix] == 0) {
        dueNanos[prefix] = nowNanos + interval();
      }
      if (nowNanos >= dueNanos[prefix]) {
        dueNanos[prefix] = nowNanos + interval();
        NodeId target = randomIn(NodeId.BITS - 1 - prefix);
        lookUp(target, Filling.bucketOf(target, hints, self, this::lookupEnded), nowNanos);
        return;
      }
    }
    nextLookNanos = nowNanos + config.refreshInterval().toNanos() / LOOKS;
    for (int prefix = first; prefix < end; prefix++) {
      nextLookNanos = Math.min(nextLookNanos, dueNanos[prefix]);
    }
  }

  private void lookUp(NodeId target, Filling filling, long nowNanos) {
    lookingUp = true;
    lookups.start(target, Event.Purpose.REFRESH, target.equals(self), filling, nowNanos);
  }

  private void lookupEnded(long nowNanos) {
    lookingUp = false;
  }

  /**
   * The bucket of the nearest contact: below it there is nobody, and the self-lookup sees to it.
   */
  private int lowestBucket() {
    List<Contact> nearest = table.closest(self, 1);
    return nearest.isEmpty() ? table.highestBucket() : self.bucketOf(nearest.get(0).id());
  }

  /** An id drawn evenly from those in a bucket. */
  private NodeId randomIn(int bucket) {
    NodeId random = NodeId.random(jitter);
    NodeId target = self.flip(bucket);
    for (int bit = 0; bit < bucket; bit++) {
      if (random.bit(bit)) {
        target = target.flip(bit);
      }
    }
    return target;
  }

  private long interval() {
    return (long) (config.refreshInterval().toNanos() * (0.8 + 0.4 * jitter.nextDouble()));
  }

  @Override
  public long nextWake() {
    if (!started || lookingUp || table.size() == 0) {
      return NEVER;
    }
    return Math.min(selfDueNanos, nextLookNanos);
  }
}
