package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.Responder;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.AddProviderResponse;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.GetProvidersRequest;
import dev.peerdiscovery.core.message.GetProvidersResponse;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BiFunction;

/**
 * Ways to misbehave. Except for {@link #SILENT} and {@link #REFUSING} they answer a Ping as they
 * should, or they would earn no place in anybody's table and do no harm.
 */
public final class Adversaries {
  /** Takes every request and never says anything. */
  public static final Behaviour SILENT =
      (peer, request, honest) -> new Failure(Failure.Kind.TIMEOUT, "no answer in time");

  /** Has always too much to do. */
  public static final Behaviour REFUSING =
      (peer, request, honest) ->
          new Refusal(Refusal.Reason.OVERLOADED, "this peer has too much to do");

  /** Names nobody. */
  public static final Behaviour NAMING_NOBODY = naming((peer, find) -> List.of());

  /** Sends more peers than an answer may hold. */
  public static final Behaviour OVERSIZE =
      naming((peer, find) -> invented(peer, find.target(), FindNodeResponse.MAX_PEERS + 1));

  /** Proves another id than the one it was asked for. */
  public static final Behaviour WRONG_ID = Adversaries::answerAsAnother;

  private Adversaries() {}

  /**
   * Names only accomplices, those nearest to the target: what a Sybil attack does, and an eclipse
   * where the accomplices' ids lie around a victim's.
   *
   * @param accomplices all of them, who may be started later; they are asked for their records when
   *     they are named
   */
  public static Behaviour namingOnly(Collection<VirtualPeer> accomplices) {
    return naming(
        (peer, find) ->
            accomplices.stream()
                .filter(other -> other != peer && other.isRunning())
                .flatMap(other -> other.engine().self().stream())
                .sorted((a, b) -> find.target().compareDistances(a.id(), b.id()))
                .limit(peer.config().k())
                .toList());
  }

  /** The same for a great many accomplices; those who are there when they are asked. */
  public static Behaviour colluding(Oracle accomplices) {
    return naming(
        (peer, find) ->
            accomplices.closest(find.target(), peer.config().k(), other -> other != peer).stream()
                .flatMap(other -> other.engine().self().stream())
                .toList());
  }

  /** Names k peers that do not exist, all of them nearer to the target than anybody. */
  public static Behaviour namingInvented() {
    return naming((peer, find) -> invented(peer, find.target(), peer.config().k()));
  }

  /** Names peers of the past, nearest first, whether they are there or not. */
  public static Behaviour namingThese(List<SignedPeerRecord> records) {
    List<SignedPeerRecord> kept = List.copyOf(records);
    return naming(
        (peer, find) ->
            kept.stream()
                .filter(record -> !record.id().equals(peer.id()))
                .sorted((a, b) -> find.target().compareDistances(a.id(), b.id()))
                .limit(peer.config().k())
                .toList());
  }

  /** Names the caller and itself to everybody, and each twice. */
  public static Behaviour namingTheCallerAndItself() {
    return naming(
        (peer, find) -> {
          List<SignedPeerRecord> named = new ArrayList<>();
          find.caller().ifPresent(named::add);
          peer.engine().self().ifPresent(named::add);
          named.addAll(List.copyOf(named));
          return named;
        });
  }

  private static Behaviour naming(
      BiFunction<VirtualPeer, FindNodeRequest, List<SignedPeerRecord>> names) {
    return (peer, request, honest) -> {
      if (!(request instanceof PingRequest || request instanceof FindNodeRequest)) {
        return hiding(peer, request, names);
      }
      Outcome answer = honest.answer(request, peer.seenAs());
      if (!(request instanceof FindNodeRequest find) || answer instanceof Refusal) {
        return answer;
      }
      return found(names.apply(peer, find));
    };
  }

  /** Takes records of services and keeps none, so it never has any either. */
  private static Outcome hiding(
      VirtualPeer peer,
      Request request,
      BiFunction<VirtualPeer, FindNodeRequest, List<SignedPeerRecord>> names) {
    Bytes token = Bytes.copyOf(new byte[16]);
    if (!(request instanceof GetProvidersRequest get)) {
      return new AddProviderResponse(token);
    }
    FindNodeRequest find =
        new FindNodeRequest(get.network(), get.caller(), get.wantedId(), get.key());
    return found(names.apply(peer, find)) instanceof FindNodeResponse found
        ? new GetProvidersResponse(List.of(), 0, found.peers(), token)
        : new Failure(Failure.Kind.INVALID_ANSWER, "too many peers");
  }

  /** The answer as the caller's codec lets it pass. */
  private static Outcome found(List<SignedPeerRecord> peers) {
    return peers.size() > FindNodeResponse.MAX_PEERS
        ? new Failure(Failure.Kind.INVALID_ANSWER, "too many peers")
        : new FindNodeResponse(peers);
  }

  /** Records of peers next to the target, at the addresses behind those of the network. */
  private static List<SignedPeerRecord> invented(VirtualPeer peer, NodeId target, int count) {
    SplittableRandom random = new SplittableRandom(target.w0() ^ peer.id().w3());
    List<SignedPeerRecord> records = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      NodeId near = new NodeId(target.w0(), target.w1(), random.nextLong(), random.nextLong());
      Endpoint nowhere = new Endpoint("172.16." + random.nextInt(256) + "." + (1 + i), 7400);
      records.add(Wire.sign(new PeerRecord(near, List.of(nowhere), 1, peer.network().name())));
    }
    return records;
  }

  private static Outcome answerAsAnother(VirtualPeer peer, Request request, Responder honest) {
    if (!(request instanceof PingRequest || request instanceof FindNodeRequest)) {
      return hiding(peer, request, (other, find) -> List.of());
    }
    Outcome answer = honest.answer(request, peer.seenAs());
    if (!(request instanceof PingRequest ping)
        || !(answer instanceof PingResponse)
        || peer.engine().self().isEmpty()) {
      return answer;
    }
    PeerRecord own = peer.engine().self().get().content();
    PeerRecord other =
        new PeerRecord(own.id().complement(), own.endpoints(), own.sequence(), own.network());
    return new PingResponse(Wire.sign(other), ping.nonce(), Optional.empty());
  }
}
