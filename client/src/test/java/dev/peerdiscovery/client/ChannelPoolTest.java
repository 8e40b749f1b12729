package dev.peerdiscovery.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.peerdiscovery.core.record.Endpoint;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ChannelPoolTest {
  private final List<ManagedChannel> opened = new ArrayList<>();
  private final ChannelPool pool =
      new ChannelPool(2, endpoint -> CompletableFuture.completedFuture(open(endpoint)));

  private ManagedChannel open(Endpoint endpoint) {
    ManagedChannel channel = ScriptedPeer.open(endpoint).build();
    opened.add(channel);
    return channel;
  }

  @AfterEach
  void close() {
    pool.close();
    opened.forEach(ManagedChannel::shutdownNow);
  }

  private ManagedChannel channel(int number) {
    return pool.channel(ScriptedPeer.endpoint(number)).join();
  }

  @Test
  void oneEndpoint_hasOneChannel() {
    assertThat(channel(1)).isSameAs(channel(1));
    assertThat(opened).hasSize(1);
  }

  @Test
  void leastRecentlyUsed_isClosedForANewOne() {
    ManagedChannel one = channel(1);
    ManagedChannel two = channel(2);
    channel(1);
    ManagedChannel three = channel(3);

    assertThat(two.isShutdown()).isTrue();
    assertThat(one.isShutdown()).isFalse();
    assertThat(three.isShutdown()).isFalse();
    assertThat(pool.size()).isEqualTo(2);
  }

  @Test
  void dropped_isOpenedAnew_butOnlyIfItIsStillTheOne() {
    CompletableFuture<ManagedChannel> first = pool.channel(ScriptedPeer.endpoint(1));
    pool.drop(ScriptedPeer.endpoint(1), first);
    assertThat(first.join().isShutdown()).isTrue();

    CompletableFuture<ManagedChannel> second = pool.channel(ScriptedPeer.endpoint(1));
    pool.drop(ScriptedPeer.endpoint(1), first);
    assertThat(second.join().isShutdown()).isFalse();
    assertThat(pool.size()).isEqualTo(1);
  }

  @Test
  void close_closesAll_andOpensNoMore() {
    ManagedChannel one = channel(1);
    pool.close();

    assertThat(one.isTerminated()).isTrue();
    assertThat(pool.channel(ScriptedPeer.endpoint(2))).isCompletedExceptionally();
    assertThat(pool.size()).isZero();
  }

  @Test
  void close_closesWhatIsStillBeingOpened_onceItIs() {
    CompletableFuture<ManagedChannel> opening = new CompletableFuture<>();
    ChannelPool slow = new ChannelPool(2, endpoint -> opening);
    slow.channel(ScriptedPeer.endpoint(1));
    slow.close();
    opening.complete(open(ScriptedPeer.endpoint(1)));

    assertThat(opened.get(0).isShutdown()).isTrue();
  }

  @Test
  void whatTheHostThrows_isTheFailureOfTheChannel() {
    for (Throwable fault :
        new Throwable[] {new IllegalStateException("x"), new NoClassDefFoundError("x")}) {
      ChannelPool throwing =
          new ChannelPool(
              2,
              endpoint -> {
                throw WaitingTest.raised(fault);
              });
      CompletableFuture<ManagedChannel> channel = throwing.channel(ScriptedPeer.endpoint(1));
      assertThatThrownBy(channel::join).hasCause(fault);
    }
    ChannelPool dying =
        new ChannelPool(
            2,
            endpoint -> {
              throw new StackOverflowError();
            });
    assertThatThrownBy(() -> dying.channel(ScriptedPeer.endpoint(1)))
        .isInstanceOf(StackOverflowError.class);
  }

  /** A channel that does not terminate, as one with a call under way. */
  private static final class Busy extends ManagedChannel {
    final AtomicInteger waits = new AtomicInteger();
    volatile boolean shutdown;
    volatile boolean now;

    @Override
    public ManagedChannel shutdown() {
      shutdown = true;
      return this;
    }

    @Override
    public boolean isShutdown() {
      return shutdown;
    }

    @Override
    public boolean isTerminated() {
      return false;
    }

    @Override
    public ManagedChannel shutdownNow() {
      now = true;
      return shutdown();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
      waits.incrementAndGet();
      if (timeout > 0) {
        new CountDownLatch(1).await(timeout, unit);
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      return false;
    }

    @Override
    public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
      throw new UnsupportedOperationException();
    }

    @Override
    public String authority() {
      return "busy";
    }
  }

  private static ChannelPool busy(List<Busy> made) {
    return new ChannelPool(
        2,
        endpoint -> {
          Busy channel = new Busy();
          made.add(channel);
          return CompletableFuture.completedFuture(channel);
        });
  }

  @Test
  void whatLingers_isBounded_andEndsWithThePool() {
    List<Busy> made = new ArrayList<>();
    ChannelPool crowded = busy(made);
    for (int port = 1; port <= ChannelPool.MAX_LINGERING + 3; port++) {
      crowded.channel(new Endpoint("10.9.0.1", port));
    }
    assertThat(made.subList(0, ChannelPool.MAX_LINGERING))
        .allSatisfy(channel -> assertThat(channel.shutdown).isTrue())
        .noneSatisfy(channel -> assertThat(channel.now).isTrue());
    assertThat(made.get(ChannelPool.MAX_LINGERING).now).isTrue();
    Thread.currentThread().interrupt();
    crowded.close();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(made).allSatisfy(channel -> assertThat(channel.now).isTrue());
  }

  /** Else many channels would take as many seconds. */
  @Test
  void close_waitsASecondInAll() {
    List<Busy> made = new ArrayList<>();
    ChannelPool crowded = busy(made);
    for (int port = 1; port <= 100; port++) {
      crowded.channel(new Endpoint("10.9.0.1", port));
    }
    assertTimeoutPreemptively(Duration.ofSeconds(10), crowded::close);
    assertThat(made).anySatisfy(channel -> assertThat(channel.waits).hasValue(1));
  }
}
