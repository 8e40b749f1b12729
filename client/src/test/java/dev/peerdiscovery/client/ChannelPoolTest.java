package dev.peerdiscovery.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.record.Endpoint;
import io.grpc.ManagedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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
}
