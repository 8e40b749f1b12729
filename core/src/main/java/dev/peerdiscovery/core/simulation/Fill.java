package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Starts a whole network at once, its tables filled as joining would have filled them, without the
 * some 200 calls of each join. A bucket takes members of its range of ids as they come: who joins
 * finds those that came before, of which it has k, drawn evenly; where they are fewer, whoever
 * comes next has a place until there are k. {@code FillTest} holds it against the real join.
 */
public final class Fill {
  /** Seeds of each peer, drawn from all. */
  private static final int SEEDS = 3;

  private final SplittableRandom random;
  private final int k;

  /** In the order in which they came. */
  private final List<Contact> members;

  /**
   * By a number of bits: the members, those whose ids begin with the same so many bits together,
   * and these in the order in which they came. No more than k need not be told apart any more.
   */
  private final List<int[]> byPrefix = new ArrayList<>();

  private final int[] drawn;

  private Fill(List<Contact> members, int k, SplittableRandom random) {
    this.random = random;
    this.k = k;
    this.members = members;
    this.drawn = new int[k];
    byPrefix.add(IntStream.range(0, members.size()).toArray());
    part(0, 0, members.size());
  }

  /**
   * Starts peers with random ids at the next addresses of a network that has none yet.
   *
   * @param progress is told how far it is
   * @return the peers, in an order that says nothing of their ids, nor of when they came: the first
   *     ones of it are as good as any
   */
  public static List<VirtualPeer> start(
      VirtualNetwork network,
      int peers,
      EngineConfig config,
      SplittableRandom random,
      Progress progress) {
    return start(network, Newcomer.NETWORK, peers, config, random, progress);
  }

  /** The same, of peers that belong to some other network. */
  static List<VirtualPeer> start(
      VirtualNetwork network,
      Network overlay,
      int peers,
      EngineConfig config,
      SplittableRandom random,
      Progress progress) {
    List<Newcomer> newcomers = new ArrayList<>(peers);
    List<Contact> members = new ArrayList<>(peers);
    for (int i = 0; i < peers; i++) {
      Newcomer newcomer =
          Newcomer.of(NodeId.random(random), network.addressOf(i), config).in(overlay);
      newcomers.add(newcomer);
      members.add(network.contactOf(newcomer));
    }
    Fill fill = new Fill(members, config.k(), random);
    List<VirtualPeer> started = new ArrayList<>(peers);
    for (int i = 0; i < peers; i++) {
      Endpoint[] seeds = new Endpoint[Math.min(SEEDS, peers - 1)];
      for (int s = 0; s < seeds.length; s++) {
        seeds[s] = network.addressOf(random.nextInt(peers));
      }
      Newcomer newcomer = newcomers.get(i);
      started.add(
          network.resume(
              Newcomer.of(newcomer.id(), newcomer.at(), config, seeds).in(overlay),
              fill.contactsOf(i)));
      if (i % 1_000 == 0) {
        progress.at("filling", (double) i / peers);
      }
    }
    Collections.shuffle(started, new Random(random.nextLong()));
    return started;
  }

  /** Parts those whose ids share so many bits by the next bit, and these by the next. */
  private void part(int prefix, int from, int to) {
    if (to - from <= k) {
      return;
    }
    if (prefix == NodeId.BITS) {
      throw new IllegalArgumentException("peers of one id: " + members.get(from));
    }
    if (prefix + 1 == byPrefix.size()) {
      byPrefix.add(new int[members.size()]);
    }
    int[] together = byPrefix.get(prefix);
    int[] parted = byPrefix.get(prefix + 1);
    int zeros = from;
    for (int i = from; i < to; i++) {
      if (!bit(together[i], prefix)) {
        parted[zeros++] = together[i];
      }
    }
    int ones = zeros;
    for (int i = from; i < to; i++) {
      if (bit(together[i], prefix)) {
        parted[ones++] = together[i];
      }
    }
    part(prefix + 1, from, zeros);
    part(prefix + 1, zeros, to);
  }

  /** The bit of a member's id that follows a prefix. */
  private boolean bit(int member, int prefix) {
    return members.get(member).id().bit(NodeId.BITS - 1 - prefix);
  }

  /** Of those that share a prefix with it, whoever has another next bit is for one bucket. */
  private List<Contact> contactsOf(int self) {
    List<Contact> contacts = new ArrayList<>();
    int prefix = 0;
    int from = 0;
    int to = members.size();
    for (; to - from > k; prefix++) {
      int[] parted = byPrefix.get(prefix + 1);
      int ones = firstOne(parted, prefix, from, to);
      if (bit(self, prefix)) {
        draw(parted, from, ones, self, contacts);
        from = ones;
      } else {
        draw(parted, ones, to, self, contacts);
        to = ones;
      }
    }
    int[] nearest = byPrefix.get(prefix);
    for (int i = from; i < to; i++) {
      if (nearest[i] != self) {
        contacts.add(members.get(nearest[i]));
      }
    }
    return contacts;
  }

  private int firstOne(int[] parted, int prefix, int from, int to) {
    int low = from;
    int high = to;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (bit(parted[middle], prefix)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** Adds k of those in a bucket's range that came before, or as many as there are by then. */
  private void draw(int[] range, int from, int to, int self, List<Contact> contacts) {
    int before = -1 - Arrays.binarySearch(range, from, to, self) - from;
    if (before <= k) {
      for (int i = from; i < Math.min(to, from + k); i++) {
        contacts.add(members.get(range[i]));
      }
      return;
    }
    // Robert Floyd's way to draw without repeating.
    for (int i = 0; i < k; i++) {
      int last = before - k + i;
      int pick = random.nextInt(last + 1);
      for (int j = 0; j < i; j++) {
        if (drawn[j] == pick) {
          pick = last;
          break;
        }
      }
      drawn[i] = pick;
      contacts.add(members.get(range[from + pick]));
    }
  }
}
