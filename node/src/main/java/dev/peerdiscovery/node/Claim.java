package dev.peerdiscovery.node;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One caller's claim to an instance: an open call, one whose connection was lost and that may yet
 * be taken up again, or a lease by time. The engine owner's alone.
 */
final class Claim {
  /** Names the lease to its caller's next call; empty where there is none. */
  final ByteString leaseId;

  /** Whether it is held by calls, and not for a time. */
  final boolean isOfCalls;

  Registrations.Instance instance;

  /** The open call; none once it is lost, and for a lease by time. */
  Registrations.@Nullable Holder holder;

  /** What its call was told last, which is not told twice. */
  private String told = "";

  /** When it is over, unless a call holds it. */
  private long untilNanos;

  private Claim(
      ByteString leaseId,
      boolean isOfCalls,
      Registrations.Instance instance,
      Registrations.@Nullable Holder holder,
      long untilNanos) {
    this.leaseId = leaseId;
    this.isOfCalls = isOfCalls;
    this.instance = instance;
    this.holder = holder;
    this.untilNanos = untilNanos;
  }

  /** That of an open call. */
  static Claim of(
      Registrations.Instance instance, ByteString leaseId, Registrations.Holder holder) {
    return new Claim(leaseId, true, instance, holder, Long.MAX_VALUE);
  }

  /** A lease by time. */
  static Claim until(Registrations.Instance instance, long untilNanos) {
    return new Claim(ByteString.EMPTY, false, instance, null, untilNanos);
  }

  /** Another call goes on with it. */
  void takenUp(Registrations.Instance said, Registrations.Holder by) {
    instance = said;
    holder = by;
    untilNanos = Long.MAX_VALUE;
    told = "";
  }

  /** Tells its call, if it has one, that the instance is published. */
  void published(int keepers) {
    tell("kept by " + keepers, () -> Objects.requireNonNull(holder).published(keepers));
  }

  /** Tells its call, if it has one, that the instance is not published. */
  void unpublished(String why) {
    tell(why, () -> Objects.requireNonNull(holder).unpublished(why));
  }

  private void tell(String what, Runnable telling) {
    if (holder != null && !what.equals(told)) {
      told = what;
      telling.run();
    }
  }

  /** Its connection was lost. */
  void lost(long graceEndsNanos) {
    holder = null;
    untilNanos = graceEndsNanos;
  }

  void renewed(Registrations.Instance said, long nanos) {
    instance = said;
    untilNanos = nanos;
  }

  boolean isOpen() {
    return holder != null;
  }

  /** Whether it waits for its caller to come back. */
  boolean isLost() {
    return isOfCalls && holder == null;
  }

  boolean isOver(long nowNanos) {
    return holder == null && nowNanos >= untilNanos;
  }

  /** How long it lasts unless something happens. */
  Duration remaining(long nowNanos) {
    return isOpen() ? Registrations.HELD : Duration.ofNanos(Math.max(0, untilNanos - nowNanos));
  }
}
