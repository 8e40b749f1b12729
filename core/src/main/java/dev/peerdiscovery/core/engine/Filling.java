package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Goes along with a lookup that is made for the table's sake: everybody it meets is taken as a
 * hint. One that is made for a single bucket ends as soon as that is full, or three answers in a
 * row brought nothing for it.
 */
final class Filling implements Lookups.Companion {
  /** Answers in a row without anything new after which a bucket counts as known. */
  static final int MAX_VAIN_ANSWERS = 3;

  private static final int ALL = -1;

  private final Hints hints;
  private final NodeId self;
  private final int bucket;
  private final LongConsumer ended;
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
    boolean vain = !offer(from.record(), nowNanos);
    for (SignedPeerRecord record : named) {
      vain &= !offer(record, nowNanos);
    }
    vainAnswers = vain ? vainAnswers + 1 : 0;
    return bucket != ALL && (hints.room(bucket) <= 0 || vainAnswers >= MAX_VAIN_ANSWERS);
  }

  /** Whether the record may fill a place that this lookup is made for. */
  private boolean offer(SignedPeerRecord record, long nowNanos) {
    boolean isNew = hints.offer(record, nowNanos) == Hints.Offer.NEW;
    return isNew && (bucket == ALL || self.bucketOf(record.id()) == bucket);
  }

  @Override
  public void ended(long nowNanos) {
    ended.accept(nowNanos);
  }
}
