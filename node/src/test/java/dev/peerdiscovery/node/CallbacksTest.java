package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class CallbacksTest {
  private final Queue<Runnable> threads = new ArrayDeque<>();
  private final Callbacks callbacks = new Callbacks(threads::add, Callbacks.MAX_RUNNING);
  private final List<Integer> told = new ArrayList<>();

  private void runAll() {
    for (Runnable next = threads.poll(); next != null; next = threads.poll()) {
      next.run();
    }
  }

  @Test
  void soMuchRunsAtATime_andTheRestWhenItsTurnComes() {
    for (int i = 0; i < Callbacks.MAX_RUNNING + 2; i++) {
      int number = i;
      callbacks.run(() -> told.add(number));
    }
    assertThat(threads).hasSize(Callbacks.MAX_RUNNING);
    threads.remove().run();
    assertThat(threads).as("the next one has the place").hasSize(Callbacks.MAX_RUNNING);
    runAll();
    assertThat(told).hasSize(Callbacks.MAX_RUNNING + 2).isSorted();
    for (int i = 0; i < Callbacks.MAX_RUNNING + 1; i++) {
      callbacks.run(() -> {});
    }
    assertThat(threads).as("all places are free again").hasSize(Callbacks.MAX_RUNNING);
  }

  @Test
  void whatThrows_givesItsPlaceBack_andKeepsNothingFromRunning() {
    for (int i = 0; i < 3 * Callbacks.MAX_RUNNING; i++) {
      int number = i;
      callbacks.run(
          () -> {
            told.add(number);
            throw new AssertionError("on purpose");
          });
    }
    runAll();
    assertThat(told).hasSize(3 * Callbacks.MAX_RUNNING);
  }

  @Test
  void inOrder_runsOneAfterAnother_afterAnErrorToo() {
    Executor inOrder = callbacks.inOrder();
    for (int i = 0; i < 3; i++) {
      int number = i;
      inOrder.execute(
          () -> {
            told.add(number);
            throw new StackOverflowError("on purpose");
          });
    }
    assertThat(threads).as("one place for all of them").hasSize(1);
    assertThat(told).isEmpty();
    runAll();
    assertThat(told).containsExactly(0, 1, 2);
  }

  @Test
  void observer_isToldInOrder_andOfWhatIsTooMuchNot() {
    List<Integer> dropped = new ArrayList<>();
    Consumer<Integer> observer = callbacks.observer(told::add, () -> dropped.add(1));
    for (int i = 0; i < Callbacks.MAX_WAITING_OF_OBSERVER + 3; i++) {
      observer.accept(i);
    }
    assertThat(told).isEmpty();
    assertThat(dropped).hasSize(3);
    runAll();
    assertThat(told).hasSize(Callbacks.MAX_WAITING_OF_OBSERVER).isSorted();
    observer.accept(7);
    runAll();
    assertThat(told).endsWith(7);
    assertThat(dropped).hasSize(3);
  }

  @Test
  void handedOutFuture_completesElsewhere() {
    CompletableFuture<Integer> future = new CompletableFuture<>();
    CompletableFuture<Integer> handedOut = callbacks.handOut(future);
    handedOut.thenAccept(told::add);
    future.complete(5);
    assertThat(told).isEmpty();
    runAll();
    assertThat(told).containsExactly(5);
    assertThat(callbacks.handOut(future)).isCompletedWithValue(5);
    assertThat(threads).isEmpty();
  }

  @Test
  void handedOutFuture_failsWithTheSame_andIsTheCallersOwn() {
    CompletableFuture<Integer> future = new CompletableFuture<>();
    CompletableFuture<Integer> handedOut = callbacks.handOut(future);
    callbacks.handOut(future).cancel(true);
    IllegalStateException error = new IllegalStateException("on purpose");
    future.completeExceptionally(error);
    runAll();
    ExecutionException failed =
        catchThrowableOfType(ExecutionException.class, () -> handedOut.get(1, TimeUnit.SECONDS));
    assertThat(failed).hasCause(error);
  }

  /** With threads: as many as block, and another one for what they wait for. */
  @Test
  void whatBlocks_canWaitForWhatIsHandedOut() throws Exception {
    Callbacks real = new Callbacks();
    CompletableFuture<Integer> first = new CompletableFuture<>();
    CompletableFuture<Integer> second = new CompletableFuture<>();
    CompletableFuture<Integer> after =
        real.handOut(first).thenApply(one -> one + real.handOut(second).join());
    first.complete(1);
    second.complete(2);
    assertThat(after.get(20, TimeUnit.SECONDS)).isEqualTo(3);
  }
}
