package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.PingProof;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.message.Reply;
import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.routing.TableView;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests as the node stood at one moment. Immutable and safe to share between threads, so
 * a server answers on its transport thread and never waits for the engine.
 */
public final class Responder {
  private final NodeId id;
  private final Network network;
  private final Optional<SignedPeerRecord> self;
  private final TableView table;
  private final int k;

  Responder(NodeId id, Network network, Optional<SignedPeerRecord> self, TableView table, int k) {
    this.id = id;
    this.network = network;
    this.self = self;
    this.table = table;
    this.k = k;
  }

  /**
   * Answers a Ping or a FindNode.
   *
   * @param observed where the caller is seen to call from, if there is an address
   * @throws ClassCastException when it is another request: those are for {@link Engine#answer}
   */
  public Reply answer(Request request, Optional<Endpoint> observed) {
    Optional<Refusal> refusal = refusalOf(request);
    if (refusal.isPresent() || self.isEmpty()) {
      return refusal.orElseGet(Responder::notServing);
    }
    return request instanceof PingRequest ping
        ? new PingResponse(self.get(), echo(ping), observed)
        : answer((FindNodeRequest) request);
  }

  /** Where ids are assigned, the echo of the nonce is the proof. */
  private Bytes echo(PingRequest ping) {
    boolean proves = network.identity() == IdentityMode.ASSIGNED && isToProve(ping);
    return proves ? ping.nonce() : Bytes.EMPTY;
  }

  /** Why a request is not answered, whatever it asks, or nothing when it may be. */
  public Optional<Refusal> refusalOf(Request request) {
    Optional<Refusal> refusal = network.refusalOf(request.network());
    if (refusal.isPresent()) {
      return refusal;
    }
    if (self.isEmpty()) {
      return Optional.of(notServing());
    }
    if (request.wantedId().isPresent() && !request.wantedId().get().equals(id)) {
      return Optional.of(new Refusal(Refusal.Reason.OTHER_PEER, "this peer has another id"));
    }
    return Optional.empty();
  }

  private static Refusal notServing() {
    return new Refusal(Refusal.Reason.NOT_SERVING, "this peer is starting or about to leave");
  }

  /** A node proves its id only where it says that it is: at the endpoints it advertises. */
  private boolean isToProve(PingRequest ping) {
    return !ping.nonce().isEmpty()
        && self.isPresent()
        && self.get().content().endpoints().contains(ping.dialled());
  }

  /**
   * What the node has to sign, and to add to its {@linkplain #answer answer}, to prove its id; that
   * takes longer than all the rest, and so is for its owner to do elsewhere. Nothing where it owes
   * no proof, and where ids are assigned.
   */
  public Optional<Bytes> toSign(PingRequest ping) {
    return network.identity() == IdentityMode.SIGNED && isToProve(ping)
        ? Optional.of(PingProof.bytesOf(ping, id))
        : Optional.empty();
  }

  /** Nobody is told of itself; of one id a view holds one contact, so it is known by being it. */
  @SuppressWarnings("ReferenceEquality")
  private Reply answer(FindNodeRequest request) {
    @Nullable Contact caller =
        request.caller().flatMap(record -> table.contact(record.id())).orElse(null);
    List<Contact> closest = table.closest(request.target(), caller == null ? k : k + 1);
    SignedPeerRecord[] peers = new SignedPeerRecord[Math.min(k, closest.size())];
    int size = 0;
    for (int i = 0; i < closest.size() && size < peers.length; i++) {
      Contact contact = closest.get(i);
      if (contact != caller) {
        peers[size++] = contact.record();
      }
    }
    return new FindNodeResponse(List.of(size < peers.length ? Arrays.copyOf(peers, size) : peers));
  }

  /**
   * Whether a request shows that the network works, so that {@link Engine#heard} is to be told of
   * it: when another peer sent it, which is not at an address of this node's own. Applications and
   * operators call from this machine, over no network; the node calls itself when a seed's name
   * leads back to it; and a peer beside it on the same machine is cut off as it is. Where all are
   * on loopback that is the network.
   */
  public boolean isSignOfLife(Request request) {
    Optional<SignedPeerRecord> caller = request.caller();
    return caller.isPresent()
        && self.isPresent()
        && !caller.get().id().equals(id)
        && !isBeside(caller.get());
  }

  private boolean isBeside(SignedPeerRecord other) {
    for (Endpoint own : self.get().content().endpoints()) {
      for (Endpoint others : other.content().endpoints()) {
        if (own.host().equals(others.host())) {
          // Reading an address takes longer than all the rest, so it is done last.
          return !own.literal().map(InetAddress::isLoopbackAddress).orElse(false);
        }
      }
    }
    return false;
  }

  /**
   * Whether a caller's record says something that the node does not know, so that the engine should
   * hear of it.
   */
  public boolean isNews(SignedPeerRecord caller) {
    Optional<Contact> known = table.contact(caller.id());
    return known.isEmpty() || caller.supersedes(known.get().record());
  }
}
