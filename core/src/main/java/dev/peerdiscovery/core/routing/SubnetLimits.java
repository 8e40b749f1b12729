package dev.peerdiscovery.core.routing;

import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * How many contacts of one {@linkplain Endpoint#subnet subnet} there may be, because addresses are
 * what an attacker has to pay for: ids cost nothing. The numbers are those of Geth's table.
 *
 * <p>Where there are no limits nothing is counted, and all tables share {@link #NONE}.
 */
public final class SubnetLimits {
  /** The most contacts of a subnet in one bucket, and of records that wait for a place in it. */
  static final int PER_BUCKET = 2;

  /** The most contacts of a subnet in a table. */
  static final int PER_TABLE = 10;

  /** There are no limits. */
  public static final SubnetLimits NONE = new SubnetLimits(record -> Optional.empty());

  /**
   * Limits that count from 0.
   *
   * @param dialled where somebody would be called whose record is not verified yet; nothing when
   *     nowhere
   */
  public static SubnetLimits by(Function<SignedPeerRecord, Optional<Endpoint>> dialled) {
    return new SubnetLimits(dialled);
  }

  private static final int BUCKET_BITS = 8;

  private final Function<SignedPeerRecord, Optional<Endpoint>> dialled;

  private SubnetLimits(Function<SignedPeerRecord, Optional<Endpoint>> dialled) {
    this.dialled = dialled;
  }

  private final Map<Long, Integer> inTable = new HashMap<>();

  /** By subnet and bucket. */
  private final Map<Long, Integer> inBucket = new HashMap<>();

  /** Whether there is room for one more of that address's subnet. */
  boolean allow(int bucket, Endpoint endpoint) {
    OptionalLong subnet = subnet(endpoint);
    return subnet.isEmpty()
        || (inTable.getOrDefault(subnet.getAsLong(), 0) < PER_TABLE
            && inBucket.getOrDefault(key(bucket, subnet), 0) < PER_BUCKET);
  }

  /** A contact entered. */
  void entered(int bucket, Endpoint endpoint) {
    count(bucket, endpoint, 1);
  }

  /** A contact enters, and that is said, where there is room for it. */
  boolean enter(int bucket, Endpoint endpoint) {
    boolean allowed = allow(bucket, endpoint);
    if (allowed) {
      entered(bucket, endpoint);
    }
    return allowed;
  }

  /** A contact left. */
  void left(int bucket, Endpoint endpoint) {
    count(bucket, endpoint, -1);
  }

  /** A contact would go to another address; does so and says so where there is room for it. */
  boolean move(int bucket, Endpoint from, Endpoint to) {
    left(bucket, from);
    boolean allowed = allow(bucket, to);
    entered(bucket, allowed ? to : from);
    return allowed;
  }

  /** One is expected whom {@link #admit} would let in. */
  public void expect(int bucket, SignedPeerRecord record) {
    claimed(record).ifPresent(endpoint -> entered(bucket, endpoint));
  }

  /** Is expected no more. */
  public void expectNoMore(int bucket, SignedPeerRecord record) {
    claimed(record).ifPresent(endpoint -> left(bucket, endpoint));
  }

  /**
   * Whether somebody would be let in by the address at which its record claims that it can be
   * called; not when it can be called nowhere. Whoever lies about it is found out when it proves
   * where it is.
   */
  public boolean admit(int bucket, SignedPeerRecord record) {
    return this == NONE
        || record.hasLeft()
        || claimed(record).map(endpoint -> allow(bucket, endpoint)).orElse(false);
  }

  /** Whether two records claim addresses that count together. */
  boolean areOne(SignedPeerRecord a, SignedPeerRecord b) {
    OptionalLong subnet = subnet(a);
    return subnet.isPresent() && subnet.equals(subnet(b));
  }

  /** Nothing of who has left, and where nothing is limited. */
  private Optional<Endpoint> claimed(SignedPeerRecord record) {
    return this == NONE ? Optional.empty() : dialled.apply(record);
  }

  private OptionalLong subnet(SignedPeerRecord record) {
    Optional<Endpoint> claimed = claimed(record);
    return claimed.isPresent() ? subnet(claimed.get()) : OptionalLong.empty();
  }

  private void count(int bucket, Endpoint endpoint, int change) {
    OptionalLong subnet = subnet(endpoint);
    if (subnet.isPresent()) {
      add(inTable, subnet.getAsLong(), change);
      add(inBucket, key(bucket, subnet), change);
    }
  }

  private static void add(Map<Long, Integer> counts, long key, int change) {
    counts.merge(key, change, (a, b) -> a + b == 0 ? null : a + b);
  }

  /** Nothing where nothing is limited; a name has no subnet either, and is not allowed there. */
  private OptionalLong subnet(Endpoint endpoint) {
    return this == NONE ? OptionalLong.empty() : endpoint.subnet();
  }

  private static long key(int bucket, OptionalLong subnet) {
    return subnet.getAsLong() << BUCKET_BITS | bucket;
  }
}
