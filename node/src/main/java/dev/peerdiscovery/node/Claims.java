package dev.peerdiscovery.node;

import com.google.protobuf.ByteString;
import dev.peerdiscovery.core.message.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All claims to one instance at this node, and which of them has it. An open call comes before a
 * lease by time, and that before a call that was lost; of several of a kind, the one that was
 * registered last. A lost call that is taken up again keeps its rank: it takes nothing from one
 * that was registered after it. The engine owner's alone.
 */
final class Claims {
  /** So many callers may want one instance at once. */
  static final int MAX = 8;

  /** The first registered is the first. */
  private final List<Claim> claims = new ArrayList<>();

  private final List<CompletableFuture<Integer>> waiting = new ArrayList<>();
  private @Nullable Claim owner;

  /** Why the last check did not pass. */
  Optional<String> failure = Optional.empty();

  /** Whether there was a check since the instance was registered. */
  boolean isChecked;

  boolean isEmpty() {
    return claims.isEmpty();
  }

  boolean isFull() {
    return claims.size() >= MAX;
  }

  void expire(long nowNanos) {
    claims.removeIf(claim -> claim.isOver(nowNanos));
    if (owner != null && !claims.contains(owner)) {
      owner = null;
    }
  }

  @Nullable Claim owner() {
    return owner;
  }

  /** The one of a lease. */
  @Nullable Claim ofLease(ByteString leaseId) {
    return leaseId.isEmpty() ? null : last(claim -> claim.leaseId.equals(leaseId));
  }

  /** The one that an open call has. */
  @Nullable Claim of(Registrations.Holder holder) {
    return last(claim -> claim.holder == holder);
  }

  /** The lease by time, of which there is one at most. */
  @Nullable Claim byTime() {
    return last(claim -> !claim.isOfCalls);
  }

  /** Whether an open call has the instance. */
  boolean isHeld() {
    return owner != null && owner.isOpen();
  }

  /** Whether the caller that has the instance can go on at another node. */
  boolean mayMove() {
    return owner != null && owner.holder != null && owner.holder.mayMove();
  }

  void add(Claim claim) {
    claims.add(claim);
  }

  void remove(Claim claim) {
    claims.remove(claim);
    if (owner == claim) {
      owner = null;
    }
  }

  void own(Claim claim) {
    owner = claim;
  }

  /** Whether the instance is the claim's, before that of its present owner. */
  boolean isBeforeOwner(Claim claim) {
    return !isHeld() || claims.indexOf(claim) >= claims.indexOf(owner);
  }

  /** The one that should have the instance. */
  @Nullable Claim first() {
    Claim open = last(Claim::isOpen);
    Claim timed = open == null ? byTime() : open;
    return timed == null ? last(claim -> true) : timed;
  }

  private @Nullable Claim last(Predicate<Claim> wanted) {
    for (int i = claims.size() - 1; i >= 0; i--) {
      if (wanted.test(claims.get(i))) {
        return claims.get(i);
      }
    }
    return null;
  }

  /** Has a caller wait until the record is kept by others. */
  void await(CompletableFuture<Integer> kept) {
    waiting.removeIf(CompletableFuture::isDone);
    waiting.add(kept);
  }

  /** The record is kept. */
  void kept(int keepers) {
    List.copyOf(waiting).forEach(each -> each.complete(keepers));
    waiting.clear();
  }

  /** All claims are over, and those who wait for something are told why. */
  void end(Refusal why) {
    for (Claim claim : List.copyOf(claims)) {
      if (claim.isOpen()) {
        Registrations.Holder holder = Objects.requireNonNull(claim.holder);
        Driver.attempt("ending a registration", () -> holder.ended(why));
      }
    }
    claims.clear();
    owner = null;
    List.copyOf(waiting).forEach(each -> Registrations.failed(each, why));
    waiting.clear();
  }
}
