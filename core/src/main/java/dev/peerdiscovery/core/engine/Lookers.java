package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.AddProviderResponse;
import dev.peerdiscovery.core.message.GetProvidersRequest;
import dev.peerdiscovery.core.message.GetProvidersResponse;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.core.message.StreamEnded;
import dev.peerdiscovery.core.message.WatchProvidersRequest;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.RecordVerifier;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * What those who look at regions need of the engine, and how they call: every outcome tells the
 * contacts something, too.
 *
 * @param isReady whether a first join has ended, be it alone
 * @param isAlone whether this node is the whole network: it has no contacts, lost none, and knows
 *     no address but its own to ask for others
 */
record Lookers(
    EngineConfig config,
    Self self,
    RecordVerifier verifier,
    Contacts contacts,
    Lookups lookups,
    Calls calls,
    Events events,
    BooleanSupplier isReady,
    BooleanSupplier isAlone,
    RandomGenerator jitter) {
  /** Takes the outcome of a call. */
  @FunctionalInterface
  interface Done {
    void done(Outcome outcome, long nowNanos);
  }

  double estimatedSize() {
    return SizeEstimate.of(self.id(), contacts.table(), config.k());
  }

  GetProvidersRequest getProviders(Contact to, NodeId key, int max) {
    return new GetProvidersRequest(self.network(), self.record(), Optional.of(to.id()), key, max);
  }

  /** Asks a peer to tell of a key from now on; the outcome is that of the stream. */
  CallId watch(
      Contact to, NodeId key, Duration deadline, long nowNanos, Calls.Updates updates, Done done) {
    return calls.makeStream(
        to.endpoint(),
        new WatchProvidersRequest(self.network(), self.record(), Optional.of(to.id()), key),
        deadline,
        nowNanos,
        (update, now) -> {
          contacts.heard(now);
          updates.updated(update, now);
        },
        (outcome, duration, now) -> {
          judge(to, outcome, 0, now);
          done.done(outcome, now);
        });
  }

  /** Makes a call that has one answer. */
  void ask(Contact to, Request request, long nowNanos, Done done) {
    calls.make(
        to.endpoint(),
        request,
        config.callDeadline(),
        nowNanos,
        (outcome, rtt, now) -> {
          judge(to, outcome, rtt, now);
          done.done(outcome, now);
        });
  }

  /** Has the contacts hear what an outcome says about the peer. */
  void judge(Contact peer, Outcome outcome, long rttNanos, long nowNanos) {
    if (outcome instanceof AddProviderResponse || outcome instanceof GetProvidersResponse) {
      contacts.answered(peer, rttNanos, nowNanos);
    } else if (outcome instanceof StreamEnded) {
      contacts.heard(nowNanos);
    } else {
      contacts.failed(peer, outcome, nowNanos - rttNanos, nowNanos);
    }
  }
}
