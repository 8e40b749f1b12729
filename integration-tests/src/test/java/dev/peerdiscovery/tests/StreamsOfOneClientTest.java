package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.peerdiscovery.client.DiscoveryClient;
import dev.peerdiscovery.client.PeerException;
import dev.peerdiscovery.client.Registration;
import dev.peerdiscovery.client.Watch;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.node.PeerNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** How many leases and watches one client can have at a real node, and what it is told then. */
class StreamsOfOneClientTest {
  /** What the README says. */
  private static final int MOST = 48;

  private static final Duration AT_ONCE = Duration.ofSeconds(5);

  @Test
  void theOneTooMany_isRefusedAtOnce_byName_andTakenOnceThereIsRoom() throws Exception {
    try (PeerNode node = PeerNode.builder().listen("127.0.0.1:0").start();
        DiscoveryClient client =
            DiscoveryClient.builder().via("127.0.0.1:" + node.port()).build()) {
      node.ready().join();
      List<Watch> watches = new ArrayList<>();
      for (int i = 0; i < MOST; i++) {
        watches.add(client.watch("service-" + i, change -> {}));
      }
      for (Watch watch : watches) {
        watch.synced().get(30, TimeUnit.SECONDS);
      }
      refused(() -> client.watch("one-more"));
      refused(() -> client.register(instance()));

      watches.get(0).close();
      await()
          .atMost(AT_ONCE)
          .ignoreExceptionsMatching(StreamsOfOneClientTest::isFull)
          .until(
              () -> {
                client.register(instance()).close();
                return true;
              });
    }
  }

  private static Registration instance() {
    return Registration.of("orders", "127.0.0.1:9").withCheck(Registration.Check.NONE);
  }

  private static void refused(ThrowingCallable call) {
    long began = System.nanoTime();
    assertThatThrownBy(call)
        .isInstanceOf(PeerException.class)
        .satisfies(error -> assertThat(isFull(error)).isTrue())
        .hasMessageContaining("" + MOST)
        .hasMessageContaining("--streams-per-connection");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(AT_ONCE);
  }

  private static boolean isFull(Throwable error) {
    return error instanceof PeerException peer
        && peer.outcome() instanceof Refusal refusal
        && refusal.reason() == Refusal.Reason.FULL;
  }
}
