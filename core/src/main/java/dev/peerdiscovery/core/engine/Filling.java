package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * Goes along with a lookup that is made for the table's sake: everybody it meets is taken as a
 * hint.
 *
 * <p>One that is made for a single bucket ends when three peers have answered and named enough to
 * fill it, or three answers in a row brought nothing for it. Then those for the bucket are offered,
 * as evenly spread over its range of ids as they can be. To take them as they come would fill it
 * from the first answer, with contacts of one corner that everybody around has, too; lookups in a
 * network that grew so take a seventh more hops.
 */
final class Filling implements Lookups.Companion {
  /** Answers in a row without anything new after which a bucket counts as known. */
  static final int MAX_VAIN_ANSWERS = 3;

  /** As many as are asked at once, so that waiting for them costs no call. */
  private static final int MIN_ANSWERS = 3;

  /** A bucket's range is dealt with in two to the power of so many parts: nearly k. */
  private static final int SPREAD_BITS = 4;

  private static final int ALL = -1;

  private final Hints hints;
  private final NodeId self;
  private final int bucket;
  private final LongConsumer ended;

  /** Those for the bucket, in the order in which they were met. */
  private final Set<SignedPeerRecord> met = new LinkedHashSet<>();

  private int answers;
  private int vainAnswers;

  private Filling(Hints hints, NodeId self, int bucket, LongConsumer ended) {
    this.hints = hints;
    this.self = self;
    this.bucket = bucket;
    this.ended = ended;
  }

  /** For a lookup that runs its course. */
  static Filling table(Hints hints, NodeId self, LongConsumer ended) {
    return new Filling(hints, self, ALL, ended);
  }

  /** For a lookup that is made to fill the bucket its target is in. */
  static Filling bucketOf(NodeId target, Hints hints, NodeId self, LongConsumer ended) {
    return new Filling(hints, self, self.bucketOf(target), ended);
  }

  @Override
  public boolean answered(Contact from, List<SignedPeerRecord> named, long nowNanos) {
    int before = met.size();
    meet(from.record(), nowNanos);
    named.forEach(record -> meet(record, nowNanos));
    answers++;
    vainAnswers = met.size() > before ? 0 : vainAnswers + 1;
    return bucket != ALL && (isEnough() || vainAnswers >= MAX_VAIN_ANSWERS);
  }

  private boolean isEnough() {
    int room = hints.room(bucket);
    return room <= 0 || (answers >= MIN_ANSWERS && met.size() >= room);
  }

  private void meet(SignedPeerRecord record, long nowNanos) {
    if (bucket == ALL || self.bucketOf(record.id()) != bucket) {
      hints.offer(record, nowNanos);
    } else if (!hints.isKnown(record.id())) {
      met.add(record);
    }
  }

  @Override
  public void ended(long nowNanos) {
    spread(met).forEach(record -> hints.offer(record, nowNanos));
    ended.accept(nowNanos);
  }

  /** First one of each part of the bucket's range, then another one of each, and so on. */
  private List<SignedPeerRecord> spread(Set<SignedPeerRecord> records) {
    List<List<SignedPeerRecord>> rounds = new ArrayList<>();
    int[] metOfPart = new int[1 << SPREAD_BITS];
    for (SignedPeerRecord record : records) {
      int round = metOfPart[part(record.id())]++;
      if (round == rounds.size()) {
        rounds.add(new ArrayList<>());
      }
      rounds.get(round).add(record);
    }
    return rounds.stream().flatMap(List::stream).toList();
  }

  private int part(NodeId id) {
    int part = 0;
    for (int bit = bucket - 1; bit >= Math.max(0, bucket - SPREAD_BITS); bit--) {
      part = 2 * part + (id.bit(bit) ? 1 : 0);
    }
    return part;
  }
}
