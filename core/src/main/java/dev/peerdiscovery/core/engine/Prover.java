package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.RecordVerifier;
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
    Bytes nonce = nonce();
    calls.make(
        peer.endpoint(),
        self.ping(Optional.of(peer.id()), peer.endpoint(), nonce),
        config.pingDeadline(),
        nowNanos,
        (outcome, rtt, now) -> done.done(judge(peer, nonce, outcome, rtt, now), now));
  }

  private Optional<Event.Drop> judge(
      Contact peer, Bytes nonce, Outcome outcome, long rttNanos, long nowNanos) {
    if (!(outcome instanceof PingResponse response)) {
      contacts.failed(peer, outcome, nowNanos - rttNanos, nowNanos);
      return Optional.of(
          outcome instanceof Refusal ? Event.Drop.NOT_PROVED : Event.Drop.UNREACHABLE);
    }
    Optional<Contact> proved = proved(response, peer.endpoint(), nonce);
    if (proved.isEmpty() || !proved.get().id().equals(peer.id())) {
      contacts.heard(nowNanos);
      contacts.changed(peer, nowNanos);
      return Optional.of(Event.Drop.NOT_PROVED);
    }
    response.observed().ifPresent(at -> self.observed(peer.id(), at));
    contacts.earned(newer(peer, proved.get()), nowNanos);
    contacts.answered(peer, rttNanos, nowNanos);
    if (self.isPublic()) {
      contacts.dials().answered(peer.endpoint());
    }
    return Optional.empty();
  }

  private static Contact newer(Contact known, Contact answered) {
    boolean older = known.record().content().supersedes(answered.record().content());
    return older ? known : answered;
  }

  /** The contact that a Ping to an endpoint proved, whoever it is; nothing if it proved nobody. */
  Optional<Contact> proved(PingResponse response, Endpoint dialled, Bytes nonce) {
    // With assigned ids the echo is the proof.
    boolean proof = !nonce.isEmpty() && response.proof().equals(nonce);
    return proof
            && verifier.verify(response.responder(), dialled)
                instanceof RecordVerifier.Verified verified
        ? Optional.of(verified.contact())
        : Optional.empty();
  }

  /** Unpredictable, so that nobody can prove an id without having been asked. */
  Bytes nonce() {
    byte[] nonce = new byte[PingRequest.NONCE_BYTES];
    secret.nextBytes(nonce);
    return Bytes.copyOf(nonce);
  }
}
