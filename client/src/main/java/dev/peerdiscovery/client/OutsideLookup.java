package dev.peerdiscovery.client;

import com.google.common.util.concurrent.MoreExecutors;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.lookup.Lookup;
import dev.peerdiscovery.core.lookup.Patience;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Drives core's {@link Lookup} from outside the network, one task at a time: what the engine is to
 * a node's lookups, for somebody who has no table and is no peer.
 */
final class OutsideLookup {
  private static final Duration CALL_DEADLINE = Duration.ofSeconds(2);

  /** Nothing is known of how long peers take. */
  private static final Patience PATIENCE =
      new Patience(Duration.ofMillis(500).toNanos(), Duration.ofSeconds(1).toNanos());

  private final Caller caller;
  private final RecordVerifier verifier;
  private final Network network;
  private final ScheduledExecutorService timer;
  private final Executor oneAtATime;
  private final NodeId target;
  private final Lookup.Settings settings;
  private final Consumer<LookupResult.Step> watcher;
  private final CompletableFuture<LookupResult> result = new CompletableFuture<>();

  private final List<LookupResult.Step> steps = new ArrayList<>();

  private final long startedNanos = System.nanoTime();

  OutsideLookup(
      Caller caller,
      RecordVerifier verifier,
      Network network,
      ScheduledExecutorService timer,
      NodeId target,
      int k,
      int alpha,
      Consumer<LookupResult.Step> watcher) {
    this.caller = caller;
    this.verifier = verifier;
    this.network = network;
    this.timer = timer;
    this.oneAtATime = MoreExecutors.newSequentialExecutor(timer);
    this.target = target;
    this.settings = new Lookup.Settings(k, alpha, true);
    this.watcher = watcher;
  }

  /**
   * Begins with one peer.
   *
   * @param dialled where it was reached, which may be another address than it advertises
   */
  CompletableFuture<LookupResult> from(
      SignedPeerRecord entry, Endpoint dialled, Duration deadline) {
    Lookup lookup = new Lookup(target, Optional.empty(), settings, List.of(entry), id -> PATIENCE);
    Run run = new Run(lookup, entry.id(), dialled);
    oneAtATime.execute(run::advance);
    later(run::expire, deadline.toNanos());
    return result;
  }

  /** Ends it without a result: no more peers are asked. */
  void stop() {
    result.cancel(false);
  }

  private void later(Runnable task, long nanos) {
    Future<?> timed = timer.schedule(() -> oneAtATime.execute(task), nanos, TimeUnit.NANOSECONDS);
    result.whenComplete((done, error) -> timed.cancel(false));
  }

  private final class Run {
    private final Lookup lookup;
    private final NodeId entryId;
    private final Endpoint entryEndpoint;

    Run(Lookup lookup, NodeId entryId, Endpoint entryEndpoint) {
      this.lookup = lookup;
      this.entryId = entryId;
      this.entryEndpoint = entryEndpoint;
    }

    void expire() {
      lookup.stop();
      advance();
    }

    /** What is thrown here would be seen by no caller, who would wait for the result. */
    void advance() {
      if (result.isDone()) {
        return;
      }
      try {
        step();
      } catch (Throwable thrown) {
        result.completeExceptionally(thrown);
        HostCode.passVirtualMachineErrors(thrown);
      }
    }

    private void step() {
      long now = System.nanoTime() - startedNanos;
      for (Optional<SignedPeerRecord> next = lookup.next(now);
          next.isPresent();
          next = lookup.next(now)) {
        ask(next.get());
      }
      if (lookup.isDone()) {
        result.complete(
            new LookupResult(
                target, lookup.result(), steps, lookup.calls(), Duration.ofNanos(now)));
      } else if (lookup.nextWake() != Long.MAX_VALUE) {
        timer.schedule(
            () -> oneAtATime.execute(this::advance),
            Math.max(1, lookup.nextWake() - now),
            TimeUnit.NANOSECONDS);
      }
    }

    private void ask(SignedPeerRecord record) {
      if (!(verifier.verify(record) instanceof RecordVerifier.Verified verified)) {
        lookup.refused(record.id());
        return;
      }
      Contact peer = verified.contact();
      call(peer, peer.id().equals(entryId) ? entryEndpoint : peer.endpoint());
    }

    private void call(Contact peer, Endpoint at) {
      FindNodeRequest request =
          new FindNodeRequest(network, Optional.empty(), Optional.of(peer.id()), target);
      long asked = System.nanoTime();
      caller
          .call(at, request, CALL_DEADLINE)
          .thenAcceptAsync(
              called -> {
                Duration roundTrip = Duration.ofNanos(System.nanoTime() - asked);
                completed(peer, called.outcome(), roundTrip);
                advance();
              },
              oneAtATime)
          .exceptionally(
              thrown -> {
                result.completeExceptionally(FailOver.unwrapped(thrown));
                return null;
              });
    }

    /** A watcher that fails ends the lookup, or no caller would learn of it. */
    private void tell(LookupResult.Step step) {
      try {
        watcher.accept(step);
      } catch (Throwable thrown) {
        result.completeExceptionally(thrown);
        HostCode.passVirtualMachineErrors(thrown);
      }
    }

    private void completed(Contact peer, Outcome outcome, Duration roundTrip) {
      if (outcome instanceof FindNodeResponse response) {
        if (!lookup.awaits(peer.id())) {
          return;
        }
        int added = lookup.answered(peer, response.peers());
        LookupResult.Step step =
            new LookupResult.Step(
                peer, lookup.hop(peer.id()), response.peers().size(), added, roundTrip);
        if (!result.isDone()) {
          steps.add(step);
          tell(step);
        }
        return;
      }
      // Not there: perhaps at another of its endpoints.
      Optional<Contact> next =
          outcome instanceof Failure && lookup.awaits(peer.id())
              ? verifier.next(peer)
              : Optional.empty();
      if (next.isPresent()) {
        call(next.get(), next.get().endpoint());
      } else {
        lookup.failed(peer.id(), outcome instanceof Failure f && f.kind() == Failure.Kind.TIMEOUT);
      }
    }
  }
}
