package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetTest {
  private static final long SECOND = 1_000_000_000;

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 200, 10_000})
  void oneSecondsWorthAtOnce_andThenTheRate(int perSecond) {
    Budget budget = new Budget(perSecond);
    assertThat(taken(budget, 0, 3 * perSecond)).isEqualTo(perSecond);
    assertThat(budget.take(0)).isFalse();
    int later = 0;
    for (int i = 1; i <= 100; i++) {
      later += taken(budget, i * SECOND / 10, perSecond);
    }
    assertThat(later).isBetween(10 * perSecond, 10 * perSecond + 1);
    // Rest is not saved up for longer than a second.
    assertThat(taken(budget, 1000 * SECOND, 3 * perSecond)).isEqualTo(perSecond);
  }

  private static int taken(Budget budget, long nowNanos, int wanted) {
    int taken = 0;
    for (int i = 0; i < wanted; i++) {
      taken += budget.take(nowNanos) ? 1 : 0;
    }
    return taken;
  }

  @Test
  void manyThreads_getNoMoreThanOne() throws Exception {
    Budget budget = new Budget(1000);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Integer>> tasks = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        tasks.add(() -> taken(budget, 5 * SECOND, 2000));
      }
      int all = 0;
      for (Future<Integer> each : threads.invokeAll(tasks)) {
        all += each.get();
      }
      assertThat(all).isEqualTo(1000);
    } finally {
      threads.shutdownNow();
    }
  }
}
