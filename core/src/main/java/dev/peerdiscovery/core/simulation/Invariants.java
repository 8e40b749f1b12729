package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.Call;
import dev.peerdiscovery.core.engine.EngineStatus;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.AddProviderRequest;
import dev.peerdiscovery.core.message.AddProviderResponse;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.GetProvidersResponse;
import dev.peerdiscovery.core.message.HeldProvider;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.record.SignedProviderRecord;
import dev.peerdiscovery.core.routing.RoutingTable;
import dev.peerdiscovery.core.store.Limits;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks, at each step of each engine, what must hold whatever happens, and throws when it does
 * not:
 *
 * <ul>
 *   <li>nobody has itself in its table, or more than k contacts in a bucket;
 *   <li>a contact has proved its id to this very peer, at the endpoint where it is dialled, and
 *       only such contacts are handed out; never the one who asks, nor the one who answers;
 *   <li>a contact loses its place only when the engine says so, and for having missed calls only
 *       when calls to it came to nothing;
 *   <li>each call is completed exactly once, and what is under way is bounded;
 *   <li>a lookup ends once, with responders only, nearest first, within its deadline;
 *   <li>the sequence of a peer's own record never goes back;
 *   <li>who keeps records of services serves none past its TTL, and keeps no more than it may.
 * </ul>
 *
 * <p>Its cost is that of walking through an engine's contacts at each step; leave it off in large
 * networks.
 */
public final class Invariants implements Observer {
  /** The most contacts that an engine remembers after they went away. */
  private static final int MAX_DEPARTED = 256;

  /** The most bytes of records that a peer keeps for others. */
  private static final long MAX_KEPT = Limits.defaults().bytes();

  /**
   * The most calls under way. Hints, checks, seeds, retries, lookups and services have bounds of
   * their own, which together are far above; this is ten times what any schedule came to.
   */
  private static final int MAX_UNDER_WAY = 512;

  /** Taking an engine's status costs more than a step does. */
  private static final int STATUS_EVERY = 16;

  private record Proof(NodeId id, Endpoint at) {}

  /** A lookup that is under way. */
  private static final class Search {
    final long startedNanos;
    final NodeId target;
    final Set<NodeId> responders = new HashSet<>();

    Search(long startedNanos, NodeId target) {
      this.startedNanos = startedNanos;
      this.target = target;
    }
  }

  /** What was seen of one peer. */
  private static final class Past {
    /**
     * Who proved its id to it, and how many calls to that address had been in vain the last time.
     */
    final Map<Proof, Integer> proved = new HashMap<>();

    /** Whom it told of as earned, and not as lost since. */
    final Set<NodeId> contacts = new HashSet<>();

    final Map<Endpoint, Integer> vainCalls = new HashMap<>();

    final Map<Long, Search> searches = new HashMap<>();
    final BitSet completed = new BitSet();
    long made;
    long outcomes;
    long sequence;
    int steps;
  }

  private final VirtualNetwork network;
  private final String name;
  private final List<@Nullable Past> pasts = new ArrayList<>();

  /** When each record that was stored anywhere is over; each goes to one keeper only. */
  private final Map<SignedProviderRecord, Long> until = new HashMap<>();

  private long checks;

  /**
   * Invariants that nobody has broken yet.
   *
   * @param network what they are checked in; it still has to {@link VirtualNetwork#observe} them
   * @param name begins what is thrown: how to repeat the run
   */
  public Invariants(VirtualNetwork network, String name) {
    this.network = network;
    this.name = name;
  }

  /** How often something was found to hold. */
  public long checks() {
    return checks;
  }

  private Past of(VirtualPeer peer) {
    while (pasts.size() <= peer.number()) {
      pasts.add(null);
    }
    Past past = pasts.get(peer.number());
    if (past == null) {
      past = new Past();
      pasts.set(peer.number(), past);
    }
    return past;
  }

  @Override
  public void stopped(VirtualPeer peer) {
    of(peer);
    pasts.set(peer.number(), null);
  }

  @Override
  public void resumed(VirtualPeer peer, List<Contact> contacts) {
    for (Contact contact : contacts) {
      of(peer).proved.put(new Proof(contact.id(), contact.endpoint()), 0);
      of(peer).contacts.add(contact.id());
    }
  }

  @Override
  public void called(VirtualPeer from, Call call) {
    Past past = of(from);
    past.made++;
    check(past.made == call.id().value(), from, "two calls of one id, or one that was not drained");
  }

  @Override
  public void completed(VirtualPeer from, Call call, Outcome outcome) {
    Past past = of(from);
    int id = Math.toIntExact(call.id().value());
    check(!past.completed.get(id), from, "a call completed twice");
    past.completed.set(id);
    past.outcomes++;
    if (outcome instanceof Failure || outcome instanceof Refusal) {
      past.vainCalls.merge(call.to(), 1, Integer::sum);
    }
    if (call.request() instanceof PingRequest ping
        && outcome instanceof PingResponse response
        // Whoever answers a call that is for another breaks the rules, and gains nothing.
        && ping.wantedId().map(response.responder().id()::equals).orElse(true)
        && !ping.nonce().isEmpty()
        && response.proof().equals(ping.nonce())
        && response.responder().content().endpoints().contains(ping.dialled())) {
      past.proved.put(
          new Proof(response.responder().id(), ping.dialled()), vainCalls(past, call.to()));
    }
  }

  @Override
  public void answered(VirtualPeer from, VirtualPeer to, Request request, Outcome answer) {
    if (!to.isHonest()) {
      // What it says may be of no use, whatever it looks like.
      of(from).vainCalls.merge(to.endpoint(), 1, Integer::sum);
      return;
    }
    if (request instanceof AddProviderRequest add && answer instanceof AddProviderResponse) {
      SignedProviderRecord stored = add.provider();
      until.put(stored, network.nowNanos() + stored.content().ttl().toNanos());
      check(to.engine().services().kept().bytes() <= MAX_KEPT, to, "more kept than it may");
    } else if (answer instanceof GetProvidersResponse response) {
      checkNamed(to, request, response.peers());
      for (HeldProvider held : response.providers()) {
        long untilNanos = until.getOrDefault(held.record(), Long.MAX_VALUE);
        check(
            network.nowNanos() + held.remaining().toNanos() <= untilNanos,
            to,
            "a record served past its TTL");
      }
    } else if (answer instanceof FindNodeResponse found) {
      checkNamed(to, request, found.peers());
    }
  }

  private void checkNamed(VirtualPeer to, Request request, List<SignedPeerRecord> peers) {
    Past past = of(to);
    check(peers.size() <= to.config().k(), to, "more than k in an answer");
    for (SignedPeerRecord named : peers) {
      check(!named.id().equals(to.id()), to, "names itself");
      check(
          request.caller().isEmpty() || !request.caller().get().id().equals(named.id()),
          to,
          "names the caller");
      check(hasProved(past, named), to, "names somebody who proved nothing to it");
    }
  }

  private static boolean hasProved(Past past, SignedPeerRecord named) {
    for (Endpoint at : named.content().endpoints()) {
      if (past.proved.containsKey(new Proof(named.id(), at))) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void told(VirtualPeer peer, Event event) {
    Past past = of(peer);
    if (event instanceof Event.LookupStarted started) {
      Search search = new Search(network.nowNanos(), started.target());
      check(past.searches.put(started.id().value(), search) == null, peer, "two lookups of one id");
    } else if (event instanceof Event.LookupStep step) {
      Search search = past.searches.get(step.id().value());
      check(search != null, peer, "a step after a lookup's end");
      if (search != null) {
        search.responders.add(step.from().id());
      }
    } else if (event instanceof Event.LookupEnded ended) {
      Search search = past.searches.remove(ended.id().value());
      check(search != null, peer, "a lookup that ends twice");
      if (search != null) {
        checkResult(peer, search, ended.result());
      }
    } else if (event instanceof Event.ContactEarned earned) {
      past.contacts.add(earned.contact().id());
    } else if (event instanceof Event.ContactLost lost) {
      check(past.contacts.remove(lost.contact().id()), peer, "lost somebody who was no contact");
      check(
          lost.loss() != Event.Loss.FAILED || misses(past, lost) >= peer.config().evictAfter(),
          peer,
          "lost somebody who did not miss as many calls");
    }
  }

  private static int vainCalls(Past past, Endpoint at) {
    return past.vainCalls.getOrDefault(at, 0);
  }

  /**
   * At least as many as the engine counted: that starts anew with any answer, this with a proof.
   */
  private static int misses(Past past, Event.ContactLost lost) {
    Endpoint at = lost.contact().endpoint();
    return vainCalls(past, at) - past.proved.getOrDefault(new Proof(lost.contact().id(), at), 0);
  }

  private void checkResult(VirtualPeer peer, Search search, List<Contact> result) {
    check(result.size() <= peer.config().k(), peer, "more than k in a result");
    long longest = peer.config().lookupDeadline().toNanos();
    // A peer that was paused, or is told of an outcome at the same moment, is no later than that.
    boolean inTime =
        network.nowNanos() - search.startedNanos <= longest
            || network.nowNanos() <= peer.pausedUntilNanos();
    check(inTime, peer, "a lookup beyond its deadline");
    for (int i = 0; i < result.size(); i++) {
      NodeId id = result.get(i).id();
      check(!id.equals(peer.id()), peer, "itself in a result");
      check(search.responders.contains(id), peer, "somebody in a result who did not answer");
      check(
          i == 0 || search.target.compareDistances(result.get(i - 1).id(), id) < 0,
          peer,
          "a result out of order");
    }
  }

  @Override
  public void settled(VirtualPeer peer) {
    Past past = of(peer);
    checkTable(peer, past);
    long sequence = peer.engine().self().map(self -> self.content().sequence()).orElse(0L);
    check(Long.compareUnsigned(sequence, past.sequence) >= 0, peer, "its own sequence went back");
    past.sequence = sequence;
    if (past.steps++ % STATUS_EVERY == 0) {
      EngineStatus status = peer.engine().status();
      check(status.departed() <= MAX_DEPARTED, peer, "too many that went away");
      check(status.callsUnderWay() == past.made - past.outcomes, peer, "a call without an outcome");
      check(status.callsUnderWay() <= MAX_UNDER_WAY, peer, "too many calls under way");
    }
  }

  private void checkTable(VirtualPeer peer, Past past) {
    List<RoutingTable.Entry> contacts = peer.engine().contacts();
    int bucket = -1;
    int inBucket = 0;
    for (int i = 0; i < contacts.size(); i++) {
      RoutingTable.Entry entry = contacts.get(i);
      Contact contact = entry.contact();
      inBucket = entry.bucket() == bucket ? inBucket + 1 : 1;
      bucket = entry.bucket();
      check(inBucket <= peer.config().k(), peer, "a bucket over k");
      check(!contact.id().equals(peer.id()), peer, "itself in its table");
      check(peer.id().bucketOf(contact.id()) == bucket, peer, "a contact in another's bucket");
      check(
          past.proved.containsKey(new Proof(contact.id(), contact.endpoint())),
          peer,
          "a contact that proved nothing");
    }
    check(contacts.size() == past.contacts.size(), peer, "a contact that came or went unsaid");
  }

  /** Not worded before it fails: it holds some million times in a run. */
  private void check(boolean holds, VirtualPeer peer, String what) {
    checks++;
    if (!holds) {
      throw new IllegalStateException(
          name + ": " + what + ": " + peer + " at " + network.nowNanos() + " ns");
    }
  }
}
