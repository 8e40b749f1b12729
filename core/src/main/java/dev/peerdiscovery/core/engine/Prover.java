package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.PingProof;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Calls a peer at its endpoint and has it prove its id: the only way by which a contact is earned,
 * and the only one by which it is checked.
 */
final class Prover {
  /** Is told what came of it. */
  @FunctionalInterface
  interface Done {
    /**
     * It is over.
     *
     * @param drop why the peer proved nothing; empty when it did
     */
    void done(Optional<Event.Drop> drop, long nowNanos);
  }

  private final EngineConfig config;
  private final Self self;
  private final RecordVerifier verifier;
  private final Contacts contacts;
  private final Calls calls;
  private final RandomGenerator secret;

  Prover(
      EngineConfig config,
      Self self,
      RecordVerifier verifier,
      Contacts contacts,
      Calls calls,
      RandomGenerator secret) {
    this.config = config;
    this.self = self;
    this.verifier = verifier;
    this.contacts = contacts;
    this.calls = calls;
    this.secret = secret;
  }

  /**
   * Has a peer prove its id, and tells the contacts what came of it.
   *
   * @param done is told when it is over
   */
  void prove(Contact peer, long nowNanos, Done done) {
    PingRequest request = self.ping(Optional.of(peer.id()), peer.endpoint(), nonce());
    calls.make(
        peer.endpoint(),
        request,
        config.pingDeadline(),
        nowNanos,
        (outcome, rtt, now) -> done.done(judge(peer, request, outcome, rtt, now), now));
  }

  private Optional<Event.Drop> judge(
      Contact peer, PingRequest request, Outcome outcome, long rttNanos, long nowNanos) {
    if (!(outcome instanceof PingResponse response)) {
      contacts.failed(peer, outcome, nowNanos - rttNanos, nowNanos);
      return Optional.of(
          outcome instanceof Refusal ? Event.Drop.NOT_PROVED : Event.Drop.UNREACHABLE);
    }
    Optional<Contact> proved = proved(response, request);
    if (proved.isEmpty() || !proved.get().id().equals(peer.id())) {
      contacts.heard(nowNanos);
      contacts.changed(peer, nowNanos);
      meetElsewhere(peer, response.responder());
      return Optional.of(Event.Drop.NOT_PROVED);
    }
    response.observed().ifPresent(at -> self.observed(peer.id(), at));
    boolean placed = contacts.earned(newer(peer, proved.get()), nowNanos);
    contacts.answered(peer, rttNanos, nowNanos);
    if (self.isPublic()) {
      contacts.dials().answered(peer.endpoint());
    }
    return placed ? Optional.empty() : Optional.of(Event.Drop.CROWDED);
  }

  /** A peer that is there, but says now that it is elsewhere, is called as if it were new. */
  private void meetElsewhere(Contact peer, SignedPeerRecord answer) {
    boolean moved =
        answer.id().equals(peer.id())
            && answer.supersedes(peer.record())
            && !verifier.dialled(answer).equals(Optional.of(peer.endpoint()));
    if (moved && verifier.isGenuine(answer)) {
      contacts.meet(answer);
    }
  }

  private static Contact newer(Contact known, Contact answered) {
    boolean older = known.record().supersedes(answered.record());
    return older ? known : answered;
  }

  /** The contact that a Ping to an endpoint proved, whoever it is; nothing if it proved nobody. */
  Optional<Contact> proved(PingResponse response, PingRequest request) {
    return verifier.verify(response.responder(), request.dialled())
                instanceof RecordVerifier.Verified verified
            && PingProof.isIn(response, request, verifier.signatures())
        ? Optional.of(verified.contact())
        : Optional.empty();
  }

  /** Whether a record is its peer's own. */
  boolean isGenuine(SignedPeerRecord record) {
    return verifier.isGenuine(record);
  }

  /** Unpredictable, so that nobody can prove an id without having been asked. */
  Bytes nonce() {
    byte[] nonce = new byte[PingRequest.NONCE_BYTES];
    secret.nextBytes(nonce);
    return Bytes.copyOf(nonce);
  }
}
