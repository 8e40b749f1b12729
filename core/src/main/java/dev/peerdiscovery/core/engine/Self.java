package dev.peerdiscovery.core.engine;

import static java.util.Collections.disjoint;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.ProviderRecord;
import dev.peerdiscovery.core.record.RecordSigner;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.record.SignedProviderRecord;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the node says about itself: its record, and the requests that carry it. Nothing but a
 * request without a record leaves the node while it does not know where it can be reached.
 */
final class Self {
  /** Only so many addresses that others claim to see are remembered. */
  private static final int MAX_OBSERVED = 8;

  /** Two nodes that have one key would else go on outbidding each other at every call. */
  private static final long OUTBID_EVERY_NANOS = Duration.ofMinutes(1).toNanos();

  private final NodeId id;
  private final Network network;
  private final RecordSigner signer;
  private final Events events;

  /** Which peers saw us at a host that we do not advertise; two make it worth a warning. */
  private final Map<String, Set<NodeId>> observedBy = new LinkedHashMap<>();

  private List<Endpoint> advertised = List.of();
  private boolean seedIsElsewhere;
  private List<Endpoint> twin = List.of();
  private long outbidNextNanos;
  private long refusedAddresses;
  private long sequence;
  private Optional<SignedPeerRecord> record = Optional.empty();

  Self(NodeId id, Network network, RecordSigner signer, long sequence, Events events) {
    this.id = id;
    this.network = network;
    this.signer = signer;
    this.sequence = sequence;
    this.events = events;
  }

  NodeId id() {
    return id;
  }

  Network network() {
    return network;
  }

  /** Whether strangers take part, who may name whatever address they want to have called. */
  boolean isPublic() {
    return network.scope() == Scope.PUBLIC;
  }

  Optional<SignedPeerRecord> record() {
    return record;
  }

  List<Endpoint> advertised() {
    return advertised;
  }

  /** Sets where the node can be reached; a new record is made when that is news. */
  void advertise(List<Endpoint> endpoints) {
    if (!endpoints.equals(advertised)) {
      advertised = List.copyOf(endpoints);
      observedBy.clear();
      sign();
    }
  }

  /**
   * Continues above a record of the node's own that came back with a higher sequence, from before a
   * restart or a clock that was set back. Sequences with the top bit set are left alone: no clock
   * comes near them, and whoever continued above a forged one would soon run out of numbers and
   * start again from 0.
   *
   * <p>Where records are signed, one that this node did not make and that leads elsewhere is
   * another node's that has the same key. Of two such nodes the last to have spoken is believed,
   * and neither speaks up more than once a minute.
   *
   * @param own a {@linkplain RecordVerifier#isGenuine genuine} record
   */
  void met(SignedPeerRecord own, long nowNanos) {
    if (!isAhead(own)) {
      return;
    }
    boolean isTwins = network.identity() == IdentityMode.SIGNED && !own.hasLeft() && !isItself(own);
    if (!isTwins || nowNanos >= outbidNextNanos) {
      outbidNextNanos = isTwins ? nowNanos + OUTBID_EVERY_NANOS : outbidNextNanos;
      sequence = own.content().sequence();
      // Without endpoints the record would be a farewell.
      if (record.isPresent()) {
        sign();
      }
    }
  }

  /** Whether a record in the node's own name has a sequence to continue above. */
  boolean isAhead(SignedPeerRecord own) {
    long met = own.content().sequence();
    return met >= 0 && Long.compareUnsigned(met, sequence) > 0;
  }

  private void sign() {
    sequence++;
    SignedPeerRecord signed = signer.sign(new PeerRecord(id, advertised, sequence, network.name()));
    record = Optional.of(signed);
    events.add(new Event.SelfChanged(signed));
  }

  /** The record that says that the node has left. */
  SignedPeerRecord farewell() {
    return signer.sign(new PeerRecord(id, List.of(), sequence + 1, network.name()));
  }

  /** Has a record about an instance of a service made ready to travel. */
  SignedProviderRecord sign(ProviderRecord provider) {
    return signer.sign(provider);
  }

  /** The highest sequence of the node's own records so far. */
  long sequence() {
    return sequence;
  }

  FindNodeRequest findNode(Contact to, NodeId target) {
    return new FindNodeRequest(network, record, Optional.of(to.id()), target);
  }

  PingRequest ping(Optional<NodeId> wanted, Endpoint dialled, Bytes nonce) {
    return new PingRequest(network, record, wanted, dialled, nonce);
  }

  /** Notes where a peer says that our call came from. */
  void observed(NodeId by, Endpoint at) {
    for (Endpoint own : advertised) {
      if (own.host().equals(at.host())) {
        return;
      }
    }
    boolean comparable = advertised.stream().allMatch(own -> own.literal().isPresent());
    if (comparable && (observedBy.size() < MAX_OBSERVED || isObserved(at))) {
      Set<NodeId> peers = observedBy.computeIfAbsent(at.host(), host -> new LinkedHashSet<>());
      if (peers.size() < 2) {
        peers.add(by);
      }
    }
  }

  private boolean isObserved(Endpoint at) {
    return observedBy.containsKey(at.host());
  }

  /**
   * Whether an answer in the node's own name is its own: then it names one of its endpoints. If
   * not, somebody else has the same id, and an operator has to know.
   */
  boolean isItself(SignedPeerRecord answer) {
    List<Endpoint> at = answer.content().endpoints();
    boolean own = advertised.isEmpty() || !disjoint(advertised, at);
    if (!own && !at.equals(twin)) {
      events.add(new Event.IdentityCollision(at));
    }
    twin = own ? List.of() : at;
    return own;
  }

  /** Notes that a record was not used because of its addresses. */
  void addressRefused() {
    refusedAddresses++;
  }

  /** Notes whether a seed lives where a node on loopback cannot be reached. */
  void compareAddresses(SignedPeerRecord seed) {
    seedIsElsewhere = seed.content().endpoints().stream().noneMatch(Self::isLoopback);
  }

  private static boolean isLoopback(Endpoint endpoint) {
    return endpoint.literal().map(InetAddress::isLoopbackAddress).orElse(false);
  }

  /** What an operator should know; empty when all is well. */
  List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    observedBy.forEach(
        (host, peers) -> {
          if (peers.size() >= 2) {
            warnings.add(
                String.format(
                        Locale.ROOT,
                        "unverified-address: peers see this node at %s, it advertises %s; set the advertised",
                        host,
                        advertised)
                    + " address if they cannot reach that");
          }
        });
    if (!twin.isEmpty()) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "identity-collision: another node, at %s, has this node's %s; give one of them another",
              twin,
              network.identity() == IdentityMode.SIGNED ? "key" : "id"));
    }
    if (refusedAddresses > 0) {
      warnings.add(
          String.format(
                  Locale.ROOT,
                  "address-refused: %d records of peers named no address that this node dials",
                  refusedAddresses)
              + "; nodes that listen on loopback and nodes that do not cannot be mixed");
    }
    if (seedIsElsewhere
        && !advertised.isEmpty()
        && advertised.stream().allMatch(Self::isLoopback)) {
      warnings.add(
          String.format(
                  Locale.ROOT,
                  "loopback-address: this node advertises %s, which peers that are not on loopback, as its",
                  advertised)
              + " seed, do not dial; listen on or advertise another address, or have all of them"
              + " listen on loopback");
    }
    return warnings;
  }
}
