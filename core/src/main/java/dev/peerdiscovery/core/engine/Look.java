package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.GetProvidersResponse;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * One look at the region of a key: the k nearest, and everybody nearer than the distance within
 * which k are expected, at most 4k. All of them are asked for providers, whatever the first ones
 * say, because whoever wants to hide a service takes the places nearest to its key.
 *
 * <p>(1) A lookup of the key, whose question is GetProviders. (2) Where that ends far inside of the
 * region, the places were taken: whoever it heard of named the same k. Then a short lookup of each
 * subtree beside them, which begins at the region's rim, finds the others; it ends when three
 * answers in a row from there name nobody new. (3) Those that were only heard of are asked, too.
 *
 * <p>Of those that are known to be in the region it notes which did not answer, be it that they
 * failed, refused, or are not to be called because they asked for a pause: see {@link Region}.
 */
final class Look {
  /** Takes what a look brings. */
  interface Outlook {
    /** A peer answered, be it in the region or on the way to it. */
    void answered(Contact from, GetProvidersResponse response, long nowNanos);

    /** The look is over. */
    void ended(Region region, long nowNanos);
  }

  /** Answers in a row without anybody new that end the lookup of a subtree. */
  private static final int MAX_VAIN_ANSWERS = 3;

  /** So many more must be expected in the region for the rest of it to be searched. */
  private static final int MIN_UNSEEN = 3;

  private final Lookers lookers;
  private final NodeId key;
  private final int wanted;
  private final Outlook outlook;
  private final double expected;
  private final double radius;

  /** Who answered. */
  private final Map<NodeId, Keeper> keepers = new LinkedHashMap<>();

  /** Who is in the region and was not asked, as far as was heard. */
  private final Map<NodeId, SignedPeerRecord> heard = new LinkedHashMap<>();

  private final Set<NodeId> asked = new HashSet<>();

  /** Those that were to be asked and have not answered, and where they are called. */
  private final Map<NodeId, Endpoint> silent = new HashMap<>();

  private int nextBit;
  private int lastBit;
  private int underWay;

  Look(Lookers lookers, NodeId key, int wanted, Outlook outlook) {
    this.lookers = lookers;
    this.key = key;
    this.wanted = wanted;
    this.outlook = outlook;
    this.expected = lookers.estimatedSize();
    this.radius = Math.min(1, k() / expected);
  }

  private int k() {
    return lookers.config().k();
  }

  /**
   * Begins.
   *
   * @param remembered who was in the region at the last look
   */
  void begin(Collection<SignedPeerRecord> remembered, long nowNanos) {
    List<SignedPeerRecord> from = new ArrayList<>(remembered);
    from.addAll(lookers.lookups().nearest(key));
    lookers.lookups().start(key, from, Event.Purpose.REGION, true, new Main(), nowNanos);
  }

  /** The lookup of the key itself. */
  private final class Main implements Lookups.Companion {
    @Override
    public Request question(Self self, Contact peer, NodeId target) {
      asked.add(peer.id());
      silent.put(peer.id(), peer.endpoint());
      return lookers.getProviders(peer, key, wanted);
    }

    @Override
    public void passedOver(Contact peer) {
      silent.put(peer.id(), peer.endpoint());
    }

    @Override
    public Optional<List<SignedPeerRecord>> named(Contact from, Outcome outcome, long nowNanos) {
      return take(from, outcome, nowNanos);
    }

    @Override
    public boolean answered(Contact from, List<SignedPeerRecord> named, long nowNanos) {
      return false;
    }

    @Override
    public void ended(long nowNanos) {
      List<Keeper> nearest = nearestFirst();
      double reached = nearest.size() < k() ? 1 : share(nearest.get(k() - 1).contact().id());
      // A few that chance put into the region beyond the k nearest are not worth the calls.
      boolean crowded = (radius - reached) * expected >= MIN_UNSEEN;
      nextBit = crowded ? bit(radius) : -1;
      lastBit = crowded ? Math.max(bit(reached), bit(1 / expected)) : 0;
      widen(nowNanos);
    }
  }

  /**
   * A lookup of one subtree beside the key's. Whoever is nearer to the key was looked for before,
   * and is left out here: next to the subtree's own peers these are the nearest to its rim, so as
   * many as are wanted could take all the places, and never name one of them.
   */
  private final class Aside implements Lookups.Companion {
    private final int bit;
    private int vainAnswers;

    Aside(int bit) {
      this.bit = bit;
    }

    List<SignedPeerRecord> notNearer(Collection<SignedPeerRecord> records) {
      return records.stream().filter(record -> bucket(record.id()) >= bit).toList();
    }

    private int bucket(NodeId id) {
      return id.equals(key) ? -1 : key.bucketOf(id);
    }

    @Override
    public Optional<List<SignedPeerRecord>> named(Contact from, Outcome outcome, long nowNanos) {
      return Lookups.Companion.super.named(from, outcome, nowNanos).map(this::notNearer);
    }

    @Override
    public boolean answered(Contact from, List<SignedPeerRecord> named, long nowNanos) {
      boolean vain = hear(from.record()) + hearAll(named) == 0;
      // On the way there nobody need know one of the region.
      if (bucket(from.id()) == bit) {
        vainAnswers = vain ? vainAnswers + 1 : 0;
      }
      return vainAnswers >= MAX_VAIN_ANSWERS;
    }

    @Override
    public void ended(long nowNanos) {
      widen(nowNanos);
    }
  }

  private void widen(long nowNanos) {
    if (nextBit < lastBit || nextBit < 0) {
      read(nowNanos);
      return;
    }
    Aside aside = new Aside(nextBit--);
    NodeId beside = key.flip(aside.bit);
    List<SignedPeerRecord> from = new ArrayList<>(lookers.lookups().nearest(beside));
    keepers.values().forEach(keeper -> from.add(keeper.contact().record()));
    from.addAll(heard.values());
    lookers
        .lookups()
        .start(beside, aside.notNearer(from), Event.Purpose.REGION, false, aside, nowNanos);
  }

  /** Asks those that were only heard of; which of them, if they are too many, is left to chance. */
  private void read(long nowNanos) {
    List<SignedPeerRecord> unasked = new ArrayList<>(heard.values());
    heard.clear();
    Collections.shuffle(unasked, new Random(lookers.jitter().nextLong()));
    for (SignedPeerRecord record : unasked) {
      ask(record, nowNanos);
    }
    if (underWay == 0) {
      outlook.ended(region(nowNanos), nowNanos);
    }
  }

  private void ask(SignedPeerRecord record, long nowNanos) {
    boolean room = asked.size() < 8 * k() && inRegion() + underWay < 4 * k();
    if (!room
        || asked.contains(record.id())
        || !(lookers.lookups().verify(record) instanceof RecordVerifier.Verified verified)) {
      return;
    }
    Contact peer = verified.contact();
    silent.putIfAbsent(peer.id(), peer.endpoint());
    if (lookers.contacts().dials().isPaused(peer.endpoint(), nowNanos)) {
      return;
    }
    asked.add(peer.id());
    underWay++;
    lookers.ask(
        peer,
        lookers.getProviders(peer, key, wanted),
        nowNanos,
        (outcome, now) -> {
          underWay--;
          take(peer, outcome, now);
          read(now);
        });
  }

  private Optional<List<SignedPeerRecord>> take(Contact from, Outcome outcome, long nowNanos) {
    if (!(outcome instanceof GetProvidersResponse response)) {
      return Optional.empty();
    }
    silent.remove(from.id());
    keepers.put(from.id(), new Keeper(from, response.token(), response.providers().size()));
    hearAll(response.peers());
    outlook.answered(from, response, nowNanos);
    return Optional.of(response.peers());
  }

  private int hearAll(List<SignedPeerRecord> named) {
    int added = 0;
    for (SignedPeerRecord record : named) {
      added += hear(record);
    }
    return added;
  }

  private int hear(SignedPeerRecord record) {
    NodeId id = record.id();
    boolean isNew =
        !record.hasLeft()
            && !id.equals(lookers.self().id())
            && !asked.contains(id)
            && share(id) < radius
            && heard.size() < 8 * k();
    return isNew && heard.put(id, record) == null ? 1 : 0;
  }

  private int inRegion() {
    int count = 0;
    for (NodeId id : keepers.keySet()) {
      count += share(id) < radius ? 1 : 0;
    }
    return count;
  }

  private Region region(long nowNanos) {
    List<Keeper> read = members();
    // Where fewer than k answered nothing says how far the region reaches: all count.
    Optional<NodeId> rim =
        read.size() < k()
            ? Optional.empty()
            : Optional.of(read.get(read.size() - 1).contact().id());
    int answered = read.size() + (isWithin(rim, lookers.self().id()) ? 1 : 0);
    List<Long> pauses = new ArrayList<>();
    int missing = 0;
    for (Map.Entry<NodeId, Endpoint> each : silent.entrySet()) {
      if (isWithin(rim, each.getKey())) {
        missing++;
        long pause = lookers.contacts().dials().pauseNanos(each.getValue(), nowNanos);
        pauses.add(Math.max(pause, Refusal.BUSY.toNanos()));
      }
    }
    boolean isRead =
        !lookers.contacts().isDoubtful()
            && (read.isEmpty() ? lookers.isAlone().getAsBoolean() : answered > missing);
    Collections.sort(pauses);
    // So many more are wanted, and the first of them that may be called again come first.
    int wanting = Math.max(0, Math.min(pauses.size() - 1, (missing - answered) / 2));
    long pause = pauses.isEmpty() ? Refusal.BUSY.toNanos() : pauses.get(wanting);
    return new Region(read, isRead, Duration.ofNanos(pause));
  }

  private boolean isWithin(Optional<NodeId> rim, NodeId id) {
    return rim.isEmpty() || key.compareDistances(id, rim.get()) <= 0;
  }

  private List<Keeper> members() {
    List<Keeper> nearest = nearestFirst();
    int size = 0;
    while (size < nearest.size()
        && size < 4 * k()
        && (size < k() || share(nearest.get(size).contact().id()) < radius)) {
      size++;
    }
    return nearest.subList(0, size);
  }

  private List<Keeper> nearestFirst() {
    List<Keeper> nearest = new ArrayList<>(keepers.values());
    nearest.sort((a, b) -> key.compareDistances(a.contact().id(), b.contact().id()));
    return nearest;
  }

  private double share(NodeId id) {
    return key.distanceTo(id).share();
  }

  /** The bucket of a distance that is given as a share of the space. */
  private static int bit(double share) {
    return Math.min(NodeId.BITS - 1, NodeId.BITS + Math.getExponent(share));
  }
}
