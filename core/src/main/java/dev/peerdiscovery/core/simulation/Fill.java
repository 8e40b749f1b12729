package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.EngineConfig;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Starts a whole network at once, its tables filled as joining would have filled them, without the
 * some 200 calls of each join: of every bucket's range of ids all members, where they are at most
 * k, and k of them drawn evenly where there are more. {@code FillTest} holds it against the real
 * join.
 */
public final class Fill {
  /** Seeds of each peer, drawn from all. */
  private static final int SEEDS = 3;

  private final SplittableRandom random;
  private final int k;
  private final Contact[] byId;
  private final int[] drawn;

  private Fill(List<Contact> members, int k, SplittableRandom random) {
    this.random = random;
    this.k = k;
    this.byId = members.toArray(Contact[]::new);
    this.drawn = new int[k];
    Arrays.sort(byId, (a, b) -> a.id().compareTo(b.id()));
  }

  /**
   * Starts peers with random ids at the next addresses of a network that has none yet.
   *
   * @param progress is told how far it is
   * @return the peers in the order in which they started, which says nothing about their ids
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
              fill.contactsOf(newcomer.id())));
      if (i % 1_000 == 0) {
        progress.at("filling", (double) i / peers);
      }
    }
    return started;
  }

  /**
   * Halves the order of ids, bit by bit, around a peer's own: the half that it is not in is the
   * range of a bucket.
   */
  private List<Contact> contactsOf(NodeId self) {
    List<Contact> contacts = new ArrayList<>();
    int from = 0;
    int to = byId.length;
    while (to - from > 1) {
      int bit = byId[from].id().bucketOf(byId[to - 1].id());
      if (bit < 0) {
        throw new IllegalArgumentException("two peers of one id: " + self);
      }
      int split = firstWith(bit, from, to);
      if (self.bit(bit)) {
        draw(from, split, contacts);
        from = split;
      } else {
        draw(split, to, contacts);
        to = split;
      }
    }
    return contacts;
  }

  private int firstWith(int bit, int from, int to) {
    int low = from;
    int high = to;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (byId[middle].id().bit(bit)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** Adds k members of a range, no one twice, or all of them. */
  private void draw(int from, int to, List<Contact> contacts) {
    int range = to - from;
    if (range <= k) {
      for (int i = from; i < to; i++) {
        contacts.add(byId[i]);
      }
      return;
    }
    // Robert Floyd's way to draw without repeating.
    for (int i = 0; i < k; i++) {
      int last = range - k + i;
      int pick = random.nextInt(last + 1);
      for (int j = 0; j < i; j++) {
        if (drawn[j] == pick) {
          pick = last;
          break;
        }
      }
      drawn[i] = pick;
      contacts.add(byId[from + pick]);
    }
  }
}
