package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.id.NodeId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Knows who is there, and so what a lookup should find. It keeps the peers sorted by id; those
 * nearest to a target lie in few stretches of that order, so asking it is quick however many they
 * are. As an observer it keeps itself up to date.
 */
public final class Oracle implements Observer {
  private @Nullable VirtualPeer[] sorted = new @Nullable VirtualPeer[64];
  private int size;

  /** An oracle that knows of nobody yet. */
  public Oracle() {}

  /** Takes in many at once. */
  public void addAll(Collection<VirtualPeer> peers) {
    sorted = Arrays.copyOf(sorted, Math.max(64, size + peers.size()));
    for (VirtualPeer peer : peers) {
      sorted[size++] = peer;
    }
    Arrays.sort(sorted, 0, size, (a, b) -> id(a).compareTo(id(b)));
  }

  /** Takes in a peer, behind others of the same id. */
  public void add(VirtualPeer peer) {
    if (size == sorted.length) {
      sorted = Arrays.copyOf(sorted, 2 * size);
    }
    int at = firstAbove(peer.id());
    System.arraycopy(sorted, at, sorted, at + 1, size - at);
    sorted[at] = peer;
    size++;
  }

  /** Takes out a peer, if it is there. */
  public void remove(VirtualPeer peer) {
    for (int at = firstAbove(peer.id()) - 1; at >= 0 && at(at).id().equals(peer.id()); at--) {
      if (at(at) == peer) {
        System.arraycopy(sorted, at + 1, sorted, at, size - at - 1);
        sorted[--size] = null;
        return;
      }
    }
  }

  @Override
  public void started(VirtualPeer peer) {
    add(peer);
  }

  @Override
  public void stopped(VirtualPeer peer) {
    remove(peer);
  }

  /** How many peers there are. */
  public int size() {
    return size;
  }

  /** The i-th peer by id. */
  public VirtualPeer at(int index) {
    VirtualPeer peer = sorted[index];
    if (peer == null || index >= size) {
      throw new IndexOutOfBoundsException(index);
    }
    return peer;
  }

  /** The peer of an id; the last one that was started, if there are several. */
  public Optional<VirtualPeer> find(NodeId id) {
    int at = firstAbove(id) - 1;
    return at >= 0 && at(at).id().equals(id) ? Optional.of(at(at)) : Optional.empty();
  }

  /**
   * The peers nearest to a target, nearest first.
   *
   * @param count how many at most
   * @param counts which of them count
   */
  public List<VirtualPeer> closest(NodeId target, int count, Predicate<VirtualPeer> counts) {
    List<VirtualPeer> found = new ArrayList<>(count);
    walk(target, 0, size, count, counts, found);
    return found;
  }

  /**
   * The ids in a stretch agree down to the first bit in which its ends differ; there it falls into
   * two, and all of the one that agrees with the target are nearer to it than all of the other.
   */
  private void walk(
      NodeId target,
      int from,
      int to,
      int count,
      Predicate<VirtualPeer> counts,
      List<VirtualPeer> found) {
    if (from >= to || found.size() >= count) {
      return;
    }
    int bit = at(from).id().bucketOf(at(to - 1).id());
    if (bit < 0) {
      for (int i = from; i < to && found.size() < count; i++) {
        if (counts.test(at(i))) {
          found.add(at(i));
        }
      }
      return;
    }
    int split = firstWith(bit, from, to);
    boolean high = target.bit(bit);
    walk(target, high ? split : from, high ? to : split, count, counts, found);
    walk(target, high ? from : split, high ? split : to, count, counts, found);
  }

  private int firstWith(int bit, int from, int to) {
    int low = from;
    int high = to;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (at(middle).id().bit(bit)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  private int firstAbove(NodeId id) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (at(middle).id().compareTo(id) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static NodeId id(@Nullable VirtualPeer peer) {
    if (peer == null) {
      throw new IllegalStateException("a hole in the order");
    }
    return peer.id();
  }
}
