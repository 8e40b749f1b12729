package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.Call;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.AddProviderResponse;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.GetProvidersResponse;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.message.StreamEnded;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Provider;
import dev.peerdiscovery.core.record.ProviderRecord;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.List;

/**
 * A running hash over everything that happens in a network: each call with its outcome, each event,
 * when and to whom. Two runs with equal hashes went the same way. It is no cryptographic hash, and
 * cheap enough to be always on.
 *
 * <p>It never asks an enum or a record for its hash code: those of enums differ from one process to
 * the next. Those of texts do not.
 */
public final class TraceHash {
  private long hash = 0x9E3779B97F4A7C15L;

  TraceHash() {}

  /** The hash of all that has happened so far. */
  public long value() {
    return mix(hash);
  }

  /** The hash as 16 hex digits. */
  @Override
  public String toString() {
    String digits = Long.toHexString(value());
    return "0".repeat(16 - digits.length()) + digits;
  }

  /** Scrambles all bits (the finalizer of SplitMix64). */
  static long mix(long value) {
    long z = (value ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }

  void completed(long nowNanos, VirtualPeer from, Call call, Outcome outcome) {
    add(nowNanos);
    add((long) from.number() << 32 ^ call.id().value());
    add((long) call.to().host().hashCode() << 32 ^ call.to().port());
    if (call.request() instanceof FindNodeRequest find) {
      add(find.target());
    }
    if (outcome instanceof FindNodeResponse found) {
      List<SignedPeerRecord> peers = found.peers();
      add(peers.size());
      for (int i = 0; i < peers.size(); i++) {
        add(peers.get(i).id());
      }
    } else if (outcome instanceof PingResponse ping) {
      add(ping.responder());
      add(ping.proof().hashCode());
    } else if (outcome instanceof Refusal refusal) {
      add(0x100 + refusal.reason().name().hashCode());
    } else if (outcome instanceof GetProvidersResponse response) {
      add((long) response.providers().size() << 32 ^ response.peers().size());
      response.providers().forEach(held -> add(held.record().content()));
    } else if (outcome instanceof AddProviderResponse response) {
      add(response.token().hashCode());
    } else if (outcome instanceof StreamEnded) {
      add(0x300);
    } else {
      add(0x200 + ((Failure) outcome).kind().name().hashCode());
    }
  }

  void told(long nowNanos, VirtualPeer peer, Event event) {
    add(nowNanos);
    if (event instanceof Event.LookupStep step) {
      add(1, peer, step.id().value());
      add(step.from().id());
      add((long) step.named() << 40 ^ (long) step.added() << 20 ^ step.hop());
    } else if (event instanceof Event.HintParked parked) {
      add(2, peer, 0);
      add(parked.id());
    } else if (event instanceof Event.ContactEarned earned) {
      add(3, peer, 0);
      add(earned.contact().record());
    } else if (event instanceof Event.ContactLost lost) {
      add(4, peer, lost.loss().name().hashCode());
      add(lost.contact().id());
    } else if (event instanceof Event.LookupStarted started) {
      add(5, peer, started.id().value());
      add(started.target());
      add(started.purpose().name().hashCode());
    } else if (event instanceof Event.LookupEnded ended) {
      add(6, peer, ended.id().value());
      add(ended.calls());
      List<Contact> result = ended.result();
      for (int i = 0; i < result.size(); i++) {
        add(result.get(i).id());
      }
    } else {
      addRare(peer, event);
    }
  }

  private void addRare(VirtualPeer peer, Event event) {
    if (event instanceof Event.HintDropped dropped) {
      add(7, peer, dropped.drop().name().hashCode());
      add(dropped.id());
    } else if (event instanceof Event.JoinStarted) {
      add(8, peer, 0);
    } else if (event instanceof Event.JoinEnded ended) {
      add(9, peer, ended.contacts());
    } else if (event instanceof Event.SelfDoubt doubt) {
      add(10, peer, doubt.doubtful() ? 1 : 0);
    } else if (event instanceof Event.SelfChanged changed) {
      add(11, peer, 0);
      add(changed.record());
    } else if (event instanceof Event.Left) {
      add(12, peer, 0);
    } else if (event instanceof Event.IdentityCollision) {
      add(18, peer, 0);
    } else {
      addService(peer, event);
    }
  }

  private void addService(VirtualPeer peer, Event event) {
    if (event instanceof Event.Resolved resolved) {
      add(13, peer, resolved.id().value());
      addAll(resolved.providers());
    } else if (event instanceof Event.ServiceChanged changed) {
      add(14, peer, changed.version());
      addAll(changed.present());
      addAll(changed.gone());
    } else if (event instanceof Event.ServiceSynced synced) {
      add(15, peer, synced.version() << 32 ^ synced.providers());
    } else if (event instanceof Event.ServiceUnknown) {
      add(19, peer, 0);
    } else if (event instanceof Event.Published published) {
      add(16, peer, published.keepers());
    } else if (event instanceof Event.Unpublished unpublished) {
      add(17, peer, unpublished.cause() == Event.Unpublished.Cause.LEASE_OVER ? 1 : 0);
    } else {
      throw new AssertionError(event);
    }
  }

  private void addAll(List<Provider> providers) {
    for (int i = 0; i < providers.size(); i++) {
      add(providers.get(i).content());
    }
  }

  private void add(ProviderRecord record) {
    add(record.publisher());
    add(record.incarnation());
    add(record.sequence());
  }

  private void add(int kind, VirtualPeer peer, long value) {
    add((long) kind << 56 ^ (long) peer.number() << 24 ^ value);
  }

  private void add(SignedPeerRecord record) {
    add(record.id());
    add(record.content().sequence());
  }

  private void add(NodeId id) {
    add(id.w0() + 3 * id.w1() + 5 * id.w2() + 7 * id.w3());
  }

  private void add(long value) {
    hash = Long.rotateLeft((hash ^ value) * 0x9FB21C651E98DF25L, 29);
  }
}
