package dev.peerdiscovery.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class FailOverTest {
  private final RuntimeException worth = new IllegalStateException("worth another");
  private final RuntimeException notWorth = new IllegalArgumentException("not worth it");

  private final FailOver<String> nodes =
      new FailOver<>(List.of("a", "b", "c"), error -> error == worth);
  private final List<String> asked = new ArrayList<>();
  private final Map<String, CompletableFuture<Integer>> answers = new HashMap<>();

  private CompletableFuture<Integer> ask() {
    asked.clear();
    answers.clear();
    return nodes.ask(
        node -> {
          asked.add(node);
          return answers.computeIfAbsent(node, name -> new CompletableFuture<>());
        });
  }

  @Test
  void theOneThatAnswered_isAskedFirst() {
    CompletableFuture<Integer> answer = ask();
    assertThat(asked).containsExactly("a");
    answers.get("a").completeExceptionally(worth);
    // As it comes from a stage that depends on another.
    answers.get("b").completeExceptionally(new CompletionException(worth));
    assertThat(answer).isNotDone();
    answers.get("c").complete(7);
    assertThat(answer).isCompletedWithValue(7);
    assertThat(asked).containsExactly("a", "b", "c");
    assertThat(nodes.current()).isEqualTo("c");

    ask();
    answers.get("c").completeExceptionally(worth);
    assertThat(asked).containsExactly("c", "a");
  }

  @Test
  void eachIsAskedOnce_andTheLastErrorIsTold() {
    CompletableFuture<Integer> answer = ask();
    List.of("a", "b", "c").forEach(node -> answers.get(node).completeExceptionally(worth));
    assertThat(asked).containsExactly("a", "b", "c");
    assertThatThrownBy(answer::join).hasCause(worth);
    assertThat(nodes.current()).isEqualTo("a");
  }

  @Test
  void anErrorThatIsNotWorthAnother_isTheEnd() {
    CompletableFuture<Integer> answer = ask();
    answers.get("a").completeExceptionally(notWorth);
    assertThatThrownBy(answer::join).hasCause(notWorth);
    assertThat(asked).containsExactly("a");
  }

  @Test
  void aQuestionThatThrows_fails() {
    assertThatThrownBy(
            () ->
                nodes
                    .<Integer>ask(
                        node -> {
                          asked.add(node);
                          throw worth;
                        })
                    .join())
        .hasCause(worth);
    assertThat(asked).containsExactly("a", "b", "c");
  }

  @Test
  void anAnswerThatTheCallerEnds_cancelsTheAttempt_andNoOtherIsMade() {
    CompletableFuture<Integer> answer = ask();
    answers.get("a").completeExceptionally(worth);
    answer.completeExceptionally(notWorth);
    assertThat(answers.get("b")).isCancelled();
    assertThat(asked).containsExactly("a", "b");

    CompletableFuture<Integer> late = new CompletableFuture<>();
    CompletableFuture<Integer> stubborn =
        new CompletableFuture<>() {
          @Override
          public boolean cancel(boolean interrupt) {
            return false;
          }
        };
    asked.clear();
    nodes.ask(
        late,
        node -> {
          asked.add(node);
          return stubborn;
        });
    late.cancel(false);
    stubborn.completeExceptionally(worth);
    assertThat(asked).hasSize(1);
  }

  @Test
  void onlyTheCurrentOne_isTurnedFrom() {
    nodes.turnFrom("b");
    assertThat(nodes.current()).isEqualTo("a");
    nodes.turnFrom("a");
    nodes.turnFrom("a");
    assertThat(nodes.current()).isEqualTo("b");
    nodes.turnFrom("b");
    nodes.turnFrom("c");
    assertThat(nodes.current()).isEqualTo("a");
  }
}
