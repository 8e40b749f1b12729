package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.client.Ed25519;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class ProofsTest {
  private static final Bytes MESSAGE = Bytes.copyOf(new byte[] {1, 2, 3});

  private final NodeKey key = NodeKey.generate();
  private final List<Runnable> threads = new ArrayList<>();
  private final List<Bytes> signed = new ArrayList<>();
  private final Proofs proofs = new Proofs(key, threads::add);

  private boolean sign(String caller) {
    return proofs.sign(caller, MESSAGE, () -> true, signed::add).isEmpty();
  }

  private void runAll() {
    List.copyOf(threads).forEach(Runnable::run);
    threads.clear();
  }

  @Test
  void signs_elsewhere() {
    assertThat(sign("a")).isTrue();
    assertThat(signed).isEmpty();
    runAll();
    assertThat(signed).hasSize(1);
    assertThat(Ed25519.verify(key.publicKey(), MESSAGE, signed.get(0))).isTrue();
    assertThat(proofs.callersWaiting()).isZero();
  }

  @Test
  void aCaller_fillsHisPartOnly() {
    for (int i = 0; i < Proofs.MAX_WAITING_OF_CALLER; i++) {
      assertThat(sign("a")).isTrue();
    }
    assertThat(sign("a")).isFalse();
    assertThat(sign("b")).isTrue();
    runAll();
    assertThat(signed).hasSize(Proofs.MAX_WAITING_OF_CALLER + 1);
    assertThat(sign("a")).as("his turn has come").isTrue();
  }

  @Test
  void allCallersTogether_areBounded() {
    int accepted = 0;
    for (int i = 0; i < 2 * Proofs.MAX_WAITING; i++) {
      accepted += sign("caller " + i) ? 1 : 0;
    }
    assertThat(accepted).isEqualTo(Proofs.MAX_WAITING);
    assertThat(proofs.callersWaiting()).isEqualTo(Proofs.MAX_WAITING);
    runAll();
    assertThat(proofs.callersWaiting()).isZero();
  }

  @Test
  void whatIsRefused_takesNoPlace() {
    for (int i = 0; i < 2 * Proofs.MAX_WAITING; i++) {
      sign("a");
    }
    assertThat(sign("b")).as("only one caller waits").isTrue();
    runAll();
    assertThat(signed).hasSize(Proofs.MAX_WAITING_OF_CALLER + 1);
    assertThat(proofs.callersWaiting()).isZero();
    for (int i = 0; i < Proofs.MAX_WAITING_OF_CALLER; i++) {
      assertThat(sign("a")).isTrue();
    }
  }

  @Test
  void whatNobodyWaitsForAnyMore_isNotSigned() {
    proofs.sign("a", MESSAGE, () -> false, signed::add);
    runAll();
    assertThat(signed).isEmpty();
    assertThat(proofs.callersWaiting()).isZero();
  }

  @Test
  void withoutThreads_nothingIsPromised() {
    Proofs closed =
        new Proofs(
            key,
            task -> {
              throw new RejectedExecutionException();
            });
    assertThat(closed.sign("a", MESSAGE, () -> true, signed::add).orElseThrow().reason())
        .isEqualTo(Refusal.Reason.NOT_SERVING);
    assertThat(closed.callersWaiting()).isZero();
  }
}
