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

  /** Asks one node after another, each at most once. The error is the last one's. */
  <T> CompletableFuture<T> ask(Function<N, CompletableFuture<T>> question) {
    return ask(question, preferred, nodes.size());
  }

  private <T> CompletableFuture<T> ask(
      Function<N, CompletableFuture<T>> question, int at, int left) {
    return question
        .apply(nodes.get(at))
        .handle(
            (answer, error) -> {
              if (error == null) {
                preferred = at;
                return CompletableFuture.completedFuture(answer);
              }
              return left == 1 || !isWorthAnother.test(unwrapped(error))
                  ? CompletableFuture.<T>failedFuture(unwrapped(error))
                  : ask(question, (at + 1) % nodes.size(), left - 1);
            })
        .thenCompose(Function.identity());
  }

  static Throwable unwrapped(Throwable error) {
    return error instanceof CompletionException && error.getCause() != null
        ? error.getCause()
        : error;
  }
}
