package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.routing.RoutingTable;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Checks whether contacts are still there, on its own steady beat: whoever has been silent for
 * longest comes first. The k nearest have their own turn and come round four times as often,
 * because a lookup's recall hangs on them. Whoever missed a call is called again soon, and those
 * that went away when {@link Departed} says so.
 *
 * <p>The beat quickens when more of those who are checked are gone than usual, as after half of a
 * network went down at once, so that tables are good again within two minutes and not within ten.
 * It does not where peers come and go all the time: there it is usual that a quarter is gone.
 */
final class Liveness implements Part {
  private static final int WEIGHT_OF_NEAREST = 4;

  /**
   * Every contact is checked within this time, if the beat has to quicken for it: ten minutes, less
   * what jitter and failures may cost.
   */
  private static final Duration ALL_WITHIN = Duration.ofMinutes(9);

  /** The longest pause between two checks of a suspect, and of one that is busy. */
  private static final Duration SUSPECT_PAUSE = Duration.ofSeconds(30);

  private static final int MAX_UNDER_WAY = 8;

  /** What each check counts in the share of those that were gone: about the last 16 make it up. */
  private static final double WEIGHT_OF_CHECK = 1.0 / 16;

  /** The time that makes up what is usual. A quick beat must not make usual what it is about. */
  private static final Duration USUAL_OVER = Duration.ofMinutes(10);

  /** What is usual, as far as a node knows that has just begun. */
  private static final double USUAL_AT_FIRST = 0.1;

  /** How much above the usual share the beat quickens, and where it is as quick as it gets. */
  private static final double MANY_MORE = 0.12;

  private static final double MOST_MORE = 0.25;

  /** How many times as quick as it is steady. */
  private static final int QUICKEST = 16;

  /** At most one that went away is called again in so many beats, for each eight of them. */
  private static final int BEATS_A_RETRY = 2;

  private static final int MOST_BEATS_A_RETRY = 16;
  private static final int FEW_DEPARTED = 8;

  private final EngineConfig config;
  private final NodeId self;
  private final Contacts contacts;
  private final RoutingTable table;
  private final Departed departed;
  private final Prover prover;
  private final Refresh refresh;
  private final RandomGenerator jitter;

  private final Set<NodeId> underWay = new HashSet<>();

  /**
   * When whoever did not answer its last check is checked next. Suspects are then called, and
   * whoever was merely busy counts as silent again; forgotten when it answers.
   */
  private final Map<NodeId, Long> recheckNanos = new HashMap<>();

  /** The earliest of these times, or before: it is asked for at every step of the engine. */
  private long recheckDueNanos = NEVER;

  /** Grows by the others' share with each beat; at 1 it is the turn of one of them. */
  private double turnOfOthers;

  /** The share of those who were gone when their turn came, of late, and usually. */
  private double gone;

  private double usuallyGone = USUAL_AT_FIRST;
  private long turnEndedNanos;

  private long beatNanos;
  private long departedBeatNanos;

  Liveness(
      EngineConfig config,
      Self self,
      Contacts contacts,
      Departed departed,
      Prover prover,
      Refresh refresh,
      RandomGenerator jitter,
      long nowNanos) {
    this.config = config;
    this.self = self.id();
    this.contacts = contacts;
    this.table = contacts.table();
    this.departed = departed;
    this.prover = prover;
    this.refresh = refresh;
    this.jitter = jitter;
    this.beatNanos = nowNanos + config.livenessInterval().toNanos();
    this.departedBeatNanos = nowNanos;
    this.turnEndedNanos = nowNanos;
  }

  @Override
  public void advance(long nowNanos) {
    for (Optional<NodeId> missed = contacts.takeMissed();
        missed.isPresent();
        missed = contacts.takeMissed()) {
      table.entry(missed.get()).ifPresent(this::recheckUnlessPlanned);
    }
    if (nowNanos >= recheckDueNanos) {
      recheckSuspects(nowNanos);
    }
    if (nowNanos >= beatNanos) {
      beatNanos = nowNanos + beat();
      next(nowNanos).ifPresent(contact -> check(contact, true, nowNanos));
    }
    if (nowNanos >= departedBeatNanos) {
      departed.takeDue(nowNanos).ifPresent(contact -> retry(contact, nowNanos));
    }
  }

  private void recheckUnlessPlanned(RoutingTable.Entry entry) {
    NodeId id = entry.contact().id();
    if (entry.failures() > 0 && !recheckNanos.containsKey(id)) {
      recheck(id, entry.failedNanos() + pauseAfter(entry.failures()));
    }
  }

  private void recheck(NodeId id, long atNanos) {
    recheckNanos.put(id, atNanos);
    recheckDueNanos = Math.min(recheckDueNanos, atNanos);
  }

  private long pauseAfter(int failures) {
    if (failures == 0) {
      return SUSPECT_PAUSE.toNanos();
    }
    long pause = config.suspectRecheck().toNanos() << Math.min(failures - 1, 16);
    return Math.min(pause, SUSPECT_PAUSE.toNanos());
  }

  private void recheckSuspects(long nowNanos) {
    Iterator<Map.Entry<NodeId, Long>> each = recheckNanos.entrySet().iterator();
    while (each.hasNext()) {
      Map.Entry<NodeId, Long> suspect = each.next();
      if (suspect.getValue() > nowNanos) {
        continue;
      }
      Optional<RoutingTable.Entry> entry = table.entry(suspect.getKey());
      if (entry.isEmpty() || entry.get().failures() == 0) {
        each.remove();
      } else if (underWay.size() < MAX_UNDER_WAY) {
        // Set anew by the outcome; until then this keeps it from being due at once.
        suspect.setValue(nowNanos + SUSPECT_PAUSE.toNanos());
        check(entry.get().contact(), false, nowNanos);
      }
    }
    recheckDueNanos = NEVER;
    for (long atNanos : recheckNanos.values()) {
      recheckDueNanos = Math.min(recheckDueNanos, atNanos);
    }
  }

  /**
   * Whose turn it is. Turns are dealt out by shares and not by comparing silences, or a table that
   * was filled at once would see its nearest checked over and over before the rest come first.
   */
  private Optional<Contact> next(long nowNanos) {
    List<Contact> nearest = table.closest(self, config.k());
    if (nearest.isEmpty()) {
      return Optional.empty();
    }
    NodeId farthest = nearest.get(nearest.size() - 1).id();
    int others = table.size() - nearest.size();
    turnOfOthers += others / (others + WEIGHT_OF_NEAREST * (double) nearest.size());
    boolean theirs = turnOfOthers >= 1;
    turnOfOthers -= theirs ? 1 : 0;
    return longestSilent(!theirs, farthest, nowNanos)
        .or(() -> longestSilent(theirs, farthest, nowNanos));
  }

  /**
   * Who has been silent for longest, of those that may be checked.
   *
   * @param near whether of those up to the farthest of the nearest, or of the others
   */
  private Optional<Contact> longestSilent(boolean near, NodeId farthest, long nowNanos) {
    // Those of one bucket only have to be compared.
    int bucket = self.bucketOf(farthest);
    return table.longestSilent(
        near ? 0 : bucket,
        near ? bucket : NodeId.BITS - 1,
        nowNanos - config.livenessMinAge().toNanos(),
        contact ->
            near == (self.compareDistances(contact.id(), farthest) <= 0)
                && !waits(contact, nowNanos));
  }

  private boolean waits(Contact contact, long nowNanos) {
    NodeId id = contact.id();
    return recheckNanos.containsKey(id)
        || underWay.contains(id)
        || contacts.dials().isPaused(contact.endpoint(), nowNanos);
  }

  /**
   * Has a contact prove that it is there.
   *
   * @param inTurn whether nothing was known against it
   */
  private void check(Contact contact, boolean inTurn, long nowNanos) {
    if (underWay.add(contact.id())) {
      prover.prove(
          contact,
          nowNanos,
          (drop, now) -> {
            underWay.remove(contact.id());
            recheckNanos.remove(contact.id());
            if (inTurn) {
              turnEnded(drop.equals(Optional.of(Event.Drop.UNREACHABLE)), now);
            }
            if (drop.isPresent()) {
              recheckLater(contact.id(), now);
            }
          });
    }
  }

  private void turnEnded(boolean isGone, long nowNanos) {
    double is = isGone ? 1 : 0;
    gone += (is - gone) * WEIGHT_OF_CHECK;
    // After a long time without any check one must not make up what is usual.
    double passed = (double) (nowNanos - turnEndedNanos) / USUAL_OVER.toNanos();
    usuallyGone += (is - usuallyGone) * Math.min(WEIGHT_OF_CHECK, passed);
    turnEndedNanos = nowNanos;
  }

  /** Not at once, even if the call counted as no miss: a busy peer must not be hammered. */
  private void recheckLater(NodeId id, long nowNanos) {
    table.entry(id).ifPresent(entry -> recheck(id, nowNanos + pauseAfter(entry.failures())));
  }

  private void retry(Contact contact, long nowNanos) {
    departedBeatNanos = nowNanos + departedBeat();
    if (contacts.dials().isPaused(contact.endpoint(), nowNanos)) {
      return;
    }
    prover.prove(
        contact,
        nowNanos,
        (drop, now) -> {
          if (drop.isEmpty()) {
            // It may bring a whole island along.
            refresh.lookAroundFrom(contact.record());
          }
        });
  }

  /**
   * Fewer retries the more there are that went away: where peers come and go all the time most
   * never return, and a few that do bring the others along.
   */
  private long departedBeat() {
    int beats = BEATS_A_RETRY * Math.max(1, departed.size() / FEW_DEPARTED);
    return config.livenessInterval().toNanos() * Math.min(MOST_BEATS_A_RETRY, beats);
  }

  private long beat() {
    int weighted = table.size() + (WEIGHT_OF_NEAREST - 1) * Math.min(config.k(), table.size());
    long steady = (long) (config.livenessInterval().toNanos() / quickness());
    long needed = ALL_WITHIN.toNanos() / Math.max(1, weighted);
    return (long) (Math.min(steady, needed) * (0.8 + 0.4 * jitter.nextDouble()));
  }

  /** 1 to {@link #QUICKEST}. A node that doubts itself learns nothing by calling more. */
  private double quickness() {
    double more = gone - usuallyGone;
    double much = (more - MANY_MORE) / (MOST_MORE - MANY_MORE);
    return contacts.isDoubtful() ? 1 : 1 + (QUICKEST - 1) * Math.max(0, Math.min(1, much));
  }

  @Override
  public long nextWake() {
    long earliest = table.size() > 0 ? beatNanos : NEVER;
    if (underWay.size() < MAX_UNDER_WAY) {
      earliest = Math.min(earliest, recheckDueNanos);
    }
    if (departed.size() > 0) {
      earliest = Math.min(earliest, Math.max(departedBeatNanos, departed.nextRetry()));
    }
    return earliest;
  }
}
