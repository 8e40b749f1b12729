package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.core.engine.EngineStatus;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.node.PeerNode;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The life of a node on the command line: it says what it does, until it is told to stop. */
final class NodeRun {
  private static final Duration FIRST_REPORT = Duration.ofSeconds(3);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
  private static final Logger LOG = LoggerFactory.getLogger(NodeRun.class);

  private final Console console;
  private final CompletableFuture<ExitCode> stop;
  private final String network;

  /**
   * A run of one node.
   *
   * @param network the network's name, for the line that says that it is ready
   * @param stop completes when the node is to stop
   */
  NodeRun(Console console, String network, CompletableFuture<ExitCode> stop) {
    this.console = console;
    this.network = network;
    this.stop = stop;
  }

  /** Logs what happens to the node's contacts; the node logs itself what happens to it. */
  static void observe(Event event) {
    if (event instanceof Event.ContactEarned earned) {
      LOG.info(
          "contact earned peer={} at={}",
          earned.contact().id().toShortString(),
          earned.contact().endpoint());
    } else if (event instanceof Event.ContactLost lost) {
      LOG.info("contact lost peer={} why={}", lost.contact().id().toShortString(), lost.loss());
    } else if (event instanceof Event.HintDropped dropped) {
      LOG.debug("hint dropped peer={} why={}", dropped.id().toShortString(), dropped.drop());
    }
  }

  /** Says when the node is ready, waits for the end, and lets it leave. */
  ExitCode until(PeerNode node) throws InterruptedException {
    try {
      LOG.info(
          "id={} listening port={}{}",
          node.id().toShortString(),
          node.port(),
          node.apiPort().map(port -> " api_port=" + port).orElse(""));
      node.status().thenAccept(NodeRun::saySeeds).join();
      CompletableFuture<EngineStatus> ready = node.ready();
      await(node, CompletableFuture.anyOf(ready, stop));
      if (!stop.isDone()) {
        sayReady(node, ready.join());
      }
      await(node, stop);
      return stop.join();
    } finally {
      LOG.info("id={} leaving", node.id().toShortString());
      node.close();
    }
  }

  private static void saySeeds(EngineStatus status) {
    for (EngineStatus.Seed seed : status.seeds()) {
      LOG.info("asking seed={}", seed.endpoint());
    }
  }

  private void sayReady(PeerNode node, EngineStatus status) {
    console
        .out()
        .printf(
            Locale.ROOT,
            "READY id=%s advertised=%s network=%s state=%s contacts=%d%n",
            node.id(),
            node.advertised().stream().map(Endpoint::toString).collect(Collectors.joining(",")),
            network,
            status.contacts() == 0 ? "alone" : "joined",
            status.contacts());
    console.out().flush();
    status.warnings().forEach(warning -> LOG.warn("{}", warning));
  }

  /** Waits, and says from time to time if nobody can be found. */
  private static void await(PeerNode node, CompletableFuture<?> future)
      throws InterruptedException {
    Duration pause = FIRST_REPORT;
    while (true) {
      try {
        future.get(pause.toMillis(), TimeUnit.MILLISECONDS);
        return;
      } catch (TimeoutException e) {
        boolean alone = node.status().thenApply(NodeRun::report).join();
        Duration longer = pause.multipliedBy(2);
        pause =
            !alone ? FIRST_REPORT : longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
      } catch (ExecutionException e) {
        throw new IllegalStateException("the node failed", e.getCause());
      }
    }
  }

  /** Says what each seed said last if that was not enough; returns whether it was not. */
  private static boolean report(EngineStatus status) {
    if (status.contacts() > 0 || status.seeds().isEmpty()) {
      return false;
    }
    for (EngineStatus.Seed seed : status.seeds()) {
      if (seed.isItself()) {
        LOG.info("still alone, seed={} is this node itself", seed.endpoint());
      } else {
        LOG.warn("still alone, trying on seed={} last={}", seed.endpoint(), seed.lastResult());
      }
    }
    return true;
  }
}
