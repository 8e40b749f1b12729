package dev.peerdiscovery.client;

import dev.peerdiscovery.core.record.Endpoint;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The open channels of one caller, one for each endpoint and no more than a bound: channels are
 * expensive, and a connection that is there already decides what a call costs. The one that was
 * used least recently is closed for a new one; calls on it run to their end.
 *
 * <p>A channel whose call could not reach anybody is dropped, so that the next call dials afresh:
 * gRPC itself would wait up to two minutes between attempts, and keep to the address that a name
 * had when it was first resolved.
 *
 * <p>Thread-safe.
 */
final class ChannelPool implements AutoCloseable {
  static final int MAX_LINGERING = 1024;

  /** How long {@link #close} waits for all channels together. */
  private static final Duration CLOSING = Duration.ofSeconds(1);

  /** The pool is closed. */
  static final class ClosedException extends Exception {
    private static final long serialVersionUID = 1;
  }

  private final int maxChannels;
  private final Function<Endpoint, CompletableFuture<ManagedChannel>> open;

  /** Least recently used first. */
  private final Map<Endpoint, CompletableFuture<ManagedChannel>> channels =
      new LinkedHashMap<>(16, 0.75f, true);

  /** Closed channels whose calls have not ended yet. */
  private final List<ManagedChannel> lingering = new ArrayList<>();

  private boolean closed;

  ChannelPool(int maxChannels, Function<Endpoint, CompletableFuture<ManagedChannel>> open) {
    this.maxChannels = maxChannels;
    this.open = open;
  }

  /** The channel to an endpoint, opened if there is none. */
  CompletableFuture<ManagedChannel> channel(Endpoint endpoint) {
    CompletableFuture<ManagedChannel> surplus = null;
    CompletableFuture<ManagedChannel> channel;
    synchronized (this) {
      if (closed) {
        return CompletableFuture.failedFuture(new ClosedException());
      }
      channel = channels.get(endpoint);
      if (channel == null) {
        channel = opened(endpoint);
        channels.put(endpoint, channel);
        if (channels.size() > maxChannels) {
          Iterator<CompletableFuture<ManagedChannel>> oldest = channels.values().iterator();
          surplus = oldest.next();
          oldest.remove();
        }
      }
    }
    if (surplus != null) {
      surplus.thenAccept(this::retire);
    }
    return channel;
  }

  /** Somebody else's code may open it, and fail in its own way. */
  private CompletableFuture<ManagedChannel> opened(Endpoint endpoint) {
    try {
      return open.apply(endpoint);
    } catch (Throwable thrown) {
      HostCode.passVirtualMachineErrors(thrown);
      return CompletableFuture.failedFuture(thrown);
    }
  }

  /** Drops a channel that reaches nobody, unless another one has taken its place already. */
  void drop(Endpoint endpoint, CompletableFuture<ManagedChannel> channel) {
    boolean dropped;
    synchronized (this) {
      dropped = channels.remove(endpoint, channel);
    }
    if (dropped) {
      channel.thenAccept(this::retire);
    }
  }

  /** How many channels are open. */
  synchronized int size() {
    return channels.size();
  }

  private void retire(ManagedChannel channel) {
    channel.shutdown();
    synchronized (this) {
      lingering.removeIf(ManagedChannel::isTerminated);
      if (closed || lingering.size() >= MAX_LINGERING) {
        channel.shutdownNow();
      } else if (!channel.isTerminated()) {
        lingering.add(channel);
      }
    }
  }

  /** Closes all channels; calls under way are cancelled. */
  @Override
  public void close() {
    List<ManagedChannel> open = new ArrayList<>();
    synchronized (this) {
      closed = true;
      for (CompletableFuture<ManagedChannel> channel : channels.values()) {
        if (channel.isDone() && !channel.isCompletedExceptionally()) {
          open.add(channel.join());
        } else {
          // Its name is still being resolved.
          channel.thenAccept(ManagedChannel::shutdownNow);
        }
      }
      channels.clear();
      open.addAll(lingering);
      lingering.clear();
    }
    open.forEach(ManagedChannel::shutdownNow);
    long until = System.nanoTime() + CLOSING.toNanos();
    for (ManagedChannel channel : open) {
      try {
        channel.awaitTermination(until - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
