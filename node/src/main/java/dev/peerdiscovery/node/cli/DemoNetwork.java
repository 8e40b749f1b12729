package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.client.ChannelLimits;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.node.Limits;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.node.PeerNodeBuilder;
import dev.peerdiscovery.node.StartException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * Peers 0, 1, 2 … in this process, as anybody would build them: each listens on a free loopback
 * port, and all but the first know the first.
 */
final class DemoNetwork implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int THREADS = 4;
  private static final int MANY = 64;
  private static final int MOST_CHANNELS = 4096;
  private static final int FEWEST_CHANNELS = 4;

  private final Recorder recorder;
  private final UnaryOperator<PeerNodeBuilder> habits;
  private final ScheduledExecutorService threads = threads();
  private final List<PeerNode> nodes = new ArrayList<>();

  /**
   * A network without peers yet.
   *
   * @param habits what is special about these peers; nothing, but in tests
   */
  DemoNetwork(Recorder recorder, UnaryOperator<PeerNodeBuilder> habits) {
    this.recorder = recorder;
    this.habits = habits;
  }

  private static ScheduledExecutorService threads() {
    ScheduledThreadPoolExecutor threads = new ScheduledThreadPoolExecutor(THREADS);
    threads.setRemoveOnCancelPolicy(true);
    return threads;
  }

  /**
   * Starts peers one after another: each when the one before has joined, and those whom that called
   * have called it back.
   *
   * @param progress is told how many have joined
   */
  void start(int peers, Consumer<Integer> progress) throws InterruptedException {
    for (int i = 0; i < peers; i++) {
      NodeId id = NodeId.of(i);
      nodes.add(start(id, peers));
      awaitReady(id);
      if (i > 0) {
        awaitJoined(id);
        // The first has nobody to join before the second comes.
        awaitJoined(nodes.get(0).id());
        awaitCalledBack(id);
      }
      progress.accept(i + 1);
    }
  }

  private PeerNode start(NodeId id, int peers) {
    PeerNodeBuilder builder =
        PeerNode.builder()
            .id(id)
            .listen("127.0.0.1:0")
            .executor(threads)
            .intercept(recorder.at(id))
            .observeInTurn(recorder.of(id));
    if (peers > MANY) {
      // Many peers in one process have to share its file descriptors.
      int channels = Math.max(FEWEST_CHANNELS, MOST_CHANNELS / peers);
      builder.limits(
          Limits.defaults().toBuilder()
              .channels(ChannelLimits.defaults().withChannels(channels))
              .build());
    }
    if (!nodes.isEmpty()) {
      builder.bootstrap(endpointOf(0));
    }
    try {
      return habits.apply(builder).start();
    } catch (StartException e) {
      throw new CliException(ExitCode.LISTEN, "peer " + id + ": " + e.getMessage(), e);
    }
  }

  /** The first is ready when it knows that it is alone. */
  private void awaitReady(NodeId id) throws InterruptedException {
    try {
      nodes.get(nodes.size() - 1).ready().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw new CliException(ExitCode.UNEXPECTED, "peer " + id + " does not get ready", e);
    }
  }

  private void awaitJoined(NodeId id) throws InterruptedException {
    if (!recorder.awaitJoined(id, PATIENCE)) {
      throw new CliException(
          ExitCode.UNEXPECTED,
          String.format(
              Locale.ROOT, "peer %s has not joined within %d s", id, PATIENCE.toSeconds()));
    }
  }

  private void awaitCalledBack(NodeId id) throws InterruptedException {
    Set<NodeId> silent = recorder.awaitCalledBack(id, PATIENCE);
    if (!silent.isEmpty()) {
      throw new CliException(
          ExitCode.UNEXPECTED,
          String.format(
              Locale.ROOT,
              "peer %s called %s and was not called back within %d s",
              id,
              silent.stream().map(NodeId::toString).collect(Collectors.joining(", ")),
              PATIENCE.toSeconds()));
    }
  }

  /** Where all peers are reached, by id. */
  Map<String, String> addresses() {
    Map<String, String> addresses = new LinkedHashMap<>();
    for (PeerNode node : nodes) {
      addresses.put(node.id().toString(), node.advertised().get(0).toString());
    }
    return addresses;
  }

  /** Where a peer is reached. */
  Endpoint endpointOf(int peer) {
    return nodes.get(peer).advertised().get(0);
  }

  /** All peers leave at once, so that nobody waits for those who have gone. */
  @Override
  public void close() {
    ExecutorService closing = Executors.newFixedThreadPool(Math.max(1, Math.min(64, nodes.size())));
    List<CompletableFuture<Void>> closed =
        nodes.stream().map(node -> CompletableFuture.runAsync(node::close, closing)).toList();
    CompletableFuture.allOf(closed.toArray(CompletableFuture[]::new)).join();
    closing.shutdown();
    threads.shutdownNow();
  }
}
