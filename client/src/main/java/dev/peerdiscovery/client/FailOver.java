package dev.peerdiscovery.client;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Several nodes of which any can answer. A question goes to the one that answered last; when that
 * cannot, to the next. Thread-safe.
 */
final class FailOver<N> {
  private final List<N> nodes;
  private final Predicate<Throwable> isWorthAnother;

  private volatile int preferred;

  /**
   * Begins with the first node.
   *
   * @param nodes at least one, in the order in which they are tried
   * @param isWorthAnother whether after an error another node may do better
   */
  FailOver(List<N> nodes, Predicate<Throwable> isWorthAnother) {
    this.nodes = List.copyOf(nodes);
    this.isWorthAnother = isWorthAnother;
  }

  List<N> nodes() {
    return nodes;
  }

  /** The node whose turn it is. */
  N current() {
    return nodes.get(preferred);
  }

  /** Turns to the next node, unless somebody else has done so since {@code failed} was current. */
  synchronized void turnFrom(N failed) {
    if (current() == failed) {
      preferred = (preferred + 1) % nodes.size();
    }
  }

  /**
   * Asks one node after another, each at most once. The error is the last one's. When the answer is
   * completed by the caller, the attempt under way is cancelled, and no other is made.
   */
  <T> CompletableFuture<T> ask(Function<N, CompletableFuture<T>> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    ask(answer, question);
    return answer;
  }

  /** Asks as {@link #ask(Function)} does, for an answer that is there before the question. */
  <T> void ask(CompletableFuture<T> answer, Function<N, CompletableFuture<T>> question) {
    ask(answer, question, preferred, nodes.size());
  }

  private <T> void ask(
      CompletableFuture<T> answer, Function<N, CompletableFuture<T>> question, int at, int left) {
    CompletableFuture<T> attempt = attempt(question, nodes.get(at));
    answer.whenComplete((done, error) -> attempt.cancel(false));
    attempt.whenComplete(
        (value, error) -> {
          if (error == null) {
            preferred = at;
            answer.complete(value);
          } else if (left == 1 || answer.isDone() || !isWorthAnother.test(unwrapped(error))) {
            answer.completeExceptionally(unwrapped(error));
          } else {
            ask(answer, question, (at + 1) % nodes.size(), left - 1);
          }
        });
  }

  /** A question that throws fails as its answer would. */
  private static <N, T> CompletableFuture<T> attempt(
      Function<N, CompletableFuture<T>> question, N node) {
    try {
      return question.apply(node);
    } catch (Throwable thrown) {
      HostCode.passVirtualMachineErrors(thrown);
      return CompletableFuture.failedFuture(thrown);
    }
  }

  static Throwable unwrapped(Throwable error) {
    return error instanceof CompletionException && error.getCause() != null
        ? error.getCause()
        : error;
  }
}
